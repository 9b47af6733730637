//! Nobody uses a command on a user who holds a right they lack, grants such a right, or grants themselves one.

use regserver::access::{NEVER_BY_LIST, views};
use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;
use regserver::gate::checksum::Method;

use super::{class_of, rows, success, takes_id, unchanged};
use crate::world::{Reply, World};

const RIGHTS: [&str; 3] = ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"];

/// Gives that user of that service one of everything, each of number 1, and those rights.
fn with_holder(world: &World, service: &str, (holder, password): (&str, &str), rights: &[&str]) {
    let service = world.service(service);
    service.ask("registerdevice", &format!("username={holder} devicename=Laptop platform=linux")).done();
    service.ask("createdepot", &format!("username={holder} hosturl=https://h.example.com")).done();
    service.ask("createapikey", &format!("username={holder} kind=basic")).done();
    service.ask("creategroup", &format!("username={holder} groupname=Team groupreference=north")).done();
    service.ask("userjoinedgroup", &format!("username={holder} groupreference=north")).done();
    grant(world, holder, rights);
    // Last, because a right that is granted ends all sessions, and by the password, because a service may not.
    service.session(&format!("username={holder} password={password}"), "192.0.2.44");
}

/// The world with carol, the fifth user.
fn with_carol(rights: &[&str]) -> World {
    let world = World::new();
    let fields = "username=carol useremail=carol@example.com password=sekret-1234 activate=true";
    world.service("portal").ask("registeruser", fields).done();
    with_holder(&world, "portal", ("carol", "sekret-1234"), rights);
    world
}

/// By the default provider, which has every right.
fn grant(world: &World, holder: &str, rights: &[&str]) {
    for right in rights {
        world.call(&format!("grantright username={holder} right={right}")).done();
    }
}

/// The commands with a subject, and a call of each about that user.
fn about(holder: &str) -> impl Iterator<Item = (&'static Entry, String)> {
    let with_subject = |entry: &&Entry| {
        let belongs = |name: &str| super::fields(entry).any(|field| field.name == name);
        takes_id(entry) || belongs("keyid") || belongs("sessionid")
    };
    let call = move |entry: &'static Entry| {
        let fields = success(entry).call.replace("{code}", "x");
        let user = |text: &str| text.replace("useroremail=carol@example.com", &format!("username={holder}"));
        (
            entry,
            user(&fields).replace("=carol ", &format!("={holder} ")).replace("=carol", &format!("={holder}")),
        )
    };
    let calls: Vec<_> = commands::all().filter(with_subject).map(call).collect();
    calls.into_iter().filter(|(entry, fields)| class_of(entry, fields) != regserver::access::Class::Public)
}

#[track_caller]
fn lacks(reply: Reply, right: &str) {
    let text = format!("Access denied: this user holds the right {right}, which the caller lacks");
    reply.refused(Code::AccessDenied).second("-6").says(&text);
}

#[test]
fn no_person_uses_a_command_on_a_user_who_holds_a_right_they_lack() {
    let mut count = 0;
    for missing in RIGHTS.iter().skip(1) {
        let world = with_carol(&[missing]);
        let own: Vec<&str> = RIGHTS.into_iter().filter(|right| right != missing).collect();
        grant(&world, "alice", &own);
        let alice = world.person("alice", "");
        let session = world.stranger().session("username=alice password=wonder-2026", crate::world::STRANGE);
        let before = rows(&world);
        for (entry, fields) in about("carol") {
            for party in [&alice, &session] {
                lacks(party.ask(entry.name, &fields), missing);
                count += 1;
            }
        }
        unchanged(&before, &rows(&world), missing);
    }
    assert!(count > 80, "{count}");
}

#[test]
fn a_service_of_another_provider_changes_no_user_who_holds_the_server() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    with_holder(&world, "shop", ("sheila", "queen-2026"), &["SUPER-USER"]);
    let shop = world.service("shop");
    let before = rows(&world);
    let (mut refused, mut looked) = (0, 0);
    for (entry, fields) in about("sheila") {
        let reply = shop.ask(entry.name, &fields);
        match views(entry) {
            true => looked += usize::from(reply.done().code().is_none()),
            false => {
                lacks(reply, "SUPER-USER");
                refused += 1;
            }
        }
    }
    unchanged(&before, &rows(&world), "the service");
    assert!(refused > 15 && looked > 3, "{refused} {looked}");
    // What it has itself, it may change in others.
    grant(&world, "bruno", &["API-ACCESS", "EDIT-PROVIDER"]);
    world.service("branch").ask("setdepartment", "username=bruno department=Attic").done();
}

