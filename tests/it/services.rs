//! Services made and changed by commands: whose they are, how long their keys live, who sees them.

use regserver::error::Code;
use regserver::gate::checksum::Method;

use crate::world::{Party, World};

const HOUR: i64 = 3_600;

/// A caller from the address of `tickets` with that key.
fn tickets<'w>(world: &'w World, key: &str) -> Party<'w> {
    world.party("192.0.2.7", Method::Md5Key, key)
}

fn made(world: &World) -> String {
    world.call("createservice servicename=tickets addresses=192.0.2.7").done().text("servicekey")
}

fn rotated(world: &World, fields: &str) -> String {
    world.call(&format!("rotateservicekey servicename=tickets {fields}")).done().text("servicekey")
}

#[test]
fn a_key_ends_when_its_overlap_ends() {
    let world = World::new();
    let first = made(&world);
    let second = rotated(&world, &format!("overlap={HOUR}"));
    tickets(&world, &first).ask("getversion", "").done();
    tickets(&world, &second).ask("getversion", "").done();
    world.pass(HOUR);
    tickets(&world, &first).ask("getversion", "").plainly(Code::InvalidRequest);
    tickets(&world, &second).ask("getversion", "").done();
    let third = rotated(&world, "overlap=0");
    tickets(&world, &second).ask("getversion", "").plainly(Code::InvalidRequest);
    tickets(&world, &third).ask("getversion", "").done();
}

#[test]
fn there_are_two_live_keys_at_most_and_a_rotation_never_prolongs_one() {
    let world = World::new();
    let first = made(&world);
    let second = rotated(&world, "");
    let third = rotated(&world, "");
    tickets(&world, &first).ask("getversion", "").plainly(Code::InvalidRequest);
    let shown = world.call("showservicekey servicename=TICKETS").done();
    assert_eq!(shown.texts("servicekey"), [second.clone(), third]);
    assert_eq!(shown.texts("notafter")[1], "");
    world.pass(7 * 24 * HOUR);
    tickets(&world, &second).ask("getversion", "").plainly(Code::InvalidRequest);
    let list = world.call("searchservice servicename=tickets").done();
    assert_eq!((list.text("keys").as_str(), list.text("oldkeyends").as_str()), ("1", ""));
    for overlap in ["-1", "99999999999", "soon"] {
        world
            .call(&format!("rotateservicekey servicename=tickets overlap={overlap}"))
            .refused(Code::InvalidRequest);
    }
}

#[test]
fn the_overlap_can_be_ended_early_or_later() {
    let world = World::new();
    let first = made(&world);
    let second = rotated(&world, "");
    let shown = world.call("endservicekey servicename=tickets overlap=3600").done();
    assert_eq!(shown.text("oldkeyends"), "01/01/2026 01:00:00.00");
    world.pass(HOUR / 2);
    tickets(&world, &first).ask("getversion", "").done();
    world.call("endservicekey servicename=tickets overlap=7200").done();
    world.pass(HOUR);
    tickets(&world, &first).ask("getversion", "").done();
    world.call("endservicekey servicename=tickets").done();
    tickets(&world, &first).ask("getversion", "").plainly(Code::InvalidRequest);
    tickets(&world, &second).ask("getversion", "").done();
    // The key that is left is not an old one, and what has ended does not come back.
    let none = world.call("endservicekey servicename=tickets overlap=60").refused(Code::InvalidRequest);
    none.says("Invalid Request: tickets has no old key: rotateservicekey makes a new one beside it");
    rotated(&world, "overlap=60");
    world.pass(61);
    world.call("endservicekey servicename=tickets overlap=60").refused(Code::InvalidRequest);
    world.call("endservicekey servicename=kiosk").refused(Code::InvalidRequest);
    world.call("endservicekey servicename=legacy").refused(Code::InvalidRequest);
    world.call("endservicekey servicename=tickets overlap=-1").refused(Code::InvalidRequest);
}

