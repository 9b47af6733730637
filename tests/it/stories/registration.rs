//! Registration: names, addresses, references, languages, the licence and the depot that come along.

use regserver::error::Code;

use crate::world::{Configuration, Reply, World};

fn named(world: &World, name: &str) -> Reply {
    let number = world.dump().len();
    let name = name.replace('\'', "\\'");
    world.call(&format!("registeruser username=\"{name}\" useremail=p{number}@example.com activate=true"))
}

fn server(settings: &[(&str, &str)]) -> World {
    World::with(|config: &mut Configuration| {
        for (name, value) in settings {
            config.server(name, value);
        }
    })
}

#[test]
fn the_complexity_of_names_is_a_setting() {
    let levels = ["basic-ascii", "non-space-ascii", "printable-unicode"];
    let names =
        [("carol.b-c_9", 0), ("carol+x!", 1), ("carol smith", 2), ("jürgen müller", 2), ("名前です！", 2)];
    for (level, complexity) in levels.iter().enumerate() {
        let world = server(&[("RegNameComplexity", complexity)]);
        for (name, needed) in names {
            match needed <= level {
                true => drop(named(&world, name).done()),
                false => drop(named(&world, name).plainly(Code::InvalidUsername)),
            }
        }
        for name in ["carol@x", "carol\u{7}", "caro\u{200b}l", "caro\u{202e}l", "carol\u{a0}x", "\u{a0}carol"]
        {
            let reply = named(&world, name);
            // What XML cannot hold does not arrive.
            assert!(reply.code() == Some(Code::InvalidUsername as i64) || name.contains('\u{7}'), "{name:?}");
        }
    }
}

#[test]
fn lengths_are_counted_in_characters() {
    let world = World::new();
    named(&world, "abcd").plainly(Code::InvalidUsername);
    named(&world, "äöüß").plainly(Code::InvalidUsername);
    named(&world, "äöüßé").done();
    named(&world, &"é".repeat(100)).done();
    named(&world, &"é".repeat(101)).plainly(Code::InvalidUsername);
    let world = server(&[("ClientUsernameLength", "3"), ("ClientPasswordLength", "12")]);
    named(&world, "bob").done();
    let call = |n: usize| format!("registeruser useremail=p{n}@example.org password={}", "é".repeat(n));
    world.call(&call(11)).plainly(Code::InvalidPassword);
    world.call(&call(12)).done();
    world.call(&call(1_000)).done();
    world.call(&call(1_001)).plainly(Code::InvalidPassword);
}

#[test]
fn names_are_composed_and_compared_folded() {
    let world = World::new();
    let id = named(&world, "Ju\u{308}rgen Straße").done().text("userid");
    let user = world.call("getuserdata username='JÜRGEN STRASSE'").done();
    assert_eq!(user.text("userid"), id);
    assert_eq!(user.text("username"), "J\u{fc}rgen Straße", "kept as given, in the composed form");
    for taken in ["jürgen strasse", "JU\u{308}RGEN STRASSE", "Jürgen Straße"] {
        named(&world, taken).plainly(Code::UserExists);
    }
    named(&world, "Jurgen Strasse").done();
    // A name is unique on the server, not within the provider.
    let reply =
        world.service("shop").ask("registeruser", "username='jürgen strasse' useremail=x@example.com");
    reply.plainly(Code::UserExists);
}

#[test]
fn magic_names_are_the_servers_own() {
    let world = World::new();
    let first = world.call("registeruser useremail=a@example.com").done().text("username");
    let second = world.call("registeruser useremail=b@example.com").done().text("username");
    let other = world.service("shop").ask("registeruser", "useremail=c@example.com").done().text("username");
    assert_eq!([first, second, other], ["$DEMO-1001", "$DEMO-1002", "$ACME-1001"]);
    for name in ["$DEMO-7777", "$demo-7777", "$ACME-x", "$ZZZZ-1"] {
        named(&world, name).plainly(Code::InvalidUsername);
    }
    for name in ["$DEMO7777", "DEMO-7777", "$DEMOX-77"] {
        named(&world, name).done();
    }
    // A number is never given twice, not even when the user is gone.
    world.call("removeuser username='$DEMO-1002'").done();
    let third = world.call("registeruser useremail=d@example.com").done().text("username");
    assert_eq!(third, "$DEMO-1003");
}

