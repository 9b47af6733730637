//! Server settings: live for the next call, undone by a blank, closed where the configuration states them.

use regserver::error::Code;

use crate::world::World;

fn set(world: &World, name: &str, value: &str) -> crate::world::Reply {
    world.call(&format!("setserversetting setting={name} value='{value}'"))
}

#[test]
fn a_setting_is_live_for_the_next_call() {
    let world = World::new();
    let maximum = || world.call("searchuser onlyownusers=true").done().text("maximum");
    assert_eq!(maximum(), "50");
    set(&world, "SearchResultsPerPage", "007").done();
    assert_eq!(maximum(), "7");
    set(&world, "SearchResultsPerPage", " ").done();
    assert_eq!(maximum(), "50");
    assert!(
        !world.dump().iter().any(|row| row.starts_with("settings: ") && row.contains("SearchResultsPerPage"))
    );
}

#[test]
fn it_lasts_over_a_restart() {
    let mut world = World::new();
    set(&world, "RegVersion", "3.6.5").done();
    world.restart();
    assert_eq!(world.call("getversion").done().text("compatibility"), "3.6.5");
}

#[test]
fn a_value_has_one_written_form() {
    let world = World::new();
    set(&world, "APIAllowSettingDistributor", "$TRUE").done();
    assert!(world.dump().iter().any(|row| row.ends_with("| APIAllowSettingDistributor | True")));
    world.call("getuserdata username=sheila").done();
}

#[test]
fn what_the_configuration_states_is_changed_only_there() {
    let mut world = World::with(|config| {
        config.server("SearchResultsPerPage", "20");
    });
    for value in ["30", "20", ""] {
        let reply = set(&world, "SearchResultsPerPage", value).refused(Code::InvalidRequest);
        reply.says("Invalid Request: set in the configuration");
    }
    // Left out later, the value stays and can be changed by the command.
    world.reconfigure(|_| {});
    assert_eq!(world.call("searchuser onlyownusers=1").done().text("maximum"), "20");
    set(&world, "SearchResultsPerPage", "30").done();
}

#[test]
fn the_configuration_wins_over_a_stored_value() {
    let mut world = World::new();
    set(&world, "SearchResultsPerPage", "30").done();
    world.reconfigure(|config| {
        config.server("SearchResultsPerPage", "20");
    });
    assert_eq!(world.call("searchuser onlyownusers=1").done().text("maximum"), "20");
}

#[test]
fn the_default_provider_can_change_hands() {
    let world = World::new();
    let reply = set(&world, "DefaultProvider", "NONE").refused(Code::InvalidRequest);
    reply.says("Invalid Request: DefaultProvider: there is no provider NONE");
    set(&world, "DefaultProvider", "demo").refused(Code::InvalidRequest);
    set(&world, "DefaultProvider", "ACME").done();
    set(&world, "DefaultProvider", "DEMO").refused(Code::AccessDenied).second("-6");
    world.service("shop").ask("setserversetting", "setting=DefaultProvider value=DEMO").done();
    set(&world, "DefaultProvider", "DEMO").done();
}

#[test]
fn two_settings_that_cannot_stand_together() {
    let world = World::new();
    let before = world.dump();
    let reply = set(&world, "ReplayProtection", "True").refused(Code::InvalidRequest);
    reply.says("Invalid Request: ReplayProtection needs a RequestTimeWindow above 0");
    assert_eq!(world.dump(), before);
    set(&world, "RequestTimeWindow", "300").done();
    set(&world, "ReplayProtection", "True").done();
    world.pass(1);
    set(&world, "RequestTimeWindow", "0").refused(Code::InvalidRequest);
    world.pass(1);
    set(&world, "ReplayProtection", "").done();
    set(&world, "RequestTimeWindow", "").done();
}

#[test]
fn values_are_checked() {
    let world = World::new();
    for (name, value, must) in [
        ("SearchResultsPerPage", "0", "must be a whole number from 1 to 1000"),
        ("ClientUsernameLength", "101", "must be a whole number of characters from 1 to 100"),
        ("UserEmailUnique", "perhaps", "must be True or False"),
        ("RegNameComplexity", "any", "must be one of basic-ascii, non-space-ascii, printable-unicode"),
        ("RegServerURL", "example.com", "must be an address that begins with https:// or http://"),
        ("RegVersion", "four", "must be a version such as 4.7.1"),
    ] {
        set(&world, name, value)
            .refused(Code::InvalidRequest)
            .says(&format!("Invalid Request: {name} {must}"));
    }
    for name in ["Nonsense", "searchresultsperpage", "APIChecksumSalt", "API/API_SEND_EMAIL"] {
        set(&world, name, "1").plainly(Code::SettingUnknown);
    }
}

#[test]
fn an_external_console_is_a_service_that_signs_with_the_salt() {
    let world = World::new();
    let salt = world.config.settings.get("APIChecksumSalt").unwrap();
    let method = regserver::gate::checksum::Method::Md5Salt;
    let console = world.party("192.0.2.77", method, salt);
    console.ask("getversion", "").plainly(Code::AccessDenied);
    set(&world, "AdminConsoleIPAddress", "192.0.2.77, 2001:db8:77::/48").done();
    console.ask("setserversetting", "setting=SearchResultsPerPage value=10").done();
    console.clone().from("2001:db8:77::5").ask("getuserdata", "username=alice").done();
    console.clone().with_key("portal-key-of-the-tests").ask("getversion", "").plainly(Code::InvalidRequest);
    assert!(world.dump().iter().any(|row| row.contains("| service:admin console |")));
    set(&world, "AdminConsoleIPAddress", "").done();
    console.ask("getversion", "").plainly(Code::AccessDenied);
}

#[test]
fn an_external_console_takes_nobodys_address() {
    let world = World::new();
    let before = world.dump();
    for (value, message) in [
        ("198.51.100.1", "198.51.100.1/32 of admin console overlaps 198.51.100.1/32 of portal"),
        ("198.51.100.20", "198.51.100.20/32 of admin console overlaps 198.51.100.16/28 of shop"),
        ("::ffff:198.51.100.33", "198.51.100.33/32 of admin console overlaps 198.51.100.33/32 of branch"),
        ("2001:db8::/32", "2001:db8:1::/48 of portal overlaps 2001:db8::/32 of admin console"),
    ] {
        let hint = "(AdminConsoleIPAddress counts as a service)";
        let message = format!("Address is used by another service: {message} {hint}");
        set(&world, "AdminConsoleIPAddress", value).refused(Code::AddressInUse).says(&message);
    }
    assert_eq!(world.dump(), before);
    // The address of a service that is switched off is free.
    set(&world, "AdminConsoleIPAddress", "198.51.100.128").done();
}
