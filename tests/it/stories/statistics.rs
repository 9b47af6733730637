//! Statistics: what a provider has, and its calls by day and outcome.

use std::time::{Duration, Instant};

use regserver::error::Code;

use crate::world::World;

#[test]
fn users_count_by_their_state() {
    let world = World::new();
    world.call("disableuser username=alice").done();
    world.call("registerdevice username=edgar devicename=laptop platform=linux version=1.0");
    let reply = world.call("getstatistics").done();
    let numbers = ["total", "activated", "inactive", "disabled", "todelete"].map(|name| reply.number(name));
    assert_eq!(numbers, [2, 0, 1, 1, 0]);
    assert!(reply.find("totalisminimum").is_none());
    assert!(reply.number("services") > 3);
    let shop = world.service("shop").ask("getstatistics", "").done();
    assert_eq!((shop.number("total"), shop.number("services")), (1, 1));
}

#[test]
fn calls_count_by_day_and_outcome() {
    let world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    world.service("portal").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    world.pass(86_400);
    world.call("setdepartment username=alice department=Support").done();
    let reply = world.call("getstatistics").done();
    assert_eq!(reply.texts("date"), ["01/02/2026", "01/01/2026"]);
    assert_eq!((reply.texts("done"), reply.texts("refused")), (own(["1", "1"]), own(["0", "2"])));
    assert_eq!(world.call("getstatistics days=1").done().texts("date"), ["01/02/2026"]);
    assert_eq!(world.service("shop").ask("getstatistics", "").done().texts("date").len(), 0);
    world.call("getstatistics days=-1").refused(Code::InvalidRequest);
}

fn own(texts: [&str; 2]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

#[test]
fn the_server_tells_how_it_is() {
    let world = World::new();
    world.pass(90);
    world.call("sendpassword username=alice").done();
    let reply = world.call("gethealth").done();
    assert_eq!((reply.number("uptime"), reply.number("mailswaiting")), (90, 1));
    assert_eq!((reply.number("changeswaiting"), reply.text("databasewritable")), (0, "true".to_owned()));
}

#[test]
fn a_database_that_cannot_be_written_is_told_of() {
    let mut world = World::new();
    let department = "x".repeat(190);
    let refused = |world: &World, number: u32| {
        let fields = format!("username=user{number} useremail=u{number}@example.com department={department}");
        world.service("portal").ask("registeruser", &fields).code().is_some()
    };
    assert!((0..60).all(|number| !refused(&world, number)));
    world.stop();
    world.max_pages = Some(1);
    world.restart();
    assert!((60..2_000).any(|number| refused(&world, number)));
    let writable = || world.call("gethealth").done().text("databasewritable");
    assert_eq!(writable(), "false");
    // The writer tries by itself, and says so neither too early nor only after the next change.
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!((writable().as_str(), world.api().pulse().writable()), ("false", false));
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.execute_batch("DELETE FROM audit").unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while writable() == "false" {
        assert!(Instant::now() < end, "it never learned that there is room again");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(world.api().pulse().quiet() < Duration::from_secs(1));
    world.call("registeruser username=afterwards useremail=after@example.com").done();
}
