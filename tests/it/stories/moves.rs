//! Users who move to another provider, and what they take along.

use regserver::error::Code;

use crate::world::{Configuration, World, set};

const CAROL: &str = "registeruser username=carol useremail=carol@example.com reference=R-1 authid=A-1";

/// A world in which the default provider may act for the others, with carol in it.
fn world(change: impl FnOnce(&mut Configuration)) -> World {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("DEMO", "API/API_CREATE_DEFAULT_DEPOT", "True");
        config.provider("DEMO", "HOSTSERVER/HOST_SERVER_NAME", "https://host.example.com");
        change(config);
    });
    world.call(CAROL).done();
    world
}

fn rows(world: &World, table: &str) -> usize {
    world.dump().iter().filter(|row| row.starts_with(&format!("{table}: "))).count()
}

#[test]
fn a_user_moves_and_leaves_everything_behind() {
    let world = world(|_| {});
    let before = world.call("getuserdata username=carol").done();
    world.call("setdistributor username=carol newdistributor=acme").done();
    let after = world.call("getuserdata username=carol").done();
    assert_eq!(after.text("distributor"), "ACME");
    assert_eq!(after.number("modnumber"), before.number("modnumber") + 1);
    let found = world.call("searchuser username=carol").done();
    assert_eq!(found.find("licensekey"), None);
    assert_eq!(rows(&world, "depots"), 1);
    assert_eq!(rows(&world, "depot_users"), 0);
    // The new provider's services find it, the old one's index does not.
    assert_eq!(
        world.service("shop").ask("searchuser", "username=carol onlyownusers=1").done().text("total"),
        "1"
    );
    assert_eq!(world.call("searchuser username=*arol onlyownusers=1").done().text("total"), "0");
}

#[test]
fn a_user_moves_with_licences_and_depots() {
    let world = world(|_| {});
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.call("setdistributor username=carol newdistributor=ACME withlicenses=1 withdepots=1").done();
    assert_eq!(world.call("searchuser username=carol").done().text("licensekey"), key);
    assert_eq!(rows(&world, "depot_users"), 1);
}

#[test]
fn what_others_use_does_not_move_along() {
    let mut world = world(|_| {});
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.call("upgradedefaultlicense username=carol limit=2").done();
    world.call(&format!("assignusertolicense username=alice licensekey={key}")).done();
    let before = world.dump();
    world.call("setdistributor username=carol newdistributor=ACME withlicenses=1").refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    set(&mut world, "INSERT INTO depot_users SELECT 1, id, 0 FROM depots WHERE ownerid = 5");
    world.call("setdistributor username=carol newdistributor=ACME withdepots=1").refused(Code::StillInUse);
    assert_eq!(world.call("getuserdata username=carol").done().text("distributor"), "DEMO");
    // Left behind, both go on being used.
    world.call("setdistributor username=carol newdistributor=ACME").done();
    assert_eq!(world.call("searchuser username=alice").done().text("licensekey"), key);
    assert_eq!(rows(&world, "depot_users"), 1);
}

#[test]
fn a_licence_of_its_own_moves_although_it_is_the_one_that_others_would_get() {
    let mut world = world(|_| {});
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    world.call("registeruser username=david useremail=david@example.com").refused(Code::LicenseLimit);
    world.call("setdistributor username=carol newdistributor=ACME withlicenses=1").done();
    // What is no longer the provider's own is not shared by its users.
    world.call("registeruser username=david useremail=david@example.com").refused(Code::LicenseLimit);
}

#[test]
fn the_rules_of_the_new_provider_hold() {
    let taken = |fields: &str, setting: &str, code: Code| {
        let world = world(|config| {
            config.server("UserEmailUnique", "False");
            if !setting.is_empty() {
                config.provider("ACME", setting, "True");
            }
        });
        world.service("shop").ask("registeruser", fields).done();
        world.call("setdistributor username=carol newdistributor=ACME").plainly(code);
        assert_eq!(world.call("getuserdata username=carol").done().text("distributor"), "DEMO");
    };
    taken("useremail=x@example.com authid=A-1", "", Code::AuthIdExists);
    taken("useremail=x@example.com reference=R-1", "CLIENT/EXT_USER_REFERENCE_UNIQUE", Code::ReferenceExists);
}

#[test]
fn nobody_moves_a_user_to_a_provider_out_of_reach() {
    let world = world(|_| {});
    world.call("setdistributor username=carol newdistributor=NONE").plainly(Code::ProviderUnknown);
    world.call("setdistributor username=carol newdistributor=DEMO").done();
    let refused = world.service("shop").ask("setdistributor", "username=sheila newdistributor=DEMO");
    refused.refused(Code::AccessDenied).says("Access denied to specified Provider");
    world.service("shop").ask("setdistributor", "username=sheila newdistributor=BETA").done();
    assert_eq!(world.call("getuserdata username=sheila").done().text("distributor"), "BETA");
}
