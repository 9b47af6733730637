//! Use: by default and by devices, counted once for a user, never beyond the limit.

use regserver::error::Code;

use super::{CLIENT, SERVER, default, license, shown, used, users, world};
use crate::world::{World, set};

fn assign(world: &World, user: &str, key: &str) -> crate::world::Reply {
    world.call(&format!("assignusertolicense username={user} licensekey={key}"))
}

#[test]
fn the_first_user_of_a_licence_without_holder_holds_it() {
    let world = world();
    let own = default(&world, "carol").unwrap();
    let key = license(&world, &format!("{CLIENT} limit=2"));
    assign(&world, "carol", &key).done();
    assign(&world, "daisy", &key).done();
    assert_eq!((shown(&world, &key).text("holder"), used(&world, &key)), ("carol".into(), 2));
    assert_eq!((default(&world, "carol"), default(&world, "daisy")), (Some(key.clone()), Some(key.clone())));
    // The old one is left, and still held.
    assert_eq!((used(&world, &own), shown(&world, &own).text("holder")), (0, "carol".into()));
    users(&world, &["erika"]);
    let before = world.dump();
    assign(&world, "erika", &key).plainly(Code::LicenseLimit);
    assert_eq!(world.dump(), before);
    assign(&world, "carol", &key).done();
    assert_eq!(used(&world, &key), 2, "the same again is no further use");
}

#[test]
fn another_default_makes_no_holder() {
    let world = world();
    let key = license(&world, CLIENT);
    let own = default(&world, "carol").unwrap();
    world.call(&format!("setdefaultlicense username=carol licensekey={key}")).done();
    assert_eq!(
        (shown(&world, &key).text("holder"), default(&world, "carol")),
        (String::new(), Some(key.clone()))
    );
    world.call(&format!("setdefaultlicense username=daisy licensekey={key}")).plainly(Code::LicenseLimit);
    world.call(&format!("setdefaultlicense username=carol licensekey={own}")).done();
    assert_eq!((used(&world, &key), used(&world, &own)), (0, 1));
    world.call(&format!("setdefaultlicense username=daisy licensekey={key}")).done();
}

#[test]
fn a_licence_for_depots_is_not_for_users() {
    let world = world();
    world.call("registerdevice username=carol devicename=Laptop platform=linux").done();
    let key = license(&world, SERVER);
    let before = world.dump();
    for command in ["assignusertolicense", "setdefaultlicense", "assignlicensetoclient"] {
        let refused = world.call(&format!("{command} username=carol licensekey={key}"));
        refused
            .refused(Code::InvalidRequest)
            .says("Invalid Request: a server license is used by depots, not by users");
    }
    assert_eq!(world.dump(), before);
    world.call(&format!("setlicenseholder username=carol licensekey={key}")).done();
}

/// carol with three devices, of which the second is daisy's.
fn devices() -> (World, String) {
    let world = world();
    for (user, name) in [("carol", "Laptop"), ("daisy", "Phone"), ("carol", "Tablet")] {
        world.call(&format!("registerdevice username={user} devicename={name} platform=linux")).done();
    }
    let key = license(&world, CLIENT);
    (world, key)
}

fn of_devices(world: &World) -> Vec<String> {
    world.call("getdevices username=carol").done().texts("licensekey")
}

#[test]
fn devices_have_licences_of_their_own() {
    let (world, key) = devices();
    let own = default(&world, "carol").unwrap();
    let assign = |devices: &str| {
        world.call(&format!("assignlicensetoclient username=carol licensekey={key} {devices}"))
    };
    let before = world.dump();
    for devices in ["devices=2", "devices=1,2", "devices=99"] {
        assign(devices).plainly(Code::DeviceUnknown);
    }
    assign("devices=first").refused(Code::InvalidRequest);
    assert_eq!(world.dump(), before);
    assign("devices=3,3").done();
    assert_eq!(of_devices(&world), [own.clone(), key.clone()]);
    assert_eq!((used(&world, &key), used(&world, &own)), (1, 1), "in two ways she is still one user");
    for all in ["", "devices=[]"] {
        assign(all).done();
        assert_eq!((of_devices(&world), used(&world, &key)), (vec![key.clone(), key.clone()], 1));
    }
    assert_eq!(default(&world, "carol"), Some(own.clone()));
    let all = world.call("getlicensedata username=carol").done();
    assert_eq!(all.texts("licensekey"), [own, key.clone()]);
    // There is one place, and it is carol's.
    world.call(&format!("assignlicensetoclient username=daisy licensekey={key}")).plainly(Code::LicenseLimit);
    world.call("deletedevice username=carol deviceid=1").done();
    assert_eq!(used(&world, &key), 1);
    world.call("deletedevice username=carol deviceid=3").done();
    assert_eq!(used(&world, &key), 0);
    world.call(&format!("assignlicensetoclient username=daisy licensekey={key} devices=2")).done();
    world.call("removeuser username=daisy").done();
    assert_eq!(used(&world, &key), 0);
}