#[test]
fn a_service_with_a_list_changes_no_user_who_holds_any_right() {
    let (mut refused, mut looked) = (0, 0);
    for right in RIGHTS {
        let world = with_carol(&[right]);
        let list: Vec<&str> = commands::all().map(|entry| entry.name).collect();
        let fields = format!("servicename=narrow addresses=192.0.2.7 commands={}", list.join(","));
        let key = world.service("portal").ask("createservice", &fields).done().text("servicekey");
        let narrow = world.party("192.0.2.7", Method::Md5Key, &key);
        let before = rows(&world);
        for (entry, fields) in about("carol") {
            let reply = narrow.ask(entry.name, &fields);
            if NEVER_BY_LIST.contains(&entry.name) {
                reply.refused(Code::AccessDenied).second("-6");
            } else if views(entry) {
                looked += usize::from(reply.done().code().is_none());
            } else {
                lacks(reply, right);
                refused += 1;
            }
        }
        unchanged(&before, &rows(&world), right);
    }
    assert!(refused > 45 && looked > 9, "{refused} {looked}");
}

#[test]
fn nobody_grants_what_they_lack() {
    for (own, missing) in
        [(["API-ACCESS", "EDIT-PROVIDER"], "SUPER-USER"), (["API-ACCESS", "SUPER-USER"], "EDIT-PROVIDER")]
    {
        let world = World::new();
        grant(&world, "alice", &own);
        let alice = world.person("alice", "");
        let text = format!("Access denied: only who has the right {missing} can grant it");
        let before = rows(&world);
        let fields = format!("username=edgar right={missing}");
        alice.ask("grantright", &fields).refused(Code::AccessDenied).second("-6").says(&text);
        unchanged(&before, &rows(&world), missing);
        for right in own {
            alice.ask("grantright", &format!("username=edgar right={right}")).done();
        }
    }
    let world = World::new();
    let shop = world.service("shop");
    let refusal = shop.ask("grantright", "username=sheila right=SUPER-USER");
    refusal
        .refused(Code::AccessDenied)
        .second("-6")
        .says("Access denied: only who has the right SUPER-USER can grant it");
    shop.ask("grantright", "username=sheila right=EDIT-PROVIDER").done();
}

#[test]
fn nobody_grants_themselves_a_right() {
    for own in [["API-ACCESS", "EDIT-PROVIDER"], ["API-ACCESS", "SUPER-USER"]] {
        let world = World::new();
        grant(&world, "alice", &own);
        let session = world.service("portal").session("username=alice", crate::world::STRANGE);
        for party in [world.person("alice", ""), session] {
            for right in RIGHTS {
                let reply = party.ask("grantright", &format!("useroremail=alice@example.com right={right}"));
                let text = "Access denied: nobody grants a right to themselves";
                reply.refused(Code::AccessDenied).second("-6").says(text);
            }
        }
        // One may give a right up.
        world.person("alice", "").ask("revokeright", "username=alice right=API-ACCESS").done();
        assert_eq!(world.call("getrights username=alice").done().texts("right"), own[1..]);
    }
}

#[test]
fn a_session_that_a_service_opened_has_no_right_that_the_service_lacks() {
    let world = World::new();
    grant(&world, "alice", &["API-ACCESS"]);
    let fields = "servicename=narrow addresses=192.0.2.7";
    let key = world.service("portal").ask("createservice", fields).done().text("servicekey");
    let narrow = world.party("192.0.2.7", Method::Md5Key, &key);
    let alice = narrow.session("username=alice", crate::world::STRANGE);
    alice.ask("getuserdata", "username=edgar").done();
    // The service gets a list, and so could not open such a session any more.
    world.call("updateservice servicename=narrow commands=createsession,getuserdata,searchuser").done();
    alice.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
    alice.ask("searchuser", "onlyownusers=true").refused(Code::AccessDenied).second("-6");
    alice.ask("getuserdata", "username=alice").done();
    narrow.ask("createsession", "username=alice IP=192.0.2.44").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_key_opens_sessions_of_its_own_user_only() {
    let world = World::new();
    grant(&world, "alice", &RIGHTS);
    let alice = world.person("alice", "");
    let text = "Access denied: a key opens sessions of its own user only";
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    alice.ask("createsession", "username=carol IP=192.0.2.44").refused(Code::AccessDenied).says(text);
    alice.ask("createsession", "username=alice IP=192.0.2.44").done();
}
