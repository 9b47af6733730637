//! Server licences: each depot that names one takes one of its places.

use regserver::error::Code;

use super::{depot, depots, license, places, with, world};

#[test]
fn a_server_license_has_as_many_depots_as_its_limit_says() {
    let world = world();
    let key = license(&world, "limit=2");
    for _ in 0..2 {
        depot(&world, &format!("username=carol licensekey={key}"));
    }
    assert_eq!(places(&world, &key), 2);
    let before = world.dump();
    let full = world.call(&format!("createdepot username=daisy licensekey={key}"));
    full.plainly(Code::LicenseLimit);
    world.call(&format!("downgradelicense licensekey={key} limit=1")).plainly(Code::DowngradeImpossible);
    world.call(&format!("deletelicense licensekey={key}")).refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    world.call("deletedepot depotid=1").done();
    assert_eq!(places(&world, &key), 1);
    world.call(&format!("downgradelicense licensekey={key} limit=1")).done();
    // Switched off, a depot keeps its place, so that it can be switched on again.
    world.call("deactivatedepot depotid=2").done();
    world.call(&format!("createdepot username=daisy licensekey={key}")).plainly(Code::LicenseLimit);
    world.call("deletedepot depotid=2").done();
    world.call(&format!("deletelicense licensekey={key}")).done();
}

#[test]
fn a_license_that_cannot_have_depots_is_refused() {
    let world = with(|config| {
        config.provider("DEMO", "LICENSE/EXT_LICENCE_REF_UNIQUE", "True");
    });
    let key = license(&world, "licensereference=S-1");
    let client = world.call("getdefaultlicense username=carol").done().text("licensekey");
    let acmes = "createlicensewithoutuser productname=server type=yearly featurevalue=banner";
    let (_, fields) = acmes.split_once(' ').unwrap();
    let acmes = world.service("shop").ask("createlicensewithoutuser", fields).done().text("licensekey");
    let before = world.dump();
    let make = |fields: &str| world.call(&format!("createdepot username=carol {fields}"));
    make(&format!("licensekey={client}"))
        .refused(Code::InvalidRequest)
        .says("Invalid Request: a client license is used by users, not by depots");
    for unknown in ["licensekey=DEMO-0000-0000-0000", "licensereference=S-2", &format!("licensekey={acmes}")]
    {
        make(unknown).plainly(Code::LicenseUnknown);
    }
    // The default provider reaches both, but they do not belong together.
    world
        .call(&format!("createdepot username=sheila hosturl=https://h.example.com licensekey={key}"))
        .plainly(Code::LicenseUnknown);
    assert_eq!(world.dump(), before);
    world.call(&format!("deactivatelicense licensekey={key}")).done();
    make("licensereference=S-1").refused(Code::LicenseEnded).says("License is inactive");
    world.call(&format!("activatelicense licensekey={key}")).done();
    make("licensereference=S-1").done();
    assert_eq!(places(&world, &key), 1);
}

#[test]
fn a_cancelled_license_lets_its_depots_go_and_they_stay() {
    let world = world();
    let key = license(&world, "limit=2");
    depot(&world, &format!("username=carol licensekey={key}"));
    depot(&world, &format!("username=daisy licensekey={key}"));
    world.call(&format!("cancellicense licensekey={key}")).done();
    assert_eq!((places(&world, &key), depots(&world, "carol")), (0, vec!["1".to_owned()]));
    world.call("deletedepot depotid=1").done();
    assert_eq!(places(&world, &key), 0);
    world.call(&format!("deletelicense licensekey={key}")).done();
    world.call(&format!("createdepot username=carol licensekey={key}")).plainly(Code::LicenseUnknown);
}

#[test]
fn a_removed_users_depots_give_their_places_back() {
    let world = world();
    let key = license(&world, "limit=3");
    depot(&world, &format!("username=carol licensekey={key}"));
    depot(&world, &format!("username=carol licensekey={key}"));
    depot(&world, &format!("username=daisy licensekey={key}"));
    world.call("removeuser username=carol deletedepot=true").done();
    assert_eq!(places(&world, &key), 1);
    // Without an owner it still takes its place.
    world.call("removeuser username=daisy").done();
    assert_eq!(places(&world, &key), 1);
    world.call("deletedepot depotid=3").done();
    assert_eq!(places(&world, &key), 0);
}

#[test]
fn a_license_that_others_depots_use_does_not_go_with_its_holder() {
    let world = world();
    let key = license(&world, "limit=3");
    world.call(&format!("setlicenseholder username=carol licensekey={key}")).done();
    depot(&world, &format!("username=carol licensekey={key}"));
    let daisys = depot(&world, &format!("username=daisy licensekey={key}"));
    let before = world.dump();
    let moves = "setdistributor username=carol newdistributor=ACME withlicenses=true";
    for call in ["removeuser username=carol deletelicense=true", moves] {
        world.call(call).refused(Code::StillInUse);
    }
    world.call(&format!("deletedepot depotid={daisys}")).done();
    // Her own depot is shared: then others use its licence, too.
    world.call("setdepotforuser username=daisy depotid=1").done();
    for call in ["removeuser username=carol deletelicense=true", moves] {
        world.call(call).refused(Code::StillInUse);
    }
    assert_eq!(
        world.dump().len(),
        before.len() + 1,
        "a depot and its use are gone, two audit rows and a use came"
    );
    world.call("removedepotfromuser username=daisy depotid=1").done();
    world.call("removeuser username=carol deletelicense=true").done();
    world.call(&format!("getlicensedata licensekey={key}")).plainly(Code::LicenseUnknown);
    // The depot stays behind, a use of no licence.
    assert_eq!(super::shown(&world, 1).text("owner"), "");
    world.call("deletedepot depotid=1").done();
}

#[test]
fn a_depot_and_a_license_that_part_are_no_longer_one_the_others_use() {
    for (with, kept) in [
        ("withdepots=1", false),
        ("withlicenses=1", false),
        ("withlicenses=1 withdepots=1", true),
        ("", true),
    ] {
        let world = world();
        let key = license(&world, "limit=3");
        world.call(&format!("setlicenseholder username=carol licensekey={key}")).done();
        depot(&world, &format!("username=carol licensekey={key}"));
        world.call(&format!("setdistributor username=carol newdistributor=ACME {with}")).done();
        let service = world.service(if with.contains("licenses") { "shop" } else { "portal" });
        let used = service.ask("getlicensedata", &format!("licensekey={key}")).done().number("used");
        assert_eq!(used, i64::from(kept), "{with}");
        let service = world.service(if with.contains("depots") { "shop" } else { "portal" });
        service.ask("deletedepot", "depotid=1").done();
    }
}
