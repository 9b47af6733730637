//! What a session ends with: everything by which it was opened, and everything that its user is.

use regserver::error::Code;

use crate::world::{Party, World};

const BY_PASSWORD: &str = "username=alice password=wonder-2026";

#[track_caller]
fn works(party: &Party<'_>) {
    assert_eq!(party.ask("getuserdata", "username=alice").done().text("username"), "alice");
}

#[track_caller]
fn over(party: &Party<'_>) {
    party.ask("getversion", "").turned_away(Code::AccessDenied).says("Access denied").second("");
}

/// Sessions of alice: by password, by key, by service.
fn opened(world: &World) -> [Party<'_>; 3] {
    [
        world.stranger().session(BY_PASSWORD, "192.0.2.44"),
        world.person("alice", "").session("", "192.0.2.44"),
        world.service("portal").session("username=alice", "192.0.2.44"),
    ]
}

/// A world in which services may act for other providers.
fn with_switch() -> World {
    World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    })
}

#[test]
fn with_whatever_changes_what_its_user_may() {
    for call in [
        "disableuser username=alice",
        "deactivateuser username=alice",
        "removeuser username=alice",
        "requestuserdeletion username=alice",
        "resetpassword username=alice",
        "setpassword username=alice newpassword=sekret-5678",
        "setdistributor username=alice newdistributor=ACME",
        "revokeright username=alice right=API-ACCESS",
    ] {
        let world = with_switch();
        world.call("grantright username=alice right=API-ACCESS").done();
        let sessions = opened(&world);
        sessions.iter().for_each(works);
        world.call(call).done();
        for session in sessions {
            let reply = session.ask("getversion", "");
            assert_eq!((reply.answer.status, reply.code()), (403, Some(-30_000)), "{call}");
        }
        assert!(!world.dump().iter().any(|row| row.starts_with("sessions: ")), "{call}");
    }
}

#[test]
fn what_changes_nothing_ends_nothing() {
    let world = World::new();
    let sessions = opened(&world);
    for call in [
        "enableuser username=alice",
        "revokeright username=alice right=API-ACCESS",
        "setdistributor username=alice newdistributor=DEMO",
        "setlanguage username=alice language=de",
        "disableuser username=edgar",
        "setpassword username=edgar newpassword=sekret-5678",
        "loginuser username=alice password=wonder-2026",
        "loginuser username=alice password=guess-1234",
        "sendpassword username=alice",
    ] {
        world.call(call);
        sessions.iter().for_each(works);
    }
}

#[test]
fn with_a_new_password_by_a_temporary_one() {
    let world = World::new();
    let sessions = opened(&world);
    world.stranger().ask("sendpassword", "username=alice").done();
    sessions.iter().for_each(works);
    let fields = "username=alice tmppassword={code} password=sekret-5678";
    world.stranger().ask("loginuser", fields).done();
    sessions.iter().for_each(over);
}

#[test]
fn the_call_that_ends_it_is_answered() {
    let world = World::new();
    let [by_password, by_key, by_service] = opened(&world);
    let fields = "username=alice password=wonder-2026 newpassword=sekret-5678";
    by_password.ask("setpassword", fields).done();
    [by_password, by_key, by_service].iter().for_each(over);
}

#[test]
fn with_the_key_that_opened_it() {
    let world = World::new();
    let made = world.call("createapikey username=alice kind=basic validuntil=01/01/2026").done();
    world.pass(86_400 - 60);
    let expiring = world.key(&made.text("key"), &made.text("secret")).session("", "192.0.2.44");
    let [by_password, by_key, by_service] = opened(&world);
    world.call("revokeapikey keyid=2").done();
    over(&by_key);
    works(&expiring);
    world.pass(60);
    over(&expiring);
    [by_password, by_service].iter().for_each(works);
}

#[test]
fn the_keys_scope_narrows_it() {
    let world = World::new();
    let key = world.person("alice", "users:view,createsession");
    let session = key.session("", "192.0.2.44");
    works(&session);
    for (command, fields) in [("setlanguage", "username=alice language=de"), ("getdevices", "username=alice")]
    {
        let reply = session.ask(command, fields).refused(Code::AccessDenied).second("-6");
        assert!(
            reply.text("message").starts_with("Access denied: the scope of the key rk-"),
            "{}",
            reply.body()
        );
    }
    let reply = world.person("alice", "users:view").ask("createsession", "IP=192.0.2.44");
    assert!(reply.refused(Code::AccessDenied).text("message").contains(" does not have createsession;"));
}

#[test]
fn with_the_service_that_opened_it() {
    let mut world = World::new();
    let fields = "servicename=temp kind=webportal method=md5 addresses=192.0.2.9";
    world.call(&format!("createservice {fields}")).done();
    let token = |world: &World| {
        let key = world.call("showservicekey servicename=temp").done().text("servicekey");
        let temp = world.party("192.0.2.9", regserver::gate::checksum::Method::Md5Key, &key);
        temp.ask("createsession", "username=alice IP=192.0.2.44").done().text("session")
    };
    let with = |world: &World, token: &str, command: &str, fields: &str| {
        let shown = regserver::gate::credentials::Shown::Session(token.to_owned().into());
        Party::showing(world, shown).from("192.0.2.44").ask(command, fields)
    };
    let first = token(&world);
    world.restart();
    with(&world, &first, "getuserdata", "username=alice").done();
    // A list that has become narrower narrows what it has opened.
    world.call("updateservice servicename=temp commands=getuserdata,createsession").done();
    with(&world, &first, "getuserdata", "username=alice").done();
    let reply = with(&world, &first, "setlanguage", "username=alice language=de");
    reply.refused(Code::AccessDenied).second("-6").says(
        "Access denied: the service temp may not call setlanguage; its provider can add it to the allowed commands",
    );
    world.call("updateservice servicename=temp enabled=false").done();
    with(&world, &first, "getuserdata", "username=alice").turned_away(Code::AccessDenied);
}

#[test]
fn when_the_services_provider_may_no_longer_act_for_the_users() {
    let mut world = with_switch();
    let shop = world.service("shop").always("distributor=BETA");
    let token = shop.ask("createsession", "username=bruno IP=192.0.2.44").done().text("session");
    let call = |world: &World| {
        let shown = regserver::gate::credentials::Shown::Session(token.clone().into());
        Party::showing(world, shown).from("192.0.2.44").ask("getuserdata", "username=bruno")
    };
    call(&world).done();
    world.reconfigure(|config| {
        config.server("APIAllowSettingDistributor", "False");
    });
    call(&world).turned_away(Code::AccessDenied);
}