#[test]
fn an_old_key_that_is_still_used_is_told_of() {
    let mut world = World::new();
    let first = made(&world);
    tickets(&world, &first).ask("getversion", "").done();
    let second = rotated(&world, "");
    let told = |world: &World| {
        let found = world.call("searchservice servicename=tickets").done().find("oldkeylastused");
        (found, world.call("getoverview recent=0").done().find("oldkeylastused"))
    };
    // What was signed before the rotation says nothing, nor does the new key.
    tickets(&world, &second).ask("getversion", "").done();
    world.restart();
    assert_eq!(told(&world), (None, None));
    world.pass(HOUR);
    tickets(&world, &first).ask("getversion", "").done();
    world.pass(30);
    // One that is refused later was signed all the same.
    tickets(&world, &first).ask("nonsense", "").plainly(Code::InvalidCommand);
    world.restart();
    let used = Some("01/01/2026 01:00:00.00".to_owned());
    assert_eq!(told(&world), (used.clone(), used.clone()));
    let overview = world.call("getoverview recent=0").done();
    assert_eq!(overview.text("servicename"), "tickets");
    assert_eq!(overview.text("oldkeyends"), "01/08/2026 00:00:00.00");
    assert_eq!(world.service("shop").ask("getoverview", "recent=0").done().find("servicename"), None);
    world.pass(25 * HOUR);
    assert_eq!(told(&world), (used, None), "for a day nobody has signed with it");
    tickets(&world, &first).ask("getversion", "").done();
    world.restart();
    assert!(told(&world).1.is_some());
    world.call("endservicekey servicename=tickets").done();
    assert_eq!(told(&world), (None, None));
}

#[test]
fn a_change_is_live_for_the_next_call() {
    let world = World::new();
    let key = made(&world);
    world.call("updateservice servicename=tickets commands=getversion method=hmac-sha1 login_limit=3").done();
    let signed = world.party("192.0.2.7", Method::HmacSha1, &key);
    signed.ask("getversion", "").done();
    signed.ask("searchuser", "onlyownusers=1").refused(Code::AccessDenied).second("-6");
    world.call("updateservice servicename=tickets commands=[] addresses=192.0.2.8").done();
    signed.ask("getversion", "").plainly(Code::AccessDenied);
    signed.clone().from("192.0.2.8").ask("searchuser", "onlyownusers=1").done();
    let list = world.call("searchservice servicename=tickets").done();
    assert_eq!((list.text("loginlimit").as_str(), list.text("addresses").as_str()), ("3", "192.0.2.8"));
    world.call("updateservice servicename=tickets enabled=false").done();
    signed.from("192.0.2.8").ask("getversion", "").plainly(Code::AccessDenied);
    world
        .call("updateservice servicename=tickets addresses=198.51.100.1 enabled=true")
        .refused(Code::AddressInUse);
}

#[test]
fn a_provider_sees_its_own_services_and_nobody_elses() {
    let world = World::new();
    made(&world);
    let shop = world.service("shop");
    let mine = shop.ask("createservice", "servicename=till addresses=192.0.2.9").done();
    assert_eq!(shop.ask("searchservice", "").done().texts("servicename"), ["shop", "till"]);
    assert_eq!(shop.ask("searchprovider", "").done().texts("code"), ["ACME"]);
    for command in ["updateservice", "showservicekey", "rotateservicekey", "endservicekey"] {
        for name in ["servicename=tickets", "servicename=portal", "serviceid=1"] {
            shop.ask(command, name).plainly(Code::ServiceUnknown);
        }
        let till = format!("serviceid={}", mine.text("serviceid"));
        world.service("portal").ask(command, &till).plainly(Code::ServiceUnknown);
        if command != "endservicekey" {
            shop.ask(command, &till).done();
        }
        shop.ask(command, "").refused(Code::InvalidRequest);
        shop.ask(command, &format!("{till} servicename=till")).refused(Code::InvalidRequest);
    }
    let all = world.call("searchservice").done().texts("servicename");
    assert!(all.contains(&"till".to_owned()) && all.contains(&"tickets".to_owned()), "{all:?}");
    let own = world.call("searchservice onlyown=true").done().texts("distributor");
    assert!(own.iter().all(|code| code == "DEMO"), "{own:?}");
}

