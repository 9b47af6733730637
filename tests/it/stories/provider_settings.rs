//! Settings of providers, what clients read of them, and what they do.

use regserver::error::Code;

use crate::world::{Party, Reply, World};

fn set(party: &Party<'_>, name: &str, value: &str) -> Reply {
    party.ask("setprovidersetting", &format!("setting={name} value='{value}'"))
}

fn shown(party: &Party<'_>, name: &str) -> [String; 2] {
    let reply = party.ask("getprovidersettings", &format!("setting={name}")).done();
    [reply.text("value"), reply.text("source")]
}

#[test]
fn a_setting_says_where_it_comes_from() {
    let mut world = World::with(|config| {
        config.provider("ACME", "EMAIL/BRAND_NAME", "Acme Drive");
    });
    let shop = world.service("shop");
    assert_eq!(shown(&shop, "EMAIL/BRAND_NAME"), ["Acme Drive", "configuration"]);
    assert_eq!(shown(&shop, "API/API_SEND_EMAIL"), ["False", "default"]);
    set(&shop, "API/API_SEND_EMAIL", "$true").done();
    assert_eq!(shown(&shop, "API/API_SEND_EMAIL"), ["True", "provider"]);
    world.call("setserversetting setting=MailSenderEmail value=reg@example.com").done();
    assert_eq!(shown(&shop, "EMAIL/EMAIL_SENDER_EMAIL"), ["reg@example.com", "server"]);
    set(&shop, "EMAIL/EMAIL_SENDER_EMAIL", "acme@example.com").done();
    assert_eq!(shown(&shop, "EMAIL/EMAIL_SENDER_EMAIL"), ["acme@example.com", "provider"]);
    let changed = shop.ask("getprovidersettings", "onlychanged=true").done().texts("name");
    assert_eq!(changed, ["API/API_SEND_EMAIL", "EMAIL/EMAIL_SENDER_EMAIL", "EMAIL/BRAND_NAME"]);
    set(&shop, "API/API_SEND_EMAIL", "").done();
    assert_eq!(shown(&shop, "API/API_SEND_EMAIL"), ["False", "default"]);
    // The other providers have their own.
    assert_eq!(shown(&world.service("branch"), "EMAIL/EMAIL_SENDER_EMAIL"), ["reg@example.com", "server"]);
    drop(shop);
    world.restart();
    assert_eq!(shown(&world.service("shop"), "EMAIL/EMAIL_SENDER_EMAIL"), ["acme@example.com", "provider"]);
}

#[test]
fn every_setting_is_listed_and_the_salt_is_masked() {
    let world = World::new();
    let names = |command: &str| world.call(command).done().texts("name");
    let all = |settings: &[regserver::domain::settings::Setting]| -> Vec<String> {
        settings.iter().map(|setting| setting.name.to_owned()).collect()
    };
    assert_eq!(names("getserversettings"), all(regserver::domain::settings::SERVER));
    assert_eq!(names("getprovidersettings"), all(regserver::domain::settings::PROVIDER));
    let salt = world.call("getserversettings setting=APIChecksumSalt").done();
    assert_eq!(
        [salt.text("value"), salt.text("source"), salt.text("changedby")],
        ["•••", "configuration", "configuration"]
    );
    world.service("shop").ask("getserversettings", "").refused(Code::AccessDenied).second("-6");
}

