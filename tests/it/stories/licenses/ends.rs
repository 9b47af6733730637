//! Licences that end: switched off, expired, cancelled, deleted.

use regserver::error::Code;

use super::{CLIENT, default, license, shown, status, used, users, world};
use crate::world::{World, set};

const DAY: i64 = 24 * 3_600;

#[test]
fn switched_off_and_on() {
    let world = world();
    let key = license(&world, CLIENT);
    world.call(&format!("assignusertolicense username=carol licensekey={key}")).done();
    for _ in 0..2 {
        world.call(&format!("deactivatelicense licensekey={key}")).done();
        assert_eq!(status(&world, &key), "inactive");
    }
    assert_eq!((used(&world, &key), default(&world, "carol")), (1, Some(key.clone())), "carol still has it");
    for command in ["assignusertolicense", "setdefaultlicense", "assignlicensetoclient"] {
        world
            .call(&format!("{command} username=daisy licensekey={key}"))
            .refused(Code::LicenseEnded)
            .says("License is inactive");
    }
    world.call(&format!("upgradelicense licensekey={key} limit=2")).done();
    for _ in 0..2 {
        world.call(&format!("activatelicense licensekey={key}")).done();
        assert_eq!(status(&world, &key), "active");
    }
    world.call(&format!("assignusertolicense username=daisy licensekey={key}")).done();
}

#[test]
fn a_licence_is_valid_through_its_last_day() {
    let world = world();
    let key = license(&world, &format!("{CLIENT} limit=2 validuntil=01/02/2026"));
    world.call(&format!("assignusertolicense username=carol licensekey={key}")).done();
    world.pass(2 * DAY - 1);
    assert_eq!(status(&world, &key), "active");
    world.pass(1);
    assert_eq!(status(&world, &key), "expired");
    let refused = [
        format!("assignusertolicense username=daisy licensekey={key}"),
        format!("setdefaultlicense username=daisy licensekey={key}"),
        format!("assignlicensetoclient username=daisy licensekey={key}"),
        format!("upgradelicense licensekey={key} limit=3"),
        format!("downgradelicense licensekey={key} limit=1"),
        "upgradedefaultlicense username=carol limit=3".to_owned(),
    ];
    for call in &refused {
        world.call(call).plainly(Code::LicenseEnded);
    }
    assert_eq!(shown(&world, &key).text("validuntil"), "01/02/2026");
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=01/03/2026")).done();
    assert_eq!(status(&world, &key), "active");
    world.call(&refused[0]).done();
    // A day that is over ends it now, no day at all never.
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=12/31/2025")).done();
    assert_eq!(status(&world, &key), "expired");
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=''")).done();
    assert_eq!(
        (status(&world, &key), shown(&world, &key).text("validuntil")),
        ("active".into(), String::new())
    );
}

#[test]
fn where_licences_do_not_expire_the_last_day_means_nothing() {
    let world = World::with(|config| {
        config.provider("DEMO", "LICENSE/ENABLE_LICENSE_EXPIRY", "False");
    });
    let key = license(&world, &format!("{CLIENT} validuntil=01/02/2026"));
    world.pass(10 * DAY);
    assert_eq!(status(&world, &key), "active");
    world.call(&format!("assignusertolicense username=alice licensekey={key}")).done();
}

#[test]
fn whoever_used_a_cancelled_licence_falls_back() {
    let world = world();
    users(&world, &["erika"]);
    world.call("registerdevice username=erika devicename=Phone platform=ios").done();
    let key = license(&world, &format!("{CLIENT} limit=3"));
    for user in ["carol", "daisy"] {
        world.call(&format!("assignusertolicense username={user} licensekey={key}")).done();
    }
    let erikas = default(&world, "erika");
    world.call(&format!("assignlicensetoclient username=erika licensekey={key}")).done();
    world.call(&format!("cancellicense licensekey={key} changeid=end")).done();
    assert_eq!((status(&world, &key), used(&world, &key)), ("cancelled".into(), 0));
    let (carols, daisys) = (default(&world, "carol").unwrap(), default(&world, "daisy").unwrap());
    assert!(carols != daisys && carols != key && daisys != key);
    assert_eq!((used(&world, &carols), shown(&world, &carols).text("holder")), (1, "carol".into()));
    assert_eq!(default(&world, "erika"), erikas, "only the device used it");
    assert_eq!(world.call("getdevices username=erika").done().find("licensekey"), erikas);
    // It stays for the record, and in its state.
    world.call(&format!("cancellicense licensekey={key}")).done();
    assert_eq!(shown(&world, &key).text("holder"), "carol");
    for call in ["activatelicense", "deactivatelicense", "upgradelicense limit=9", "downgradelicense limit=1"]
    {
        world.call(&format!("{call} licensekey={key}")).plainly(Code::LicenseEnded);
    }
    world.call(&format!("assignusertolicense username=daisy licensekey={key}")).plainly(Code::LicenseEnded);
    assert_eq!(world.call("searchlicense status=cancelled").done().texts("licensekey"), [key]);
}

