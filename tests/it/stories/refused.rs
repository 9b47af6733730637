//! Refused calls: what the operator learns of them, and that a flood of them fills no disk.

use std::time::Duration;

use regserver::call::Program;
use regserver::error::Code;

use crate::world::{Reply, STRANGE, World};

fn refused(world: &World, fields: &str) -> Reply {
    world.service("portal").ask("searchrefused", fields).done()
}

#[test]
fn the_operator_learns_what_the_caller_does_not() {
    let world = World::new();
    let portal = world.service("portal");
    portal.clone().from("203.0.113.9").ask("getversion", "").plainly(Code::AccessDenied);
    portal.clone().with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    portal.clone().with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    portal.body(b"<teamdrive><command>").refused(Code::InvalidXml);
    let reply = refused(&world, "");
    assert_eq!(reply.number("current"), 3);
    assert_eq!(reply.texts("servicename"), ["portal", "portal", ""]);
    assert_eq!(reply.texts("address"), ["198.51.100.1", "198.51.100.1", "203.0.113.9"]);
    assert_eq!(reply.texts("count"), ["1", "2", "1"]);
    assert_eq!(reply.texts("code"), ["-30003", "-30002", "-30000"]);
    let reasons = reply.texts("reason");
    assert_eq!(
        reasons[1..],
        [
            "service portal: the checksum is not MD5 (Endpoint specific key) of the body and its key",
            "no enabled service is registered for the address 203.0.113.9"
        ]
    );
    assert_eq!(reply.texts("requestid").len(), 4);
    assert_eq!(refused(&world, "address=203.0.113.9").number("current"), 1);
    assert_eq!(world.call("searchapilog").done().number("current"), 0);
}

#[test]
fn a_provider_sees_what_was_matched_to_its_services() {
    let world = World::new();
    world.service("shop").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    world.service("portal").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    world.service("shop").from("203.0.113.9").ask("getversion", "").plainly(Code::AccessDenied);
    let shop = world.service("shop").ask("searchrefused", "").done();
    assert_eq!(shop.texts("servicename"), ["shop"]);
    assert_eq!(refused(&world, "").number("current"), 3);
}

#[test]
fn calls_without_a_credential_are_counted_and_not_listed() {
    let world = World::new();
    for party in [world.stranger(), world.key("rk-unknown", "secret")] {
        let reply = party.ask("getuserdata", "username=alice");
        assert_eq!(reply.code(), Some(Code::AccessDenied as i64));
    }
    let reply = refused(&world, "");
    let reasons = reply.texts("reason");
    assert_eq!(reasons[0], "there is no key of that name");
    assert!(reasons[1].starts_with("getuserdata without a credential: -30000"), "{reasons:?}");
    assert_eq!(world.call("searchapilog").done().number("current"), 0);
}

#[test]
fn each_minute_has_a_row_of_its_own_and_its_number() {
    let world = World::new();
    let wrong = world.service("portal").with_key("wrong");
    for _ in 0..25 {
        wrong.ask("getversion", "").plainly(Code::InvalidRequest);
    }
    assert_eq!(refused(&world, "").texts("requestid").len(), 10);
    world.pass(60);
    wrong.ask("getversion", "").plainly(Code::InvalidRequest);
    let reply = refused(&world, "");
    assert_eq!(reply.texts("count"), ["1", "25"]);
    assert_eq!(reply.texts("firsttime"), ["01/01/2026 00:01:00.00", "01/01/2026 00:00:00.00"]);
    assert_eq!(refused(&world, "from=2026-01-01T00:01:00Z").number("current"), 1);
}

#[test]
fn what_is_wrong_with_a_credential_is_told_to_the_operator() {
    let world = World::new();
    let alice = world.person("alice", "");
    assert_eq!(alice.in_plain_text().ask("getuserdata", "").code(), Some(Code::AccessDenied as i64));
    let reply = refused(&world, &format!("address={STRANGE}"));
    let reason = "a credential came in plain text; see api.allow_plaintext_credentials";
    assert_eq!(reply.texts("reason"), [reason]);
}

/// What the log has on the disk.
fn size(world: &World) -> u64 {
    let files = ["regserver.db.apilog", "regserver.db.apilog-wal"];
    files.iter().map(|name| std::fs::metadata(world.file(name)).map_or(0, |file| file.len())).sum()
}

/// Calls of every kind that are refused: from everywhere, with a wrong checksum, without a credential, for users who
/// are not there.
fn flood(world: &World, calls: u32) {
    let portal = world.service("portal");
    let body = portal.xml("getversion", "");
    for number in 0..calls {
        let [_, a, b, c] = number.to_be_bytes();
        match number % 4 {
            0 => drop(portal.clone().from(&format!("10.{a}.{b}.{c}")).signed(body.as_bytes(), Some("x"))),
            1 => drop(portal.signed(body.as_bytes(), Some("00"))),
            2 => drop(world.stranger().from(&format!("11.{a}.{b}.{c}")).ask("getuserdata", "")),
            _ => drop(portal.ask("getuserdata", "username=nobody")),
        }
    }
    world.api().log().catch_up();
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
fn a_flood_of_refused_calls_fills_no_disk() {
    let mut world = World::new();
    flood(&world, 20_000);
    assert_eq!(refused(&world, "").number("current"), 50);
    let mut before = size(&world);
    assert!(before < 1 << 20, "{before} bytes");
    for minute in 1..4 {
        world.pass(60);
        flood(&world, 8_000);
        let after = size(&world);
        assert!(after.saturating_sub(before) < 1 << 20, "minute {minute}: {before}, then {after} bytes");
        before = after;
    }
    world.stop();
    world.restart();
    assert_eq!(total(&world) + i64::try_from(kept(&world)).unwrap(), 20_000 + 3 * 8_000);
}

/// All that the ring has counted.
fn total(world: &World) -> i64 {
    let (mut before, mut sum) = (String::new(), 0);
    loop {
        let reply = refused(world, &before);
        sum += reply.texts("count").iter().map(|count| count.parse::<i64>().unwrap()).sum::<i64>();
        match reply.find("nextid") {
            Some(next) => before = format!("beforeid={next}"),
            None => return sum,
        }
    }
}

/// The refused calls that are kept one by one.
fn kept(world: &World) -> usize {
    let (mut before, mut sum) = (String::new(), 0);
    loop {
        let reply = world.call(&format!("searchapilog onlyrefused=true {before}")).done();
        sum += reply.texts("callid").len();
        match reply.find("nextid") {
            Some(next) => before = format!("beforeid={next}"),
            None => return sum,
        }
    }
}