#[test]
fn what_would_break_a_rule_is_refused_and_changes_nothing() {
    let world = World::with(|config| {
        config.provider("ACME", "EMAIL/BRAND_NAME", "Acme Drive");
    });
    let shop = world.service("shop");
    let before = world.dump();
    for (name, value, why) in [
        ("EMAIL/BRAND_NAME", "Other", "set in the configuration"),
        ("EMAIL/BRAND_NAME", "", "set in the configuration"),
        (
            "EMAIL/EMAIL_DEFAULT_LANG",
            "fr",
            "provider ACME: EMAIL/EMAIL_DEFAULT_LANG must be one of EMAIL/EMAIL_ALLOWED_LANG",
        ),
        (
            "EMAIL/EMAIL_ALLOWED_LANG",
            "de,fr",
            "provider ACME: EMAIL/EMAIL_DEFAULT_LANG must be one of EMAIL/EMAIL_ALLOWED_LANG",
        ),
        (
            "HOSTSERVER/HOST_SERVER_NAME",
            "host.example.com",
            "HOSTSERVER/HOST_SERVER_NAME must be an address that begins with https:// or http://",
        ),
        (
            "CLIENT/PRE_LOGIN_SETTINGS",
            "hint",
            "CLIENT/PRE_LOGIN_SETTINGS must be lines of the form key=value",
        ),
        (
            "LOGIN/USER_IDENTIFICATION_METHOD",
            "phone",
            "LOGIN/USER_IDENTIFICATION_METHOD must be one of default, username, email",
        ),
    ] {
        set(&shop, name, value).refused(Code::InvalidRequest).says(&format!("Invalid Request: {why}"));
    }
    for name in ["API/API_ALLOW_CHECKSUMERR", "API_SEND_EMAIL", "RegServerName", "api/api_send_email"] {
        set(&shop, name, "True").plainly(Code::SettingUnknown);
    }
    let machine = set(&shop, "CSVIMPORT/CSV_IMPORT_DIR", "/etc").refused(Code::AccessDenied).second("-6");
    assert!(machine.text("message").contains("CSVIMPORT/CSV_IMPORT_DIR names something of the machine"));
    assert_eq!(world.dump(), before);
    set(&world.service("portal"), "CSVIMPORT/CSV_IMPORT_DIR", "/srv/import").done();
}

#[test]
fn two_settings_of_references_exclude_each_other_in_both_directions() {
    for (first, value, second, other) in [
        ("API/API_ADMINCONSOLE_LIC_REF", "console", "LICENSE/EXT_LICENCE_REF_UNIQUE", "True"),
        ("LICENSE/EXT_LICENCE_REF_UNIQUE", "True", "API/API_ADMINCONSOLE_LIC_REF", "console"),
    ] {
        let world = World::new();
        let shop = world.service("shop");
        set(&shop, first, value).done();
        let reply = set(&shop, second, other).refused(Code::InvalidRequest);
        assert!(reply.text("message").contains("cannot be True while API/API_ADMINCONSOLE_LIC_REF is set"));
        set(&shop, first, "").done();
        world.pass(1);
        set(&shop, second, other).done();
    }
}

#[test]
fn the_shared_license_is_one_that_the_next_user_can_use() {
    let world = World::new();
    let make = |product: &str, limit: i64| {
        let fields = format!("productname={product} type=yearly featurevalue=professional limit={limit}");
        world.call(&format!("createlicensewithoutuser {fields}")).done().text("number")
    };
    let (shared, single, server) = (make("client", 2), make("client", 1), make("server", 5));
    let portal = world.service("portal");
    let refused = |key: &str| {
        let reply = set(&portal, "LICENSE/DEFAULT_LICENSEKEY", key).refused(Code::InvalidRequest);
        reply.text("message").replace("Invalid Request: LICENSE/DEFAULT_LICENSEKEY must be the key of ", "")
    };
    assert_eq!(refused("DEMO-0000"), "a client license of DEMO");
    assert_eq!(refused(&server), "a client license of DEMO");
    assert_eq!(refused(&single), "a license for more than one user");
    set(&portal, "LICENSE/DEFAULT_LICENSEKEY", &shared).done();
    for user in ["carol", "david"] {
        world.call(&format!("registeruser username={user} useremail={user}@example.com")).done();
    }
    world.call("registeruser username=erika useremail=erika@example.com").refused(Code::LicenseLimit);
    assert_eq!(refused(&shared), "a license with room: all places of this one are taken");
    let other = make("client", 2);
    world.call(&format!("deactivatelicense licensekey={other}")).done();
    assert_eq!(refused(&other), "a license that is in force");
    // Nobody shares another provider's.
    let reply = set(&world.service("shop"), "LICENSE/DEFAULT_LICENSEKEY", &make("client", 9));
    reply.refused(Code::InvalidRequest);
}