#[test]
fn a_magic_name_that_is_taken_is_passed_over() {
    let world = World::with(|config| {
        config.provider("DEMO", "CLIENT/ALLOW_MAGIC_USERNAMES", "True");
    });
    named(&world, "$DEMO-1001").done();
    named(&world, "$demo-1002").done();
    let next = world.call("registeruser useremail=a@example.com").done().text("username");
    assert_eq!(next, "$DEMO-1003");
    named(&world, &format!("$DEMO-{}", "9".repeat(95))).plainly(Code::InvalidUsername);
}

#[test]
fn an_address_is_unique_on_the_server_or_within_its_scope() {
    let take = |world: &World, service: &str| {
        world.service(service).ask("registeruser", "useremail=Alice@Example.com activate=true")
    };
    let world = World::new();
    for service in ["portal", "shop", "branch"] {
        take(&world, service).plainly(Code::EmailExists);
    }
    let isolated = World::with(|config| {
        config.provider("ACME", "CLIENT/ISOLATED_EMAIL_SCOPE", "True");
    });
    take(&isolated, "shop").done();
    take(&isolated, "shop").plainly(Code::EmailExists);
    take(&isolated, "branch").plainly(Code::EmailExists);
    // What is isolated does not count elsewhere either.
    isolated.service("portal").ask("registeruser", "useremail=sheila@example.org").done();
    let anything = server(&[("UserEmailUnique", "False")]);
    take(&anything, "portal").done();
    take(&anything, "portal").done();
}

#[test]
fn an_address_is_one_plain_address() {
    let world = World::new();
    for bad in [
        "carol",
        "carol@",
        "@example.com",
        "carol@example",
        "'Carol <carol@example.com>'",
        "a@b@c.de",
        "carol@example.com,dave@example.com",
        "'carol @example.com'",
        "carol@[127.0.0.1]",
    ] {
        world.call(&format!("registeruser useremail={bad}")).plainly(Code::InvalidEmail);
    }
    world
        .call(&format!("registeruser useremail={}@example.com", "x".repeat(250)))
        .plainly(Code::InvalidEmail);
    world.call("registeruser useremail=carol+tag@sub.example.com").done();
    world.call("registeruser useremail=jürgen@müller.example").done();
}

#[test]
fn references_and_authentication_ids() {
    let world = World::with(|config| {
        config.provider("DEMO", "CLIENT/EXT_USER_REFERENCE_UNIQUE", "True");
    });
    let call = |service: &str, n: usize, fields: &str| {
        world.service(service).ask("registeruser", &format!("useremail=u{n}@example.com {fields}"))
    };
    call("portal", 1, "reference=R-1").done();
    call("portal", 2, "reference=R-1").plainly(Code::ReferenceExists);
    call("portal", 3, "reference=r-1").done();
    call("portal", 4, "").done();
    call("shop", 5, "reference=R-1").done();
    call("shop", 6, "reference=R-1").done();
    call("portal", 7, "authid=auth-b").done();
    call("portal", 8, "authid=auth-b").plainly(Code::AuthIdExists);
    call("shop", 9, "authid=auth-b").done();
    let found = world.call("getuserdata reference=R-1").done();
    assert_eq!(found.text("email"), "u1@example.com");
    assert_eq!(world.call("getuserdata authid=auth-b").done().text("email"), "u7@example.com");
}

#[test]
fn a_language_is_one_of_the_providers() {
    let world = World::with(|config| {
        config.provider("DEMO", "EMAIL/EMAIL_ALLOWED_LANG", "de,fr");
        config.provider("DEMO", "EMAIL/EMAIL_DEFAULT_LANG", "fr");
    });
    for (n, (given, kept)) in
        [("", "fr"), ("language=de", "de"), ("language=DE-at", "de"), ("language=fr-CH", "fr")]
            .iter()
            .enumerate()
    {
        world.call(&format!("registeruser username=person{n} useremail=p{n}@example.com {given}")).done();
        assert_eq!(world.call(&format!("getuserdata username=person{n}")).done().text("language"), *kept);
    }
    for bad in ["en", "d", "deutsch", "-de"] {
        world
            .call(&format!("registeruser useremail=x@example.com language={bad}"))
            .plainly(Code::LanguageUnknown);
    }
}

