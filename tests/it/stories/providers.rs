//! Providers: shown, changed, managed one step and never two.

use regserver::error::Code;
use regserver::gate::checksum::Method;

use crate::world::{Party, STRANGE, World};

/// ACME manages BETA, which manages GAMA, whose service calls from 192.0.2.33.
fn chain() -> World {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("createprovider code=GAMA managedby=BETA").done();
    world.call("createservice servicename=office addresses=192.0.2.33 distributor=GAMA").done();
    world
}

#[test]
fn a_provider_shows_and_changes_its_own_data() {
    let world = World::new();
    world.call("createprovider code=GAMA name=Gamma").done();
    let key = world.call("createservice servicename=office addresses=192.0.2.33").done().text("servicekey");
    let shop = world.service("shop");
    assert_eq!(shop.ask("getproviderdata", "").done().texts("code"), ["ACME"]);
    shop.ask("updateprovider", "contactemail=office@acme.example.com").done();
    let data = shop.ask("getproviderdata", "code=acme").done();
    assert_eq!(data.text("contactemail"), "office@acme.example.com");
    assert_eq!((data.text("stated"), data.text("manages")), ("true".to_owned(), "BETA".to_owned()));
    assert_eq!(shop.ask("searchprovider", "").done().text("contactemail"), "office@acme.example.com");
    shop.ask("updateprovider", "contactemail=-").done();
    assert_eq!(shop.ask("getproviderdata", "").done().text("contactemail"), "");
    for wrong in ["contactemail=office", "", &format!("name={}", "x".repeat(101))] {
        shop.ask("updateprovider", wrong).refused(Code::InvalidRequest);
    }
    let office = world.party("192.0.2.33", Method::Md5Key, &key);
    office.ask("updateprovider", "code=GAMA name='Gamma Storage'").done();
    assert_eq!(world.call("getproviderdata code=GAMA").done().text("name"), "Gamma Storage");
}

#[test]
fn others_providers_are_unknown() {
    let world = chain();
    let before = world.dump();
    // Nothing that is not managed by ACME itself, whether it is there or not.
    for code in ["DEMO", "GAMA", "NONE"] {
        let shop = world.service("shop");
        shop.ask("getproviderdata", &format!("code={code}")).plainly(Code::ProviderUnknown);
        shop.ask("updateprovider", &format!("code={code} name=Taken")).plainly(Code::ProviderUnknown);
    }
    assert_eq!(world.dump(), before);
    world.service("shop").ask("getproviderdata", "code=BETA").done();
    world.service("branch").ask("updateprovider", "code=GAMA contactemail=help@example.com").done();
    assert_eq!(world.call("getproviderdata code=GAMA").done().text("contactemail"), "help@example.com");
}

#[test]
fn who_manages_a_provider_is_decided_by_the_default_one() {
    let world = chain();
    for fields in ["managedby=ACME", "code=BETA managedby=-", "managedby=NONE"] {
        world.service("shop").ask("updateprovider", fields).refused(Code::AccessDenied).second("-6");
    }
    world.call("updateprovider code=GAMA managedby=NONE").plainly(Code::ProviderUnknown);
    world.call("updateprovider code=GAMA managedby=ACME").done();
    world.service("shop").ask("searchuser", "onlyownusers=1 distributor=GAMA").done();
    world.call("updateprovider code=GAMA managedby=-").done();
    let denied = world.service("shop").ask("searchuser", "onlyownusers=1 distributor=GAMA");
    denied.refused(Code::AccessDenied).says("Access denied to specified Provider");
}

#[test]
fn nobody_manages_whoever_stands_above() {
    let world = chain();
    let before = world.dump();
    let reply = world.call("updateprovider code=GAMA managedby=GAMA").refused(Code::InvalidRequest);
    reply.says("Invalid Request: managedby goes in a circle: GAMA, by GAMA");
    world.call("createprovider code=DELT managedby=GAMA").done();
    let reply = world.call("updateprovider code=GAMA managedby=DELT").refused(Code::InvalidRequest);
    reply.says("Invalid Request: managedby goes in a circle: GAMA, by DELT, by GAMA");
    assert_ne!(world.dump(), before);
    // What the configuration states is changed only there.
    let reply = world.call("updateprovider code=ACME managedby=GAMA").refused(Code::InvalidRequest);
    reply.says("Invalid Request: set in the configuration");
    world.call("updateprovider code=ACME name=Acme").refused(Code::InvalidRequest);
    world.call("updateprovider code=ACME contactemail=office@example.com").done();
}

