//! The scope of a key: it only ever takes away.

use regserver::error::Code;

use crate::world::{Party, World};

#[track_caller]
fn lacks(party: &Party<'_>, command: &str, fields: &str) {
    let reply = party.ask(command, fields).refused(Code::AccessDenied).second("-6");
    let message = reply.text("message");
    let (begin, end) = (
        "Access denied: the scope of the key rk-",
        format!(" does not have {command}; its user can make a key that has it"),
    );
    assert!(message.starts_with(begin) && message.ends_with(&end), "{message}");
}

#[test]
fn a_noun_to_view_or_to_modify() {
    let world = World::new();
    let looks = world.person("alice", "users:view");
    looks.ask("getuserdata", "username=alice").done();
    lacks(&looks, "setlanguage", "username=alice language=de");
    lacks(&looks, "getdevices", "username=alice");
    lacks(&looks, "searchapikey", "");
    let modifies = world.person("alice", "users:modify");
    modifies.ask("getuserdata", "username=alice").done();
    modifies.ask("setlanguage", "username=alice language=de").done();
    lacks(&modifies, "getdevices", "username=alice");
}

#[test]
fn one_command_to_view_or_to_modify() {
    let world = World::new();
    let looks = world.person("alice", "getuserdata");
    looks.ask("getuserdata", "username=alice").done();
    lacks(&looks, "searchuser", "username=alice");
    let changes = world.person("alice", "setlanguage");
    changes.ask("setlanguage", "username=alice language=de").done();
    lacks(&changes, "getuserdata", "username=alice");
    let two = world.person("alice", "devices:view,setlanguage:modify");
    two.ask("getdevices", "username=alice").done();
    two.ask("setlanguage", "username=alice language=en").done();
    lacks(&two, "registerdevice", "username=alice devicename=Phone platform=ios");
    // What everybody may do, a key with a scope may not.
    lacks(&two, "getversion", "");
    lacks(&two, "loginuser", "username=alice password=wonder-2026");
}

#[test]
fn a_scope_gives_nothing_that_the_user_lacks() {
    let world = World::new();
    let alice = world.person("alice", "users:modify,devices:modify,providers:modify,server:modify");
    alice.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
    alice.ask("removeuser", "username=alice").refused(Code::AccessDenied).second("-6");
    alice.ask("searchuser", "username=alice").refused(Code::AccessDenied).second("-6");
    alice.ask("grantright", "username=alice right=API-ACCESS").refused(Code::AccessDenied).second("-6");
    // Both are asked when they change: the user gets the right, and the old key has it.
    world.call("grantright username=alice right=API-ACCESS").done();
    alice.ask("searchuser", "username=alice").done();
    world.call("revokeright username=alice right=API-ACCESS").done();
    alice.ask("searchuser", "username=alice").refused(Code::AccessDenied).second("-6");
}

#[test]
fn what_shows_a_key_counts_as_a_change() {
    let world = World::new();
    for right in ["API-ACCESS", "SUPER-USER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let looks = world.person("alice", "providers:view");
    looks.ask("searchservice", "").done();
    lacks(&looks, "showservicekey", "servicename=portal");
    let modifies = world.person("alice", "providers:modify");
    let shown = modifies.ask("showservicekey", "servicename=portal").done();
    assert_eq!(shown.text("servicekey"), "portal-key-of-the-tests");
    let named = world.person("alice", "showservicekey");
    named.ask("showservicekey", "servicename=portal").done();
}

#[test]
fn the_list_shows_the_scope() {
    let world = World::new();
    world.person("alice", "users:view,setlanguage,getversion");
    world.person("alice", "");
    let listed = world.service("portal").over_json().ask("searchapikey", "username=alice").done().json();
    let keys = listed["apikeylist"]["apikey"].as_array().unwrap();
    assert_eq!(keys[0]["scope"], serde_json::json!(["users:view", "setlanguage:modify", "getversion:view"]));
    assert_eq!(keys[1]["scope"], serde_json::json!([]));
}

#[test]
fn a_scope_that_cannot_be_read_is_explained() {
    let world = World::new();
    for (scope, why) in [
        (
            "events:view",
            "events is neither a command nor one of users, devices, licenses, depots, groups, accounts, providers, jobs, mail, server",
        ),
        ("users", "users needs to end in :view or :modify"),
        ("users:edit", "users:edit needs to end in :view or :modify"),
        ("users:view:modify", "users:view:modify needs to end in :view or :modify"),
        (
            "Users:view",
            "Users is neither a command nor one of users, devices, licenses, depots, groups, accounts, providers, jobs, mail, server",
        ),
        (
            "users:view,nonsense",
            "nonsense is neither a command nor one of users, devices, licenses, depots, groups, accounts, providers, jobs, mail, server",
        ),
        (
            "setlanguage:view",
            "setlanguage changes something or shows what opens doors: write it with :modify",
        ),
        (
            "showservicekey:view",
            "showservicekey changes something or shows what opens doors: write it with :modify",
        ),
    ] {
        let reply = world.call(&format!("createapikey username=alice kind=basic scope={scope}"));
        reply.refused(Code::InvalidRequest).says(&format!("Invalid Request: scope: {why}"));
    }
    let many = vec!["users:view"; 201].join(",");
    let reply = world.call(&format!("createapikey username=alice kind=basic scope={many}"));
    reply.refused(Code::InvalidRequest).says("Invalid Request: scope has more than 200 entries");
    assert_eq!(world.call("searchapikey username=alice").done().find("keyid"), None);
}
