//! Upgrades and downgrades, validity, and the record of all changes.

use regserver::error::Code;

use super::{CLIENT, default, license, shown, users, world};
use crate::world::World;

fn terms(world: &World, key: &str) -> (String, i64, String) {
    let shown = shown(world, key);
    (shown.text("featuretext"), shown.number("limit"), shown.text("validuntil"))
}

fn is(features: &str, limit: i64, until: &str) -> (String, i64, String) {
    (features.to_owned(), limit, until.to_owned())
}

#[test]
fn an_upgrade_gives_more() {
    let world = world();
    let key = license(&world, "productname=client type=yearly featurevalue=banner,personal,webdavs limit=5");
    let up = |fields: &str| world.call(&format!("upgradelicense licensekey={key} {fields}"));
    for refused in ["limit=4", "featurevalue=banner", "featurevalue=webdavs limit=9"] {
        up(refused).plainly(Code::UpgradeImpossible);
    }
    up("").done();
    up("featurevalue=0 limit=5").done();
    assert_eq!(terms(&world, &key), is("banner,webdavs,personal", 5, ""));
    up("featurevalue=professional limit=6 validuntil=2026-06-30").done();
    assert_eq!(terms(&world, &key), is("webdavs,professional", 6, "06/30/2026"));
    up("limit=7").done();
    assert_eq!(terms(&world, &key), is("webdavs,professional", 7, "06/30/2026"));
    up("featurevalue=gold").plainly(Code::FeatureUnknown);
    up("limit=0").plainly(Code::InvalidLimit);
    up("validuntil=12/31/2025")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: validuntil is in the past");
}

#[test]
fn a_downgrade_takes_away_and_leaves_everybody_a_place() {
    let world = world();
    let fields = "productname=client type=yearly featurevalue=enterprise,inbox limit=5";
    let key = license(&world, fields);
    for user in ["carol", "daisy"] {
        world.call(&format!("assignusertolicense username={user} licensekey={key}")).done();
    }
    let down = |fields: &str| world.call(&format!("downgradelicense licensekey={key} {fields}"));
    for refused in ["limit=1", "limit=6", "featurevalue=enterprise,webdavs"] {
        down(refused).plainly(Code::DowngradeImpossible);
    }
    down("limit=0").plainly(Code::InvalidLimit);
    down("").done();
    down("featurevalue=personal limit=2").done();
    assert_eq!(terms(&world, &key), is("personal", 2, ""));
    users(&world, &["erika"]);
    let full = world.call(&format!("assignusertolicense username=erika licensekey={key}"));
    full.plainly(Code::LicenseLimit);
}

#[test]
fn the_default_licence_is_changed_without_its_key() {
    let world = world();
    let key = default(&world, "carol").unwrap();
    world.call("upgradedefaultlicense username=carol featurevalue=professional limit=3").done();
    assert_eq!(terms(&world, &key), is("professional", 3, ""));
    world.call("upgradedefaultlicense username=carol limit=2").plainly(Code::UpgradeImpossible);
    world.call("downgradedefaultlicense username=carol limit=4").plainly(Code::DowngradeImpossible);
    world.call("downgradedefaultlicense username=carol featurevalue=banner limit=1").done();
    assert_eq!(terms(&world, &key), is("banner", 1, ""));
    world.call("upgradedefaultlicense username=nobody limit=4").plainly(Code::UserUnknown);
}

