//! Between a change's admission and its commit the right to it may be taken: it is asked again behind all
//! changes that were made meanwhile.
//!
//! Each call here is admitted and has had its look; then something else is committed, and then it goes on.

use regserver::access::Class;
use regserver::command::{Effect, Entry};
use regserver::commands;
use regserver::error::Code;
use regserver::gate::checksum::Method;

use super::{class_of, rows, success, unchanged};
use crate::world::{Party, Reply, STRANGE, World};

const RIGHTS: [&str; 3] = ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"];

/// A world in which carol has one of everything, each of number 1, and alice every right.
fn world() -> World {
    let world = World::new();
    for line in [
        "registeruser username=carol useremail=carol@example.com activate=true",
        "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
        "createdepot username=carol hosturl=https://host.example.com",
        "createapikey username=carol kind=basic",
        "createsession username=carol IP=192.0.2.44",
        "createservice servicename=tickets addresses=192.0.2.7",
        "createservice servicename=narrow addresses=192.0.2.8",
        "registeruser username=david useremail=david@example.com",
        "createsite sitename=tickets",
    ] {
        world.call(line).done();
    }
    for right in RIGHTS {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    world
}

/// The changes that are about somebody, or need a right; what is public, whoever calls may do.
fn changes() -> impl Iterator<Item = (&'static Entry, String)> {
    let writes = commands::all().filter(|entry| entry.effect == Effect::Writes);
    let calls = writes
        .map(|entry| (entry, success(entry).call.replace("{code}", "x").replace("carol@", "caroline@")));
    calls.filter(|(entry, fields)| class_of(entry, fields) != Class::Public)
}

/// Each change by that party, behind that call; how many there were, and how each was answered.
fn behind(
    make: impl for<'w> Fn(&'w World) -> Party<'w>,
    meanwhile: &str,
    of: impl Fn(&Entry, &str) -> bool,
    answer: impl Fn(Reply),
) -> usize {
    let mut count = 0;
    for (entry, fields) in changes().filter(|(entry, fields)| of(entry, fields)) {
        let world = world();
        let party = make(&world);
        let call = party.begin(entry.name, &fields);
        if !call.waits() {
            // A look has refused it: keys make no keys.
            continue;
        }
        world.call(meanwhile).done();
        let before = rows(&world);
        answer(call.end());
        unchanged(&before, &rows(&world), &format!("{} behind {meanwhile}", entry.name));
        count += 1;
    }
    count
}

fn key(world: &World) -> Party<'_> {
    world.person("alice", "")
}

fn by_password(world: &World) -> Party<'_> {
    world.stranger().session("username=alice password=wonder-2026", STRANGE)
}

fn by_service(world: &World) -> Party<'_> {
    narrow(world).session("username=alice", STRANGE)
}

fn signing(world: &World) -> Party<'_> {
    world.signing("alice", "")
}

/// A site that alice has authorised.
fn at_site(world: &World) -> Party<'_> {
    let site = world.site("shop");
    site.authorised_by("alice", "wonder-2026");
    site.of("alice")
}

fn by_site(world: &World) -> Party<'_> {
    at_site(world).session("", STRANGE)
}

/// The service that is changed meanwhile, with a key that the test knows.
fn narrow(world: &World) -> Party<'_> {
    let key = world.call("rotateservicekey servicename=narrow").done().text("servicekey");
    world.party("192.0.2.8", Method::Md5Key, &key)
}

fn every(_: &Entry, _: &str) -> bool {
    true
}

/// Whoever called is nobody any more: HTTP 403, as at the gate.
fn ended(reply: Reply) {
    assert_eq!(
        (reply.code(), reply.answer.status),
        (Some(Code::AccessDenied as i64), 403),
        "{}",
        reply.body()
    );
    assert_eq!((reply.text("message").as_str(), reply.text("secondarycode").as_str()), ("Access denied", ""));
}

fn insufficient(reply: Reply) {
    reply.refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_credential_that_ended_meanwhile_changes_nothing() {
    assert!(behind(key, "revokeapikey keyid=2", every, ended) > 25);
    assert!(behind(by_password, "endsession sessionid=2", every, ended) > 25);
    for (meanwhile, party) in [
        ("disableuser username=alice", key as fn(&World) -> Party<'_>),
        ("deactivateuser username=alice", key),
        ("removeuser username=alice", key),
        ("setpassword username=alice newpassword=other-2026", by_password),
        ("revokeright username=alice right=EDIT-PROVIDER", by_password),
        ("updateservice servicename=narrow enabled=false", by_service),
        ("revokeapikey keyid=2", signing),
        ("disableuser username=alice", at_site),
        ("revokesite username=alice site=shop", at_site),
        ("revokesite username=alice site=shop", by_site),
        ("updatesite sitename=shop enabled=false", at_site),
        ("updatesite sitename=shop enabled=false", by_site),
        ("deletesite sitename=shop", at_site),
        ("rotatesitekey sitename=shop overlap=0", at_site),
        ("rotatesitekey sitename=shop overlap=0", by_site),
    ] {
        let some =
            |entry: &Entry, _: &str| ["setlanguage", "setdepartment", "grantright"].contains(&entry.name);
        assert_eq!(behind(party, meanwhile, some, ended), 3, "{meanwhile}");
    }
}

#[test]
fn a_right_that_was_taken_meanwhile_changes_nothing() {
    let count = behind(key, "revokeright username=alice right=API-ACCESS", every, insufficient);
    assert!(count > 25, "{count}");
    let server = |entry: &Entry, _: &str| entry.class == Class::Server;
    assert_eq!(behind(key, "revokeright username=alice right=SUPER-USER", server, insufficient), 9);
}

#[test]
fn a_list_that_was_narrowed_meanwhile_changes_nothing() {
    let list = "updateservice servicename=narrow commands=createsession";
    for party in [narrow as fn(&World) -> Party<'_>, by_service] {
        let count = behind(party, list, |entry, _| entry.name != "createsession", insufficient);
        assert!(count > 25, "{count}");
    }
}

#[test]
fn a_subject_who_got_a_right_meanwhile_is_not_changed() {
    let about_carol = |entry: &Entry, fields: &str| {
        fields.contains("carol") && !["registeruser", "importusers"].contains(&entry.name)
    };
    let mut count = 0;
    for (entry, fields) in changes().filter(|(entry, fields)| about_carol(entry, fields)) {
        let world = world();
        world.call("revokeright username=alice right=SUPER-USER").done();
        let call = key(&world).begin(entry.name, &fields);
        if !call.waits() {
            continue;
        }
        world.call("grantright username=carol right=SUPER-USER").done();
        let before = rows(&world);
        let text = "Access denied: this user holds the right SUPER-USER, which the caller lacks";
        call.end().refused(Code::AccessDenied).second("-6").says(text);
        unchanged(&before, &rows(&world), entry.name);
        count += 1;
    }
    assert!(count > 15, "{count}");
}

/// So that the laws above do not hold because nothing goes on at all.
#[test]
fn what_was_not_taken_goes_on() {
    let world = world();
    let site = at_site(&world);
    for party in [
        key(&world),
        by_password(&world),
        by_service(&world),
        narrow(&world),
        signing(&world),
        site.session("", STRANGE),
        site,
    ] {
        let call = party.begin("setlanguage", "username=carol language=de");
        assert!(call.waits());
        world.call("setdepartment username=alice department=Attic").done();
        call.end().done();
        world.call("setlanguage username=carol language=en").done();
    }
}
