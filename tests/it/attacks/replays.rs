//! Calls that were overheard and are sent again: to another path, over another connection, for another user, in
//! another form.

use regserver::error::Code;

use crate::world::{Party, Reply, STRANGE, World};

const ALICE: &str = "username=alice";
const RIGHT: &str = "username=alice password=wonder-2026";

#[track_caller]
fn replayed(reply: Reply) {
    let again = "Invalid Request: this request was already accepted; send a new requesttime";
    reply.refused(Code::InvalidRequest).says(again);
}

/// Somebody else has read that body and its signature.
fn overheard<'w>(party: &Party<'w>, from: &str) -> Party<'w> {
    party.clone().from(from)
}

#[test]
fn an_overheard_call_opens_no_session() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let said = "Invalid Request: this path is createsession, and the body that was signed says getversion";
    for encrypted in [world.signing("alice", ""), site.acting_for(&carol), site.of("carol")] {
        let body = encrypted.json("getversion", "");
        encrypted.clone().in_plain_text().body(body.as_bytes()).done();
        for thief in [overheard(&encrypted, STRANGE), overheard(&encrypted, "192.0.2.99")] {
            let thief = thief.at_the_session_endpoint();
            thief.body(body.as_bytes()).refused(Code::InvalidRequest).says(said);
            let form = format!("data={body}");
            thief.body(form.as_bytes()).refused(Code::InvalidRequest).says(said);
        }
        // Whoever means it says so, or nothing.
        encrypted.clone().at_the_session_endpoint().body(b"{}").done();
        encrypted.at_the_session_endpoint().body(br#"{"command":"createsession"}"#).done();
        world.pass(1);
    }
    let portal = world.service("portal").over_json();
    let body = portal.json("getversion", "username=alice IP=192.0.2.99");
    portal.at_the_session_endpoint().body(body.as_bytes()).refused(Code::InvalidRequest).says(said);
    assert_eq!(world.call("searchsession username=alice").done().texts("openedby").len(), 2);
}

#[test]
fn a_call_in_plain_text_does_not_come_again_over_tls() {
    let world = World::new();
    let alice = world.signing("alice", "");
    for (command, fields) in [("getuserdata", ALICE), ("setlanguage", "username=alice language=de")] {
        for party in [alice.clone(), alice.clone().over_xml()] {
            world.pass(1);
            let body = party.written(command, fields);
            let body = body.as_bytes();
            party.clone().in_plain_text().body(body).done();
            replayed(overheard(&party, "192.0.2.99").body(body));
            world.pass(300);
            replayed(overheard(&party, "192.0.2.99").body(body));
            world.pass(1);
            let late = overheard(&party, "192.0.2.99").body(body).refused(Code::InvalidRequest);
            late.says("Invalid Request: requesttime is -301 seconds off; 300 are allowed");
        }
    }
}

#[test]
fn nor_after_a_restart() {
    let mut world = World::new();
    world.pass(60);
    let made = world.call("createapikey username=alice kind=signing").done();
    let (key, secret) = (made.text("key"), made.text("secret"));
    let bodies = {
        let alice = Party::signing(&world, None, Some(&key), &secret);
        let bodies =
            [alice.json("getuserdata", ALICE), alice.json("setlanguage", "username=alice language=de")];
        bodies.iter().for_each(|body| drop(alice.clone().in_plain_text().body(body.as_bytes()).done()));
        bodies
    };
    world.pass(1);
    world.restart();
    let alice = Party::signing(&world, None, Some(&key), &secret);
    let reply = alice.body(bodies[0].as_bytes()).refused(Code::InvalidRequest);
    reply.says("Invalid Request: requesttime is before the start of the server; send the call again");
    replayed(alice.body(bodies[1].as_bytes()));
}

#[test]
fn over_tls_alone_the_same_call_may_come_twice() {
    let world = World::new();
    let alice = world.signing("alice", "");
    for body in [alice.json("getuserdata", ALICE), alice.json("setlanguage", "username=alice language=de")] {
        alice.body(body.as_bytes()).done();
        alice.body(body.as_bytes()).done();
    }
}

#[test]
fn a_login_without_a_hash_leaves_its_mark() {
    let mut world = World::new();
    let made = world.call("createapikey username=alice kind=signing").done();
    let (key, secret) = (made.text("key"), made.text("secret"));
    let bodies = {
        let alice = Party::signing(&world, None, Some(&key), &secret);
        alice.ask("loginuser", RIGHT).done();
        world.pass(1);
        let bodies = [
            alice.json("loginuser", RIGHT),
            alice.json("loginuser", &format!("{RIGHT} idempotencykey=once")),
        ];
        for body in &bodies {
            let (plain, runs) = (alice.clone().in_plain_text(), world.hash_runs());
            plain.body(body.as_bytes()).done();
            assert_eq!(world.hash_runs(), runs, "it is warm");
            replayed(plain.body(body.as_bytes()));
            replayed(overheard(&plain, "192.0.2.99").body(format!("data={body}").as_bytes()));
            replayed(alice.body(body.as_bytes()));
        }
        bodies
    };
    world.restart();
    let alice = Party::signing(&world, None, Some(&key), &secret).in_plain_text();
    bodies.iter().for_each(|body| replayed(alice.body(body.as_bytes())));
}

#[test]
fn a_signature_of_a_site_serves_for_one_user_once() {
    let world = World::new();
    let site = world.site("tickets");
    let (carol, david) = (site.registers("carol"), site.registers("david"));
    // The header that names the user is not signed.
    let (own, other) = (site.acting_for(&carol).in_plain_text(), site.acting_for(&david).in_plain_text());
    let read = own.json("getversion", "");
    own.body(read.as_bytes()).done();
    replayed(other.body(read.as_bytes()));
    replayed(site.alone().in_plain_text().body(read.as_bytes()));
    let change = own.json("loginuser", "username=carol password=sekret-1234");
    own.body(change.as_bytes()).done();
    replayed(other.body(change.as_bytes()));
    site.alone().in_plain_text().body(change.as_bytes()).refused(Code::AccessDenied).second("-6");
    // What says whose it is, is not another's.
    let change = own.json("setlanguage", "username=carol language=de");
    other.body(change.as_bytes()).refused(Code::AccessDenied).second("-6");
    own.body(change.as_bytes()).done();
    replayed(own.body(change.as_bytes()));
}

#[test]
fn a_form_is_no_other_call() {
    let world = World::new();
    let alice = world.signing("alice", "").in_plain_text();
    for (command, fields) in [("getuserdata", ALICE), ("setlanguage", "username=alice language=de")] {
        let body = alice.json(command, fields);
        alice.body(body.as_bytes()).done();
        replayed(alice.body(format!("data={body}").as_bytes()));
        let escaped: String = body.bytes().map(|byte| format!("%{byte:02x}")).collect();
        replayed(alice.body(format!("a=b&data={escaped}").as_bytes()));
    }
}

#[test]
fn no_session_is_told_in_plain_text() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let signing = world.signing("alice", "");
    for party in [signing, site.acting_for(&carol)] {
        for party in [party.clone(), party.clone().over_xml(), party.at_the_session_endpoint()] {
            party.clone().in_plain_text().ask("createsession", "").turned_away(Code::AccessDenied);
            world.pass(1);
            party.ask("createsession", "").done();
        }
    }
    let stranger = world.stranger().in_plain_text();
    stranger.ask("createsession", RIGHT).turned_away(Code::AccessDenied);
    stranger.ask("loginuser", RIGHT).done();
    // A service's call is as safe as the line that its operator has chosen.
    world.service("portal").ask("createsession", "username=alice IP=192.0.2.44").done();
}