#[test]
fn who_falls_back_takes_up_the_default_licence_that_was_left() {
    let world = world();
    users(&world, &["erika"]);
    let first = default(&world, "erika").unwrap();
    for _ in 0..2 {
        let key = license(&world, CLIENT);
        world.call(&format!("assignusertolicense username=erika licensekey={key}")).done();
        world.call(&format!("cancellicense licensekey={key}")).done();
        assert_eq!(default(&world, "erika").as_ref(), Some(&first));
    }
    let held = |status: &str| world.call(&format!("searchlicense holder=erika status={status}")).done();
    assert_eq!(held("active").texts("licensekey"), [first.as_str()]);
    // One that is another's by now, or other than a new one would be, is not taken up.
    world.call(&format!("upgradelicense licensekey={first} limit=2")).done();
    let key = license(&world, CLIENT);
    world.call(&format!("assignusertolicense username=erika licensekey={key}")).done();
    world.call(&format!("cancellicense licensekey={key}")).done();
    assert_ne!(default(&world, "erika"), Some(first));
}

#[test]
fn falling_back_keeps_to_the_rules_of_the_provider() {
    let mut world = world();
    let shared = license(&world, CLIENT);
    let key = license(&world, &format!("{CLIENT} limit=2"));
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &shared);
    });
    for user in ["carol", "daisy"] {
        world.call(&format!("assignusertolicense username={user} licensekey={key}")).done();
    }
    world.call(&format!("cancellicense licensekey={key}")).done();
    // There was room for one of the two.
    assert_eq!((default(&world, "carol"), default(&world, "daisy")), (Some(shared.clone()), None));
    // The shared one itself leaves nothing to fall back to, so it stays.
    world.call(&format!("cancellicense licensekey={shared}")).refused(Code::StillInUse);
    assert_eq!((default(&world, "carol"), used(&world, &shared)), (Some(shared), 1));
    world.call("registeruser useremail=x@example.com").plainly(Code::LicenseLimit);
}

#[test]
fn more_users_than_one_call_can_move_are_moved_by_a_job() {
    let mut world = World::new();
    let key = license(&world, &format!("{CLIENT} limit=500"));
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    for number in 0..201 {
        world.call(&format!("registeruser username=user{number} useremail=u{number}@example.com")).done();
    }
    world.reconfigure(|_| {});
    set(&mut world, "DELETE FROM settings WHERE name = 'LICENSE/DEFAULT_LICENSEKEY'");
    world
        .call(&format!("cancellicense licensekey={key}"))
        .done()
        .expect("<intresult>0</intresult><job>1</job>");
    assert_eq!(used(&world, &key), 201, "they are moved later");
    world.call(&format!("assignusertolicense username=alice licensekey={key}")).plainly(Code::LicenseEnded);
    // It ends early, and the same call goes on.
    world.call("canceljob job=1").done();
    world.work();
    assert_eq!(used(&world, &key), 201);
    world
        .call(&format!("cancellicense licensekey={key}"))
        .done()
        .expect("<intresult>0</intresult><job>2</job>");
    world.work();
    let job = world.call("getjob job=2").done();
    assert_eq!((job.text("state"), job.number("total"), job.number("updated")), ("done".into(), 201, 201));
    let rows = world.dump();
    let without = rows.iter().filter(|row| row.starts_with("license_uses: ")).count();
    assert_eq!((used(&world, &key), without), (0, 205), "201 new licences, and four that were there");
    let audit = rows.iter().filter(|row| row.starts_with("audit: ") && row.contains("| cancellicense |"));
    assert_eq!(audit.count(), 203, "one for each call and each user");
}

#[test]
fn only_what_nobody_uses_is_deleted() {
    let world = world();
    let key = license(&world, CLIENT);
    world.call(&format!("assignusertolicense username=carol licensekey={key}")).done();
    let before = world.dump();
    world.call(&format!("deletelicense licensekey={key}")).refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    world.call(&format!("removeuserfromlicense username=carol licensekey={key}")).done();
    world.call(&format!("deletelicense licensekey={key}")).done();
    world.call(&format!("deletelicense licensekey={key}")).plainly(Code::LicenseUnknown);
    world.call(&format!("getlicensechanges licensekey={key}")).plainly(Code::LicenseUnknown);
    assert!(!world.dump().iter().any(|row| row.starts_with("license_changes: ")));
}

#[test]
fn the_licence_that_new_users_share_is_not_ended_unawares() {
    let mut world = World::new();
    let made = "createlicensewithoutuser productname=client type=yearly featurevalue=banner limit=9";
    let key = world.call(made).done().text("licensekey");
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    for command in ["cancellicense", "deletelicense"] {
        let refused = world.call(&format!("{command} licensekey={key}")).refused(Code::StillInUse);
        assert!(refused.text("message").contains("LICENSE/DEFAULT_LICENSEKEY"), "{}", refused.body());
    }
    world.reconfigure(|_| {});
    set(&mut world, "DELETE FROM settings WHERE name = 'LICENSE/DEFAULT_LICENSEKEY'");
    world.call(&format!("cancellicense licensekey={key}")).done();
}
