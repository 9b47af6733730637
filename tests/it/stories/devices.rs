//! Devices: registered, used, lost, deleted.

use regserver::error::Code;

use crate::world::World;

const CAROL: &str = "registeruser username=carol useremail=carol@example.com activate=true";

fn laptop() -> World {
    let world = World::new();
    world.call(CAROL).done();
    let reply =
        world.call("registerdevice username=carol devicename='My Laptop' platform=linux version=5.0").done();
    assert_eq!(reply.number("deviceid"), 1);
    world
}

#[test]
fn a_device_from_its_first_day_to_its_last() {
    let world = laptop();
    world.call("activateclient username=carol deviceid=1").done();
    world.call("activateclient username=carol deviceid=1").done();
    let touched = world.call("touchdevice username=carol deviceid=1 version=5.1").done();
    assert_eq!(touched.text("wipe"), "false");
    let shown = world.call("getdevices username=carol").done();
    assert_eq!((shown.text("status"), shown.text("version")), ("active".into(), "5.1".into()));
    world.call("wipeoutdevice username=carol deviceid=1").done();
    for _ in 0..2 {
        assert_eq!(world.call("touchdevice username=carol deviceid=1").done().text("wipe"), "true");
    }
    // A device that must be wiped does not come back by being activated.
    world.call("activateclient username=carol deviceid=1").done();
    assert_eq!(world.call("getdevices username=carol").done().text("status"), "wipe");
    world.call("deletedevice username=carol deviceid=1").done();
    world.call("touchdevice username=carol deviceid=1").plainly(Code::DeviceUnknown);
    world.call("getdevices username=carol").done().expect("<devicelist></devicelist>");
}

#[test]
fn the_last_contact_is_written_later() {
    let mut world = laptop();
    world.pass(120);
    world.call("touchdevice username=carol deviceid=1").done();
    world.restart();
    let shown = world.call("getdevices username=carol").done();
    assert_eq!(shown.text("deviceactive"), "01/01/2026 00:02:00.00");
}

#[test]
fn a_device_belongs_to_its_user() {
    let world = laptop();
    for call in ["activateclient", "touchdevice", "wipeoutdevice", "deletedevice"] {
        world.call(&format!("{call} username=alice deviceid=1")).plainly(Code::DeviceUnknown);
    }
    let before = world.dump();
    world.call("deletedevice username=carol deviceid=1,99").plainly(Code::DeviceUnknown);
    assert_eq!(world.dump(), before);
}

#[test]
fn devices_go_together_or_with_their_user() {
    let world = laptop();
    world.call("registerdevice username=carol devicename=Phone platform=ios").done();
    world.call("deletedevice username=carol").refused(Code::InvalidRequest);
    world.call("deletedevice username=carol deviceid=1 all=$true").refused(Code::InvalidRequest);
    let found = world.call("searchuser username=carol showdevice=$true").done();
    assert_eq!(found.texts("devicename"), ["My Laptop", "Phone"]);
    world.call("deletedevice username=carol all=$true").done();
    world.call("registerdevice username=carol devicename=Third platform=win").done();
    // A number is never given twice.
    assert_eq!(world.call("getdevices username=carol").done().number("deviceid"), 3);
    world.call("registerdevice username=carol devicename=Fourth platform=mac").done();
    // One that is named twice is deleted once.
    world.call("deletedevice username=carol deviceid=3,3").done();
    world.call("registerdevice username=carol devicename=Fifth platform=web").done();
    world.call("deletedevice username=carol deviceid=all").done();
    world.call("getdevices username=carol").done().expect("<devicelist></devicelist>");
    for (bad, why) in [("every", "must be a whole number"), ("99999999999999999999", "is too large")] {
        let refused = world.call(&format!("deletedevice username=carol deviceid={bad}"));
        refused.refused(Code::InvalidRequest).says(&format!("Invalid Request: deviceid {why}"));
    }
    world.call("registerdevice username=carol devicename=Sixth platform=android").done();
    world.call("removeuser username=carol").done();
    assert!(!world.dump().iter().any(|row| row.starts_with("devices: ")));
}

#[test]
fn what_is_no_device_is_refused() {
    let world = laptop();
    let long = "x".repeat(256);
    world
        .call("registerdevice username=carol devicename=Mainframe platform=zos")
        .refused(Code::InvalidRequest);
    world
        .call(&format!("registerdevice username=carol devicename={long} platform=win"))
        .refused(Code::InvalidRequest);
    world
        .call(&format!("touchdevice username=carol deviceid=1 version={long}"))
        .refused(Code::InvalidRequest);
    world.call("registerdevice username=nobody devicename=Phone platform=ios").plainly(Code::UserUnknown);
}

#[test]
fn the_address_of_a_registration_is_kept_as_long_as_the_setting_says() {
    let world = World::new();
    world.call(CAROL).done();
    let register = |name: &str| {
        let device =
            format!("registerdevice username=carol devicename={name} platform=linux clientip=192.0.2.7");
        world.call(&device).done();
    };
    let shown = || world.call("getdevices username=carol").done().texts("deviceip");
    register("Laptop");
    assert_eq!(shown(), ["192.0.2.7"]);
    world.pass(30 * 24 * 3600 - 60);
    world.api().do_tasks().unwrap();
    register("Phone");
    assert_eq!(shown(), ["192.0.2.7"; 2]);
    world.pass(3600);
    world.api().do_tasks().unwrap();
    assert_eq!(shown(), ["192.0.2.7"], "the older one is blank, the younger one is not");
    let tasks = world.call("gettasks").done();
    assert!(tasks.body().contains("1 addresses blanked"), "{}", tasks.body());
    world.call("setserversetting setting=StoreRegistrationDeviceIPinSeconds value=0").done();
    register("Tablet");
    assert_eq!(shown(), ["192.0.2.7"], "none is kept of a new one");
    world.pass(3600);
    world.api().do_tasks().unwrap();
    assert_eq!(shown().len(), 0);
}