#[test]
fn a_contact_lasts_over_a_restart() {
    let mut world = World::new();
    world.service("shop").ask("updateprovider", "contactemail=office@example.com").done();
    world.restart();
    assert_eq!(world.call("getproviderdata code=ACME").done().text("contactemail"), "office@example.com");
}

/// Everything that makes, changes, removes or shows a service of BETA.
const KEEPING: [(&str, &str); 5] = [
    ("createservice", "servicename=till addresses=192.0.2.9"),
    ("updateservice", "servicename=branch2 method=md5-salt addresses=192.0.2.9"),
    ("showservicekey", "servicename=branch2"),
    ("rotateservicekey", "servicename=branch2"),
    ("deleteservice", "servicename=branch2"),
];

#[track_caller]
fn is_kept_out(party: &Party<'_>) {
    for (command, fields) in KEEPING {
        let reply = party.ask(command, &format!("{fields} distributor=BETA"));
        reply.refused(Code::AccessDenied).second("-6").says(&format!(
            "Access denied: {command} of the provider BETA is for its own services and for those of the default \
             provider DEMO; a provider that manages it never acts as one of its services"
        ));
    }
}

#[test]
fn a_manager_never_becomes_a_service_of_what_it_manages() {
    let world = chain();
    world.call("createservice servicename=branch2 addresses=192.0.2.8 distributor=BETA").done();
    let before = world.dump();
    is_kept_out(&world.service("shop"));
    assert_eq!(world.dump(), before);
    // It sees them, and acts for users and settings.
    let shop = world.service("shop").always("distributor=BETA");
    assert_eq!(shop.ask("searchservice", "").done().texts("servicename"), ["branch", "branch2"]);
    shop.ask("registeruser", "username=gerda useremail=gerda@example.com").done();
    shop.ask("setprovidersetting", "setting=API/API_SEND_EMAIL value=True").done();
    // Its own services, and the default provider, keep them.
    world.service("branch").ask("rotateservicekey", "servicename=branch2").done();
    world.call("showservicekey servicename=branch2 distributor=BETA").done();
}

#[test]
fn a_manager_has_no_part_in_whoever_may_keep_them() {
    let world = chain();
    let shop = world.service("shop");
    let refused = shop.ask("grantright", "username=bruno right=EDIT-PROVIDER");
    refused
        .refused(Code::AccessDenied)
        .second("-6")
        .says("Access denied: only who has the right EDIT-PROVIDER can grant it");
    // A key that it made before stays small, and whoever holds the right now is out of its hands.
    let made = shop.ask("createapikey", "username=bruno kind=basic").done();
    let session = shop.session("username=bruno", STRANGE);
    let branch = world.service("branch");
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        branch.ask("grantright", &format!("username=bruno right={right}")).done();
    }
    let key = world.key(&made.text("key"), &made.text("secret"));
    let till = "servicename=till addresses=192.0.2.9";
    key.ask("createservice", till).refused(Code::AccessDenied).second("-6");
    session.ask("createservice", till).refused(Code::AccessDenied);
    for (command, fields) in [
        ("setpassword", "username=bruno newpassword=another-2026"),
        ("createapikey", "username=bruno kind=basic"),
        ("createsession", "username=bruno IP=192.0.2.44"),
    ] {
        let reply = shop.ask(command, fields).refused(Code::AccessDenied).second("-6");
        reply.says("Access denied: this user holds the right EDIT-PROVIDER, which the caller lacks");
    }
    shop.ask("getuserdata", "username=bruno").done();
    // The provider's own service is as free as before.
    let made = branch.ask("createapikey", "username=bruno kind=basic").done();
    let key = world.key(&made.text("key"), &made.text("secret"));
    key.ask("createservice", till).done();
}

#[test]
fn a_circle_in_the_configuration_keeps_the_server_from_starting() {
    let world = chain();
    let text =
        "[[provider]]\ncode = 'ACME'\nmanaged_by = 'BETA'\n[[provider]]\ncode = 'BETA'\nmanaged_by = 'ACME'";
    let reply =
        world.service("portal").over_json().ask("previewconfig", &format!("configuration=\"{text}\""));
    let reply = reply.done();
    assert_eq!(reply.text("usable"), "false");
    assert!(
        reply.text("text").contains("managedby goes in a circle: ACME, by BETA, by ACME"),
        "{}",
        reply.body()
    );
}
