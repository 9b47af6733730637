//! Services: made, called with at once, never two at one address; and the one for trying things out.

use regserver::error::Code;
use regserver::gate::checksum::Method;

use crate::world::{Configuration, Folder, World};

const TICKETS: &str = "createservice servicename=tickets addresses=192.0.2.7 method=hmac-sha256";

#[test]
fn a_new_service_calls_at_once_with_its_key() {
    for (method, name) in
        [(Method::Md5Key, "md5"), (Method::HmacSha1, "hmac-sha1"), (Method::HmacSha256, "hmac-sha256")]
    {
        let world = World::new();
        let call = format!("createservice servicename=tickets addresses=192.0.2.7 method={name}");
        let key = world.call(&call).done().text("servicekey");
        assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
        world.party("192.0.2.7", method, &key).ask("getuserdata", "username=alice").done();
        world.party("192.0.2.7", method, "another").ask("getversion", "").plainly(Code::InvalidRequest);
        world.party("192.0.2.8", method, &key).ask("getversion", "").plainly(Code::AccessDenied);
    }
}

#[test]
fn a_new_service_lasts_over_a_restart_and_two_keys_differ() {
    let mut world = World::new();
    let key = world.call(TICKETS).done().text("servicekey");
    let other = world.call("createservice servicename=other addresses=192.0.2.8").done().text("servicekey");
    assert_ne!(key, other);
    world.restart();
    world.party("192.0.2.7", Method::HmacSha256, &key).ask("getversion", "").done();
}

#[test]
fn a_service_that_signs_with_the_salt() {
    let world = World::new();
    world.call("createservice servicename=tickets addresses=192.0.2.7 method=md5-salt").done();
    let salt = world.config.settings.get("APIChecksumSalt").unwrap();
    world.party("192.0.2.7", Method::Md5Salt, salt).ask("getversion", "").done();
}

#[test]
fn a_service_belongs_to_the_provider_that_made_it() {
    let world = World::new();
    let key = world.service("shop").ask("createservice", "servicename=till addresses=192.0.2.9").done();
    let till = world.party("192.0.2.9", Method::Md5Key, &key.text("servicekey"));
    till.ask("getuserdata", "username=sheila").done();
    till.ask("getuserdata", "username=alice").plainly(Code::UserUnknown);
    till.ask("setserversetting", "setting=RegVersion").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_service_may_be_made_by_the_default_provider_for_another() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let fields = "servicename=till addresses=192.0.2.9 distributor=BETA";
    let key = world.service("portal").ask("createservice", fields).done().text("servicekey");
    let till = world.party("192.0.2.9", Method::Md5Key, &key);
    till.ask("getuserdata", "username=bruno").done();
    till.ask("getuserdata", "username=sheila").plainly(Code::UserUnknown);
}

#[test]
fn no_two_services_at_one_address() {
    let world = World::new();
    let before = world.dump();
    for (address, message) in [
        ("198.51.100.1", "198.51.100.1/32 of tickets overlaps 198.51.100.1/32 of portal"),
        ("198.51.100.30", "198.51.100.30/32 of tickets overlaps 198.51.100.16/28 of shop"),
        ("198.51.100.0/28", "198.51.100.1/32 of portal overlaps 198.51.100.0/28 of tickets"),
        ("2001:db8:1:5::/64", "2001:db8:1:5::/64 of tickets overlaps 2001:db8:1::/48 of portal"),
        ("::ffff:198.51.100.33", "198.51.100.33/32 of tickets overlaps 198.51.100.33/32 of branch"),
        ("0.0.0.0/0", "198.51.100.1/32 of portal overlaps 0.0.0.0/0 of tickets"),
    ] {
        let reply = world.call(&format!("createservice servicename=tickets addresses=192.0.2.7,{address}"));
        reply.refused(Code::AddressInUse).says(&format!("Address is used by another service: {message}"));
    }
    assert_eq!(world.dump(), before);
    world.call(TICKETS).done();
    world.call("createservice servicename=tickets2 addresses=192.0.2.0/29").refused(Code::AddressInUse);
    // Ranges of one service may lie in each other, and one that is switched off is nobody.
    world.call("createservice servicename=wide addresses=192.0.2.16/28,192.0.2.17").done();
    world.call("createservice servicename=off addresses=192.0.2.17 enabled=false").done();
}

