//! Other programs on the same database, and other worlds in the same thread.

use std::time::{Duration, Instant};

use regserver::api::{Api, Received};
use regserver::call::RequestId;
use regserver::error::Code;
use regserver::gate::checksum::Method;
use regserver::wire::Wire;

use crate::world::World;

/// Calls `world`'s database through another program.
fn through(other: &std::sync::Arc<Api>, body: &str) -> String {
    let checksum = Method::Md5Key.sign(b"portal-key-of-the-tests", body.as_bytes());
    let request_id = RequestId::new(1);
    let seen = Ok("198.51.100.1".parse().unwrap());
    let received = Received::signed(seen, Some(&checksum), Wire::Xml, body.as_bytes(), request_id);
    other.drive(other.begin(received, &other.reader().unwrap()), Wire::Xml, request_id).body
}

/// Waits until it holds, a second at most.
#[track_caller]
fn within_a_second(holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(1), "not within a second");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_setting_changed_by_another_program_is_live_within_a_second() {
    let world = World::new();
    let other = Api::open(&world.config, world.options()).unwrap().api;
    let body = world.service("portal").xml("setserversetting", "setting=RegVersion value=3.6.5");
    assert!(through(&other, &body).contains("<intresult>0</intresult>"));
    within_a_second(|| world.call("getversion").body().contains("<regversion>3.6.5</regversion>"));
    // And the other way round.
    world.call("setserversetting setting=RegVersion value=4.0.0").done();
    let body = world.service("portal").xml("getversion", "");
    within_a_second(|| through(&other, &body).contains("<regversion>4.0.0</regversion>"));
    other.stop();
}

#[test]
fn a_service_made_by_another_program_calls_within_a_second() {
    let world = World::new();
    let other = Api::open(&world.config, world.options()).unwrap().api;
    let body = world.service("portal").xml("createservice", "servicename=tickets addresses=192.0.2.7");
    let reply = through(&other, &body);
    let key = reply.split_once("<servicekey>").unwrap().1.split_once('<').unwrap().0.to_owned();
    let tickets = world.party("192.0.2.7", Method::Md5Key, &key);
    within_a_second(|| tickets.ask("getversion", "").code().is_none());
    other.stop();
}

#[test]
fn a_change_that_waits_behind_another_programs_one_has_its_rules() {
    let world = World::new();
    let other = Api::open(&world.config, world.options()).unwrap().api;
    let body = world.service("portal").xml("createservice", "servicename=tickets addresses=192.0.2.7");
    through(&other, &body);
    // Asked at once, before the first program has looked around.
    world.call("createservice servicename=tickets2 addresses=192.0.2.7").refused(Code::AddressInUse);
    other.stop();
}

#[test]
fn a_program_that_waits_for_another_is_overloaded_not_stuck() {
    let world = World::new();
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    world.call("sendpassword username=alice").refused(Code::Overloaded);
    let waited = started.elapsed();
    assert!(waited > Duration::from_millis(900) && waited < Duration::from_secs(4), "{waited:?}");
    // Reads go on meanwhile.
    world.call("getuserdata username=alice").done();
    world.call("searchuser username=alice").done();
    other.execute_batch("ROLLBACK").unwrap();
    world.call("sendpassword username=alice").done();
}

#[test]
fn two_worlds_on_one_thread_do_not_mix() {
    let (one, two) = (World::new(), World::new());
    one.call("registeruser username=carol useremail=carol@example.com").done();
    two.call("getuserdata username=carol").plainly(Code::UserUnknown);
    two.call("registeruser username=daisy useremail=carol@example.com").done();
    one.call("getuserdata username=daisy").plainly(Code::UserUnknown);
    assert_eq!(one.call("getuserdata username=carol").done().text("userid"), "5");
    assert_eq!(two.call("getuserdata username=daisy").done().text("userid"), "5");
    drop(one);
    two.call("getuserdata username=daisy").done();
}

#[test]
fn a_stopped_program_turns_changes_away() {
    let world = World::new();
    assert!(world.api().pulse().quiet() < Duration::from_secs(5));
    world.api().stop();
    assert_eq!(world.api().pulse().quiet(), Duration::MAX, "its readiness has ended");
    world.call("sendpassword username=alice").refused(Code::Overloaded);
    world.call("registeruser useremail=x@example.com").refused(Code::Overloaded);
    world.call("getuserdata username=alice").done();
}

/// Two calls of the portal that were both let in by the state of before, and wait behind each other.
fn behind_each_other(world: &World, calls: [(&str, &str); 2]) -> [String; 2] {
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let threads = calls.map(|(command, fields)| {
        let (api, body) = (world.api().clone(), world.service("portal").xml(command, fields));
        let thread = std::thread::spawn(move || through(&api, &body));
        std::thread::sleep(Duration::from_millis(150));
        thread
    });
    other.execute_batch("ROLLBACK").unwrap();
    threads.map(|thread| thread.join().unwrap())
}

#[test]
fn a_right_that_is_lost_while_a_change_waits_is_lost() {
    let world = World::new();
    let takes = ("setserversetting", "setting=DefaultProvider value=ACME");
    let [first, second] =
        behind_each_other(&world, [takes, ("setserversetting", "setting=RegVersion value=4.0.0")]);
    assert!(first.contains("<intresult>0</intresult>"), "{first}");
    assert!(second.contains("<secondarycode>-6</secondarycode>"), "{second}");
    assert_eq!(world.call("getversion").done().text("compatibility"), "4.7.1");
}

#[test]
fn a_provider_that_is_lost_while_a_change_waits_is_lost() {
    let world = World::new();
    world.call("setserversetting setting=APIAllowSettingDistributor value=True").done();
    let takes = ("setserversetting", "setting=APIAllowSettingDistributor value=False");
    let [first, second] = behind_each_other(
        &world,
        [takes, ("registeruser", "username=carol useremail=c@example.com distributor=ACME")],
    );
    assert!(first.contains("<intresult>0</intresult>"), "{first}");
    assert!(second.contains("<message>Access denied to specified Provider</message>"), "{second}");
    world.service("shop").ask("getuserdata", "username=carol").plainly(Code::UserUnknown);
}