#[test]
fn the_salt_is_the_default_providers_to_see() {
    let world = World::new();
    let shown = world.call("showservicekey servicename=legacy").done();
    assert_eq!(shown.text("servicekey"), "5a175a175a175a175a175a175a175a17");
    let shop = world.service("shop");
    shop.ask("createservice", "servicename=till addresses=192.0.2.9 method=md5-salt").done();
    shop.ask("showservicekey", "servicename=till").refused(Code::AccessDenied).second("-6");
    shop.ask("rotateservicekey", "servicename=till").refused(Code::InvalidRequest);
    let named = world.call("showservicekey serviceid=salt").done();
    assert_eq!(named.text("servicekey"), shown.text("servicekey"));
    assert_eq!((named.text("serviceid").as_str(), named.text("servicename").as_str()), ("0", "salt"));
    let refused = shop.ask("showservicekey", "serviceid=salt").refused(Code::AccessDenied).second("-6");
    refused
        .says(
            "Access denied: this is the salt of the server, which is for services of the default provider DEMO and \
             for people with the right SUPER-USER, which its services can grant",
        );
    world.call("showservicekey serviceid=pepper").refused(Code::InvalidRequest);
    world.call("showservicekey serviceid=salt servicename=legacy").refused(Code::InvalidRequest);
    world.call("rotateservicekey serviceid=salt").refused(Code::InvalidRequest);
    let seen =
        |row: &String| row.starts_with("audit") && row.contains("showservicekey") && row.contains("salt");
    assert!(world.dump().iter().any(seen), "whoever sees the salt is written down");
}

#[test]
fn whoever_sees_a_key_is_written_down() {
    let world = World::new();
    let key = made(&world);
    world.call("showservicekey servicename=tickets").done();
    let row =
        world.dump().into_iter().rfind(|row| row.starts_with("audit") && row.contains("showservicekey"));
    let row = row.unwrap();
    assert!(row.contains("service:portal") && row.contains("tickets") && !row.contains(&key), "{row}");
}

#[test]
fn a_new_provider_is_there_at_once() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("createprovider code=GAMA managedby=ACME").done();
    world.call("createprovider code=GAMA").plainly(Code::ProviderExists);
    let shop = world.service("shop").always("distributor=GAMA");
    shop.ask("registeruser", "useremail=g@example.com").done();
    assert_eq!(shop.ask("searchuser", "onlyownusers=1").done().text("username"), "$GAMA-1001");
}

#[test]
fn a_service_that_is_deleted_leaves_nothing_behind() {
    let world = World::new();
    let key = made(&world);
    let caller = tickets(&world, &key);
    let session = caller.session("username=alice", crate::world::STRANGE);
    session.ask("getuserdata", "username=alice").done();
    let itself = caller.ask("deleteservice", "servicename=tickets").refused(Code::InvalidRequest);
    assert!(itself.text("message").contains("a service does not delete itself"));
    world.call("deleteservice servicename=TICKETS").done();
    caller.ask("getversion", "").plainly(Code::AccessDenied);
    assert_eq!(session.ask("getuserdata", "username=alice").answer.status, 403);
    let rows = world.dump();
    let of =
        |table: &str| rows.iter().filter(|row| row.starts_with(table) && row.contains("tickets")).count();
    assert_eq!((of("services: "), of("sessions: ")), (0, 0));
    assert!(!rows.iter().any(|row| row.starts_with("service_keys: ") && row.contains(" | 9 | ")));
    let audit = rows.iter().rfind(|row| row.starts_with("audit") && row.contains("deleteservice")).unwrap();
    assert!(audit.contains(r#""addresses":"192.0.2.7/32""#) && !audit.contains(&key), "{audit}");
    world.call("deleteservice servicename=tickets").plainly(Code::ServiceUnknown);
    // Name and address are free again, the number is not.
    let again = world.call("createservice servicename=tickets addresses=192.0.2.7").done();
    assert_eq!(again.text("serviceid"), "10");
    tickets(&world, &key).ask("getversion", "").plainly(Code::InvalidRequest);
}

#[test]
fn a_stated_service_is_not_deleted() {
    let world = World::new();
    let before = world.dump();
    let reply = world.call("deleteservice servicename=kiosk").refused(Code::InvalidRequest);
    reply.says("Invalid Request: set in the configuration");
    assert_eq!(world.dump(), before);
}