#[test]
fn wide_ranges_are_the_default_providers_to_give() {
    let world = World::new();
    let shop = world.service("shop");
    let before = world.dump();
    for wide in ["192.0.0.0/23", "2001:db8:8000::/47", "0.0.0.0/0"] {
        let fields = format!("servicename=till addresses=192.0.2.9,{wide}");
        shop.ask("createservice", &fields).refused(Code::InvalidRequest).says(&format!(
            "Invalid Request: addresses: {wide} is wider than /24 for IPv4 or /48 for IPv6, which only the default \
             provider DEMO may give to a service"
        ));
    }
    assert_eq!(world.dump(), before);
    shop.ask("createservice", "servicename=till addresses=192.0.2.0/24,2001:db8:8000::/48").done();
    shop.ask("updateservice", "servicename=till addresses=192.0.0.0/16").refused(Code::InvalidRequest);
    world.call("createservice servicename=wide addresses=10.0.0.0/8").done();
}

#[test]
fn a_service_of_strangers_is_not_named() {
    let world = World::new();
    let shop = world.service("shop");
    let hidden = |own: &str| {
        format!(
            "Address is used by another service: {own} of till overlaps an address of a service of another provider"
        )
    };
    for (address, own) in [("198.51.100.0/29", "198.51.100.0/29"), ("198.51.100.33", "198.51.100.33/32")] {
        let reply = shop.ask("createservice", &format!("servicename=till addresses={address}"));
        reply.refused(Code::AddressInUse).says(&hidden(own));
    }
    shop.ask("createservice", "servicename=till addresses=192.0.2.9").done();
    let reply = shop.ask("updateservice", "servicename=till addresses=198.51.100.1");
    reply.refused(Code::AddressInUse).says(&hidden("198.51.100.1/32"));
    shop.ask("createservice", "servicename=kasse addresses=192.0.2.9")
        .refused(Code::AddressInUse)
        .says("Address is used by another service: 192.0.2.9/32 of kasse overlaps 192.0.2.9/32 of till");
}

#[test]
fn a_disabled_service_does_not_call() {
    let world = World::new();
    let key = world.call(&format!("{TICKETS} enabled=false")).done().text("servicekey");
    world.party("192.0.2.7", Method::HmacSha256, &key).ask("getversion", "").plainly(Code::AccessDenied);
}

#[test]
fn a_list_of_commands_is_kept() {
    let world = World::new();
    let key = world.call(&format!("{TICKETS} commands=getversion,getuserdata")).done().text("servicekey");
    let tickets = world.party("192.0.2.7", Method::HmacSha256, &key);
    tickets.ask("getuserdata", "username=alice").done();
    tickets.ask("searchuser", "onlyownusers=true").refused(Code::AccessDenied).second("-6");
}

#[test]
fn names_are_compared_without_case() {
    let world = World::new();
    world.call(TICKETS).done();
    let reply =
        world.call("createservice servicename=TICKETS addresses=192.0.2.8").refused(Code::InvalidRequest);
    reply.says("Invalid Request: servicename: there is a service TICKETS already");
    world.call(&format!("createservice servicename={} addresses=192.0.2.9", "t".repeat(64))).done();
    world
        .call(&format!("createservice servicename={} addresses=192.0.2.10", "u".repeat(65)))
        .refused(Code::InvalidRequest);
}

/// The configuration of somebody who has stated nothing.
fn bare(change: impl FnOnce(&mut Configuration)) -> World {
    let folder = Folder::new();
    let mut configuration = Configuration::of("[settings]\nAPIChecksumSalt = '0123456789abcdef'", &folder);
    change(&mut configuration);
    World::in_folder(folder, configuration.read(), 5_000)
}

#[test]
fn the_service_for_trying_things_out_gives_way_to_any_configured_one() {
    let mut world = bare(|_| {});
    let demo =
        world.api().snapshot().service_at("127.0.0.1".parse().unwrap()).map(|service| service.name.clone());
    assert_eq!(demo.as_deref(), Some(regserver::api::DEMO));
    assert!(world.api().snapshot().service_at("::1".parse().unwrap()).is_some());
    assert!(world.api().snapshot().service_at("192.0.2.7".parse().unwrap()).is_none());
    world.stop();
    let mut configuration =
        Configuration::of("[[service]]\nname = 'one'\naddresses = ['127.0.0.1']", &Folder::new());
    configuration.section("database").insert("path".into(), world.database().display().to_string().into());
    world.config = configuration.read();
    world.restart();
    let snapshot = world.api().snapshot();
    assert_eq!(
        snapshot.service_at("127.0.0.1".parse().unwrap()).map(|s| s.name.clone()).as_deref(),
        Some("one")
    );
    assert!(snapshot.service_at("::1".parse().unwrap()).is_none());
}