#[test]
fn clients_read_what_is_theirs() {
    let world = World::new();
    let shop = world.service("shop");
    set(&shop, "CLIENT/PRE_LOGIN_SETTINGS", "hint=staff number").done();
    set(&shop, "CLIENT/CLIENT_SETTINGS", "sync=fast").done();
    world.call("setserversetting setting=ClientSettings value='a=1'").done();
    world.call("setserversetting setting=RegServerName value='Cloud'").done();
    let all = "settings=RegServerName,ClientSettings,CLIENT_SETTINGS,PRE_LOGIN_SETTINGS";
    let sheila = {
        let made = shop.ask("createapikey", "username=sheila kind=basic").done();
        world.key(&made.text("key"), &made.text("secret"))
    };
    for party in [&shop, &sheila] {
        let reply = party.ask("getsettings", all).done();
        let texts = ["RegServerName", "ClientSettings", "CLIENT_SETTINGS", "PRE_LOGIN_SETTINGS"]
            .map(|name| reply.text(name));
        assert_eq!(texts, ["Cloud", "a=1", "sync=fast", "hint=staff number"]);
    }
    // Nobody reads what is for before the login, of whichever provider, and nothing else.
    let nobody = world.stranger().always("distributor=ACME");
    let reply = nobody.ask("getsettings", "settings=PRE_LOGIN_SETTINGS").done();
    assert_eq!(reply.text("PRE_LOGIN_SETTINGS"), "hint=staff number");
    assert_eq!(nobody.ask("getsettings", all).answer.status, 403);
    for name in ["APIChecksumSalt", "pre_login_settings", "CLIENT/CLIENT_SETTINGS"] {
        shop.ask("getsettings", &format!("settings={name}")).plainly(Code::SettingUnknown);
    }
    shop.ask("getsettings", "").refused(Code::InvalidRequest);
}

#[test]
fn a_provider_decides_who_uses_the_web_portal() {
    let world = World::new();
    let portal = world.service("portal");
    let enters = |party: &Party<'_>| {
        let by_password = party.ask("loginuser", "username=alice password=wonder-2026").code();
        let by_session = party.ask("createsession", "username=alice IP=192.0.2.44").code();
        assert_eq!(by_password, by_session);
        by_password.is_none()
    };
    assert!(enters(&portal));
    set(&portal, "CLIENT/ALLOW_WEB_PORTAL_ACCESS", "deny").done();
    assert!(!enters(&portal));
    let refused = portal.ask("loginuser", "username=alice password=wonder-2026").refused(Code::AccessDenied);
    assert!(refused.second("-6").text("message").contains("may not use the web portal"));
    // Whoever guesses learns nothing of it, and what is no portal is not concerned.
    portal.ask("loginuser", "username=alice password=guess-1234").plainly(Code::WrongPassword);
    assert!(enters(&world.service("gate")));
    set(&portal, "CLIENT/ALLOW_WEB_PORTAL_ACCESS", "peruser").done();
    assert!(enters(&portal));
    world.call("setcapability username=alice capability=webportal value=false").done();
    assert!(!enters(&portal));
    set(&portal, "CLIENT/ALLOW_WEB_PORTAL_ACCESS", "").done();
    assert!(enters(&portal));
}

#[test]
fn a_provider_decides_by_what_people_name_themselves() {
    let world = World::new();
    let portal = world.service("portal");
    let login = |name: &str| {
        let reply = portal.ask("loginuser", &format!("useroremail={name} password=wonder-2026"));
        reply.code().is_none()
    };
    let both = || (login("alice"), login("alice@example.com"));
    assert_eq!(both(), (true, true));
    for (method, expected) in [("username", (true, false)), ("email", (false, true)), ("", (true, true))] {
        set(&portal, "LOGIN/USER_IDENTIFICATION_METHOD", method).done();
        assert_eq!(both(), expected, "{method}");
        // `username` is what it says, and only logins are concerned.
        portal.ask("loginuser", "username=alice password=wonder-2026").done();
        portal.ask("getuserdata", "useroremail=alice").done();
        portal.ask("getuserdata", "useroremail=alice@example.com").done();
    }
}

#[test]
fn a_license_made_at_the_console_has_its_reference() {
    let world = World::new();
    let portal = world.service("portal");
    set(&portal, "API/API_ADMINCONSOLE_LIC_REF", "console").done();
    let fields = "productname=client type=yearly featurevalue=professional limit=2";
    let reference = |more: &str| {
        let reply = portal.ask("createlicensewithoutuser", &format!("{fields} {more}")).done();
        reply.text("licensereference")
    };
    assert_eq!(reference(""), "");
    assert_eq!(reference("origin=ADMIN-CONSOLE"), "console");
    assert_eq!(reference("origin=ADMIN-CONSOLE licensereference=R-1"), "R-1");
}

#[test]
fn a_change_is_written_down() {
    let world = World::new();
    set(&world.service("shop"), "API/API_SEND_EMAIL", "True").done();
    let found = world.service("shop").ask("searchaudit", "command=setprovidersetting").done();
    assert_eq!(found.text("after"), r#"{"API/API_SEND_EMAIL":"True"}"#);
}