#[test]
fn a_list_of_devices_has_many_forms() {
    let (world, key) = devices();
    let other = license(&world, CLIENT);
    let portal = world.service("portal");
    let mut turn = 0;
    for devices in [
        "<devices><deviceid>1</deviceid><deviceid>3</deviceid></devices>",
        "<devices>1</devices><devices>3</devices>",
        "<devices>1,3</devices>",
        "<devices>[]</devices>",
        "<devices></devices>",
    ] {
        turn += 1;
        let key = if turn % 2 == 0 { &other } else { &key };
        let body = portal.xml("assignlicensetoclient", &format!("username=carol licensekey={key}"));
        portal.body(body.replace("</teamdrive>", &format!("{devices}</teamdrive>")).as_bytes()).done();
        assert_eq!(of_devices(&world), [key.clone(), key.clone()], "{devices}");
    }
}

#[test]
fn a_user_leaves_a_licence_altogether() {
    let (world, key) = devices();
    assign(&world, "carol", &key).done();
    world.call(&format!("assignlicensetoclient username=carol licensekey={key} devices=1")).done();
    let leave = format!("removeuserfromlicense username=carol licensekey={key}");
    world.call(&leave).done();
    assert_eq!((used(&world, &key), default(&world, "carol")), (0, None));
    assert_eq!(of_devices(&world), ["", ""]);
    assert_eq!(shown(&world, &key).text("holder"), "carol", "who holds it goes on holding it");
    world.call(&leave).done();
    world.call(&format!("removeuserfromlicense username=daisy licensekey={key}")).done();
    assert_eq!(used(&world, &key), 0);
}

#[test]
fn a_login_gives_a_licence_again() {
    let world = World::new();
    let key = default(&world, "alice").unwrap();
    world.call(&format!("removeuserfromlicense username=alice licensekey={key}")).done();
    world.call("loginuser username=alice password=wonder-2026").done();
    assert_eq!(default(&world, "alice").unwrap(), key, "nobody used it, and she held it still");
    world.call(&format!("removeuserfromlicense username=alice licensekey={key}")).done();
    world.call(&format!("deletelicense licensekey={key}")).done();
    world.call("loginuser username=alice password=wonder-2026").done();
    assert_ne!(default(&world, "alice").unwrap(), key);
}

#[test]
fn a_login_that_finds_the_shared_licence_full_leaves_no_use() {
    let mut world = world();
    let key = license(&world, CLIENT);
    assign(&world, "carol", &key).done();
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    let own = default(&world, "alice").unwrap();
    world.call(&format!("removeuserfromlicense username=alice licensekey={own}")).done();
    world.call("loginuser username=alice password=wonder-2026").done();
    assert_eq!(default(&world, "alice"), None);
    assert!(!world.dump().iter().any(|row| row.starts_with("license_uses: ") && row.contains("| 1 | 1")));
    world.call("registeruser useremail=x@example.com").plainly(Code::LicenseLimit);
    world.call("removeuser username=alice").done();
    assert_eq!(used(&world, &key), 1);
}

#[test]
fn places_of_groups_and_accounts_are_taken_too() {
    let mut world = world();
    let key = license(&world, &format!("{CLIENT} limit=3"));
    set(&mut world, "UPDATE licenses SET pooled = 2 WHERE reference = '' AND seats = 3");
    assert_eq!(used(&world, &key), 2);
    assign(&world, "carol", &key).done();
    assign(&world, "daisy", &key).plainly(Code::LicenseLimit);
    world.call(&format!("downgradelicense licensekey={key} limit=2")).plainly(Code::DowngradeImpossible);
    world.call(&format!("removeuserfromlicense username=carol licensekey={key}")).done();
    world.call(&format!("deletelicense licensekey={key}")).refused(Code::StillInUse);
    world.call(&format!("downgradelicense licensekey={key} limit=2")).done();
    world.call(&format!("cancellicense licensekey={key}")).done();
    assert_eq!(used(&world, &key), 0);
}