fn rows(world: &World, table: &str) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with(&format!("{table}: "))).collect()
}

#[test]
fn a_licence_comes_along() {
    let world = World::with(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_FREE_FEATURE", "personal,webdavs");
    });
    world.call("registeruser username=carol useremail=carol@example.com licensereference=L-1").done();
    let row = rows(&world, "licenses").into_iter().find(|row| row.contains("L-1")).unwrap();
    assert!(row.contains("| client | permanent | 6 | 1 | L-1 |  | 5 | active | - |"), "{row}");
    let key = world.call("searchuser username=carol").done().text("licensekey");
    let digits = key.strip_prefix("DEMO-").unwrap().split('-').map(str::len).collect::<Vec<_>>();
    assert_eq!(digits, [4, 4, 4]);
    assert!(row.contains(&key));
}

#[test]
fn no_licence_comes_along_where_that_is_switched_off() {
    let world = World::with(|config| {
        config.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", "False");
    });
    let before = rows(&world, "licenses").len();
    world.call("registeruser username=carol useremail=carol@example.com").done();
    assert_eq!(rows(&world, "licenses").len(), before);
    assert_eq!(world.call("searchuser username=carol").done().find("licensekey"), None);
}

#[test]
fn a_shared_licence_has_as_much_room_as_its_limit() {
    let mut world = World::new();
    let key = world.call("searchuser username=alice").done().text("licensekey");
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    let call = "registeruser username=carol useremail=carol@example.com activate=true password=sekret-1234";
    world.call(call).plainly(Code::LicenseLimit);
    world.call("removeuser username=alice").done();
    world.call(call).done();
    assert_eq!(world.call("searchuser username=carol").done().text("licensekey"), key);
    let before = world.dump();
    world.call("registeruser username=daisy useremail=daisy@example.com").plainly(Code::LicenseLimit);
    assert_eq!(world.dump(), before);
}

#[test]
fn another_providers_licence_is_not_shared() {
    let mut world = World::new();
    let key = world.service("shop").ask("searchuser", "username=sheila").done().text("licensekey");
    world.service("shop").ask("removeuser", "username=sheila").done();
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    world.call("registeruser useremail=carol@example.com").refused(Code::LicenseLimit);
}

#[test]
fn a_depot_comes_along_where_a_host_server_is_named() {
    let depots = |settings: &[(&str, &str)]| {
        let world = World::with(|config| {
            for (name, value) in settings {
                config.provider("DEMO", name, value);
            }
        });
        world.call("registeruser useremail=carol@example.com").done();
        (rows(&world, "depots"), rows(&world, "depot_users"))
    };
    let (on, host) =
        (("API/API_CREATE_DEFAULT_DEPOT", "True"), ("HOSTSERVER/HOST_SERVER_NAME", "https://h.example.com"));
    assert_eq!(depots(&[]).0, [""; 0]);
    assert_eq!(depots(&[on]).0, [""; 0]);
    assert_eq!(depots(&[host]).0, [""; 0]);
    let (made, used) = depots(&[on, host]);
    assert_eq!(
        made,
        [
            "depots: 1 | 1 | https://h.example.com | 5 | 2147483648 | 0 | 0 | 0 | active | - | 1767225600000000"
        ]
    );
    assert_eq!(used, ["depot_users: 5 | 1 | 1"]);
    let (made, _) =
        depots(&[on, host, ("HOSTSERVER/HOST_DEPOT_SIZE", "5000000"), ("HOSTSERVER/HOST_TRAFFIC_SIZE", "7")]);
    assert!(made[0].contains("| 5000000 | 0 | 7 |"), "{made:?}");
}
