//! Keys that were narrowed, and the ways around: bulk work, imports, sessions, the other endpoint.

use regserver::error::Code;

use crate::world::{Party, STRANGE, World};

/// Alice by keys of both kinds with that scope, at both endpoints, and by sessions of them.
fn narrowed<'w>(world: &'w World, scope: &str) -> Vec<Party<'w>> {
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=alice right={right}"));
    }
    let scope = format!("{scope},createsession");
    let keys = [world.person("alice", &scope), world.signing("alice", &scope)];
    let sessions = keys.clone().map(|key| key.session("", STRANGE));
    keys.into_iter().chain(sessions).flat_map(|party| [party.clone(), party.over_xml()]).collect()
}

#[track_caller]
fn lacks(party: &Party<'_>, command: &str, fields: &str, what: &str) {
    let reply = party.ask(command, fields).refused(Code::AccessDenied).second("-6");
    let message = reply.text("message");
    assert!(message.starts_with("Access denied: the scope of the key rk-"), "{message}");
    assert!(message.contains(&format!(" does not have {what};")), "{message}");
}

#[test]
fn work_on_many_needs_the_scope_of_what_it_does() {
    let world = World::new();
    let parties = narrowed(&world, "jobs:modify");
    let before = world.dump();
    for party in &parties {
        let bulk = "bulkcommand=removeuser userid=1,2";
        lacks(party, "runbulk", bulk, "removeuser");
        lacks(party, "importusers", "csv='username,email\nmallory,mallory@example.com'", "registeruser");
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn who_may_look_changes_nothing_and_shows_no_keys() {
    let world = World::new();
    for party in &narrowed(&world, "users:view,providers:view,server:view") {
        for (command, fields) in [
            ("setlanguage", "username=alice language=de"),
            ("registeruser", "username=mallory useremail=mallory@example.com"),
            ("showservicekey", "serviceid=1"),
            ("createservice", "servicename=mallory addresses=192.0.2.99"),
            ("grantright", "username=edgar right=API-ACCESS"),
            ("revokeapikey", "keyid=1"),
            ("loginuser", "username=edgar password=queen-2026"),
        ] {
            lacks(party, command, fields, command);
        }
        party.ask("getuserdata", "username=edgar").done();
    }
}

#[test]
fn the_name_of_a_command_has_one_writing() {
    let world = World::new();
    for party in &narrowed(&world, "users:view") {
        for name in
            ["REMOVEUSER", "removeUser", "getuserdata removeuser", "getuserdata;removeuser", "remove user"]
        {
            party.ask(name, "username=alice").plainly(Code::InvalidCommand);
        }
    }
    let key = world.person("alice", "users:view");
    let twice = r#"{"command":"getuserdata","command":"removeuser","username":"alice"}"#;
    key.body(twice.as_bytes()).plainly(Code::InvalidXml);
    let twice = "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>getuserdata</command>\
                 <command>removeuser</command><username>alice</username></teamdrive>";
    // Of an element that is there twice one counts, for the scope as for what is done.
    assert_eq!(key.over_xml().body(twice.as_bytes()).done().text("username"), "alice");
    world.call("getuserdata username=alice").done();
}
