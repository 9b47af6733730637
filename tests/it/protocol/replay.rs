//! The time window and the protection against replays, for reads and for changes.

use regserver::error::Code;

use crate::world::{Reply, World};

const REPLAYED: &str = "Invalid Request: this request was already accepted; send a new requesttime";

fn protected() -> World {
    World::with(|config| {
        config.server("RequestTimeWindow", "300").server("ReplayProtection", "True");
    })
}

fn replayed(reply: Reply) {
    reply.refused(Code::InvalidRequest).says(REPLAYED);
}

#[test]
fn without_protection_the_same_bytes_are_two_calls() {
    let world = World::new();
    let party = world.service("portal");
    for (command, fields) in [("getversion", ""), ("sendpassword", "username=alice")] {
        let body = party.xml(command, fields);
        party.body(body.as_bytes()).done();
        party.body(body.as_bytes()).done();
    }
    assert_eq!(world.mails().len(), 2);
}

#[test]
fn the_same_bytes_are_accepted_once() {
    let world = protected();
    let party = world.service("portal");
    for (command, fields) in
        [("getversion", ""), ("searchuser", "username=alice"), ("sendpassword", "username=alice")]
    {
        let body = party.xml(command, fields);
        party.body(body.as_bytes()).done();
        replayed(party.body(body.as_bytes()));
        world.pass(300);
        replayed(party.body(body.as_bytes()));
        world.pass(1);
        let late = party.body(body.as_bytes()).refused(Code::InvalidRequest);
        late.says("Invalid Request: requesttime is -301 seconds off; 300 are allowed");
        party.ask(command, fields).done();
    }
}

#[test]
fn a_request_from_the_future_is_remembered_until_it_is_past() {
    let world = protected();
    let party = world.service("portal");
    for (command, fields) in [("getversion", ""), ("sendpassword", "username=alice")] {
        let ahead = format!("{fields} requesttime={}", world.seconds() + 300);
        let body = party.xml(command, &ahead);
        party.body(body.as_bytes()).done();
        for _ in 0..2 {
            world.pass(300);
            replayed(party.body(body.as_bytes()));
        }
        world.pass(1);
        party.body(body.as_bytes()).refused(Code::InvalidRequest);
    }
}

#[test]
fn a_restart_forgets_nothing() {
    let mut world = protected();
    let read = world.service("portal").xml("getversion", "");
    let change = world.service("portal").xml("sendpassword", "username=alice");
    world.service("portal").body(read.as_bytes()).done();
    world.service("portal").body(change.as_bytes()).done();
    world.pass(1);
    world.restart();
    let before_start = "Invalid Request: requesttime is before the start of the server; send the call again";
    for body in [read, change] {
        world.service("portal").body(body.as_bytes()).refused(Code::InvalidRequest).says(before_start);
    }
    assert_eq!(world.mails().len(), 1);
}

#[test]
fn a_change_is_remembered_over_a_restart_within_its_second() {
    let mut world = protected();
    let change = world.service("portal").xml("sendpassword", "username=alice");
    world.service("portal").body(change.as_bytes()).done();
    world.restart();
    replayed(world.service("portal").body(change.as_bytes()));
}

#[test]
fn two_services_may_send_the_same_bytes() {
    let world = protected();
    let portal = world.service("portal");
    let body = portal.xml("getversion", "");
    portal.body(body.as_bytes()).done();
    world.service("gate").body(body.as_bytes()).done();
    world.service("legacy").body(body.as_bytes()).done();
    replayed(world.service("gate").body(body.as_bytes()));
}

#[test]
fn a_refused_change_may_be_sent_again() {
    let world = protected();
    let party = world.service("portal");
    let body = party.xml("sendpassword", "username=carol");
    party.body(body.as_bytes()).plainly(Code::UserUnknown);
    party.ask("registeruser", "username=carol useremail=carol@example.com").done();
    party.body(body.as_bytes()).done();
    replayed(party.body(body.as_bytes()));
}

#[test]
fn an_identical_body_is_refused_also_with_an_idempotency_key() {
    let world = protected();
    let party = world.service("portal");
    let body = party.xml("sendpassword", "username=alice idempotencykey=a");
    party.body(body.as_bytes()).done();
    world.pass(1);
    // The same key in a new request gets the first reply; that request is accepted once, too.
    let body = party.xml("sendpassword", "username=alice idempotencykey=a");
    party.body(body.as_bytes()).done();
    replayed(party.body(body.as_bytes()));
    assert_eq!(world.mails().len(), 1);
}

#[test]
fn reads_are_remembered_for_as_long_as_they_could_come_again() {
    let world = protected();
    let party = world.service("portal");
    let mut sent: Vec<(i64, String)> = Vec::new();
    for _ in 0..25 {
        world.pass(97);
        let time = world.seconds() + 300;
        let body = party.xml("getversion", &format!("requesttime={time}"));
        party.body(body.as_bytes()).done();
        sent.push((time, body));
        for (time, body) in &sent {
            let reply = party.body(body.as_bytes()).refused(Code::InvalidRequest);
            assert_eq!(reply.text("message") == REPLAYED, world.seconds() - time <= 300, "{time}");
        }
    }
}

#[test]
fn a_read_of_the_second_of_the_start_cannot_come_again() {
    let mut world = protected();
    let read = world.service("portal").xml("getversion", "");
    world.service("portal").body(read.as_bytes()).done();
    world.clock.pass_micros(500_000);
    world.restart();
    // What was accepted before the start is forgotten, so nothing from before it is accepted.
    world.service("portal").body(read.as_bytes()).refused(Code::InvalidRequest);
    world.pass(1);
    world.call("getversion").done();
}