#[test]
fn a_key_that_is_made_once_stays() {
    let mut world = World::with(|config| {
        config.service("portal").remove("keys");
    });
    // The key that was stated before stays the service's own.
    world.service("portal").with_key("portal-key-of-the-tests").ask("getversion", "").done();
    world.restart();
    world.service("portal").with_key("portal-key-of-the-tests").ask("getversion", "").done();
}

#[test]
fn a_service_left_out_of_the_configuration_is_not_deleted() {
    let mut world = World::new();
    world.reconfigure(|config| {
        let services = config.0["service"].as_array_mut().unwrap();
        services.retain(|service| service["name"].as_str() != Some("gate"));
    });
    let party = world.party("198.51.100.112", Method::Md5Key, "gate-key-of-the-tests");
    party.ask("getversion", "").done();
}

#[test]
fn the_configuration_changes_keys_addresses_and_methods() {
    let mut world = World::new();
    let (old, new) = ("portal-key-of-the-tests", "another-key-of-the-tests");
    world.reconfigure(|config| {
        let key = toml::Table::from_iter([("key".to_owned(), new.into())]);
        config.service("portal").insert("keys".into(), vec![toml::Value::Table(key)].into());
        config.service("portal").insert("addresses".into(), vec!["192.0.2.1"].into());
        config.service("portal").insert("method".into(), "hmac-sha1".into());
    });
    world.party("198.51.100.1", Method::Md5Key, old).ask("getversion", "").plainly(Code::AccessDenied);
    world.party("192.0.2.1", Method::HmacSha1, old).ask("getversion", "").plainly(Code::InvalidRequest);
    world.party("192.0.2.1", Method::HmacSha1, new).ask("getuserdata", "username=alice").done();
    let rows = world.dump();
    assert_eq!(
        rows.iter().filter(|row| row.starts_with("services: ") && row.contains("| portal |")).count(),
        1
    );
}

#[test]
fn the_first_provider_stated_is_the_default_one_of_a_new_database_only() {
    let provider =
        |code: &str| toml::Value::Table(toml::Table::from_iter([("code".to_owned(), code.into())]));
    let mut world = bare(|config| {
        config.0.insert("provider".into(), vec![provider("ACME"), provider("BETA")].into());
    });
    let default = |world: &World| world.api().snapshot().server.default_provider.clone();
    assert_eq!(default(&world), "ACME");
    world.stop();
    world.config.providers.swap(0, 1);
    world.restart();
    assert_eq!(default(&world), "ACME", "the order in the file changes nothing later");
    assert_eq!(bare(|_| {}).api().snapshot().server.default_provider, "DEMO");
}

#[test]
fn a_provider_is_managed_as_the_configuration_says() {
    let mut world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.service("shop").ask("getuserdata", "username=bruno distributor=BETA").done();
    world.reconfigure(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.0["provider"].as_array_mut().unwrap()[2].as_table_mut().unwrap().remove("managed_by");
    });
    world.service("shop").ask("getuserdata", "username=bruno").plainly(Code::UserUnknown);
    world.service("shop").ask("getuserdata", "username=bruno distributor=BETA").refused(Code::AccessDenied);
}

#[test]
fn a_name_that_is_taken_leaves_no_trace() {
    let world = World::new();
    world.call("createsite sitename=tickets").done();
    let before = world.dump();
    for line in [
        "createservice servicename=Portal addresses=192.0.2.7",
        "createservice servicename=shop addresses=192.0.2.7 enabled=$false",
        "createsite sitename=TICKETS",
    ] {
        world.call(line).refused(Code::InvalidRequest);
    }
    world
        .call("createprovider code=ACME name=Other contactemail=a@example.com")
        .plainly(Code::ProviderExists);
    world.call("createprovider code=GAMA contactemail=nobody").refused(Code::InvalidRequest);
    assert_eq!(world.dump(), before);
}