#[test]
fn a_change_is_made_once() {
    let world = world();
    let (key, other) = (license(&world, CLIENT), license(&world, CLIENT));
    let up = format!("upgradelicense licensekey={key} limit=2 changeid=order-7");
    world.call(&up).done();
    world.call(&format!("downgradelicense licensekey={key} limit=1")).done();
    world.call(&up).done().expect("<intresult>0</intresult><repeated>true</repeated>");
    let reply = world.call(&format!("deactivatelicense licensekey={key}")).done();
    reply.expect("<intresult>0</intresult>");
    // Whatever the change was: its id is known, so nothing is applied, and nothing is checked.
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=2020-01-01 changeid=order-7")).done();
    // The reply says that it was lost.
    let lost = world.call(&format!("cancellicense licensekey={key} changeid=order-7")).done();
    lost.expect("<intresult>0</intresult><repeated>true</repeated>");
    assert_eq!(terms(&world, &key), is("professional", 1, ""));
    assert_eq!(shown(&world, &key).text("status"), "inactive");
    // Another licence has ids of its own.
    world.call(&format!("upgradelicense licensekey={other} limit=2 changeid=order-7")).done();
    assert_eq!(terms(&world, &other), is("professional", 2, ""));
    // What is refused is not recorded, what changes nothing is.
    let refused = format!("upgradelicense licensekey={other} limit=1 changeid=order-8");
    world.call(&refused).plainly(Code::UpgradeImpossible);
    world.call(&refused).plainly(Code::UpgradeImpossible);
    world.call(&format!("upgradelicense licensekey={other} limit=2 changeid=order-9")).done();
    world.call(&format!("upgradelicense licensekey={other} limit=8 changeid=order-9")).done();
    assert_eq!(terms(&world, &other), is("professional", 2, ""));
    let long = "x".repeat(256);
    world.call(&format!("upgradelicense licensekey={key} changeid={long}")).refused(Code::InvalidRequest);
}

#[test]
fn every_change_is_on_record() {
    let world = world();
    let key = license(&world, &format!("{CLIENT} changeid=first licensereference=L-1"));
    world.pass(60);
    world.call(&format!("assignusertolicense username=carol licensekey={key}")).done();
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=12/31/2026 changeid=v")).done();
    world.call(&format!("setlicensevalidity licensekey={key}")).refused(Code::InvalidRequest);
    let license = world.call(&format!("getlicensedata licensekey={key}")).done();
    assert_eq!(license.text("validuntil"), "12/31/2026", "nothing is cleared by accident");
    let null = format!(
        r#"{{"command": "setlicensevalidity", "requesttime": {}, "licensekey": "{key}", "validuntil": null}}"#,
        world.seconds()
    );
    world.service("portal").over_json().body(null.as_bytes()).refused(Code::InvalidRequest);
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=''")).done();
    world.call(&format!("setlicensereference licensekey={key} newreference=L-2")).done();
    world.call(&format!("deactivatelicense licensekey={key}")).done();
    world.call(&format!("deactivatelicense licensekey={key}")).done();
    world.call(&format!("setlicenseholder licensekey={key} username=daisy")).done();
    let changes = world.call(&format!("getlicensechanges licensekey={key}")).done();
    assert_eq!(
        changes.texts("command"),
        [
            "createlicensewithoutuser",
            "assignusertolicense",
            "setlicensevalidity",
            "setlicensevalidity",
            "setlicensereference",
            "deactivatelicense",
            "setlicenseholder"
        ],
    );
    assert_eq!(changes.texts("changeid"), ["first", "", "v", "", "", "", ""]);
    assert!(changes.texts("service").iter().all(|service| service == "portal"));
    assert_eq!(changes.texts("time")[..2], ["01/01/2026 00:00:00.00", "01/01/2026 00:01:00.00"]);
    assert_eq!(changes.texts("holder"), ["", "", "carol", "carol", "daisy"]);
    assert_eq!(changes.texts("validuntil"), ["", "", "12/31/2026", "12/31/2026", ""]);
    assert_eq!(changes.texts("licensereference"), ["L-1", "L-1", "L-2"]);
    assert_eq!(changes.texts("status"), ["active", "active", "inactive"]);
}

#[test]
fn the_record_comes_in_pages() {
    let world = world();
    let key = license(&world, &format!("{CLIENT} limit=1"));
    for limit in 2..=60 {
        world.call(&format!("upgradelicense licensekey={key} limit={limit}")).done();
    }
    let page = |after: &str| {
        world
            .call(&format!("getlicensechanges licensekey={key} startid={after}"))
            .done()
            .texts("changenumber")
    };
    let first = page("0");
    assert_eq!(first.len(), 50);
    let second = page(&first[49]);
    assert_eq!((second.len(), page(&second[9]).len(), page("-5").len()), (10, 0, 50));
}
