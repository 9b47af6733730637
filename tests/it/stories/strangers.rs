//! What strangers learn: nothing, before they have shown the right password (`access.md` §4).

use regserver::error::Code;

use crate::world::{Party, Reply, STRANGE, World, set};

/// Ways in which no user of the authorised provider is named, or none with that password.
const WRONG: [&str; 10] = [
    "username=alice password=guess-1234",
    "username=nobody password=wonder-2026",
    "useroremail=alice@example.com password=guess-1234",
    "useroremail=nobody@example.com password=wonder-2026",
    // Of another provider, and with the right password.
    "username=sheila password=queen-2026",
    "username=bruno password=steady-2026",
    "reference=S-1 password=queen-2026",
    "authid=auth-b password=steady-2026",
    "authid=none password=steady-2026",
    // Without any password.
    "username=edgar password=guess-1234",
];

/// Nobody, and persons: those to whom no more is told at a Public command.
fn strangers(world: &World) -> Vec<Party<'_>> {
    let nobody = world.stranger();
    vec![nobody, world.person("alice", ""), world.service("portal").session("username=alice", STRANGE)]
}

/// The reply, and how many hashes it took.
fn costly(world: &World, ask: impl FnOnce() -> Reply) -> (Reply, u64) {
    let before = world.hash_runs();
    let reply = ask();
    (reply, world.hash_runs() - before)
}

fn set_status(world: &mut World, status: &str) {
    set(world, &format!("UPDATE users SET status = '{status}' WHERE username IN ('alice', 'carol')"));
}

/// carol has a password, and is no caller.
fn with_carol() -> World {
    let world = World::with(|config| {
        // What a password costs is what it costs when it was not right a moment ago.
        config.section("auth").insert("login_cache".into(), 0.into());
        config.server("LoginMaxAttempts", "1000").provider(
            "ACME",
            "API/API_REDIRECT",
            "https://acme.example/",
        );
    });
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true")
        .done();
    world
}

#[test]
fn who_is_not_known_is_a_wrong_password() {
    let world = with_carol();
    for party in strangers(&world) {
        for command in ["loginuser", "createsession"] {
            for fields in WRONG {
                let (reply, runs) = costly(&world, || party.ask(command, fields));
                let reply = reply.plainly(Code::WrongPassword);
                let expected = r#"{"regversion":"4.7.1","exception":{"primarycode":-30101,"secondarycode":"","message":"Wrong password"}}"#;
                assert_eq!((reply.body(), runs), (expected, 1), "{command} {fields}");
            }
        }
        for fields in WRONG {
            let fields = format!("{fields} tmppassword=0000000000");
            let (reply, runs) = costly(&world, || party.ask("loginuser", &fields));
            reply.plainly(Code::WrongPassword);
            assert_eq!(runs, 1, "{fields}");
        }
    }
}

#[test]
fn a_temporary_password_that_is_wrong_tells_nothing_either() {
    let world = with_carol();
    world.stranger().ask("sendpassword", "username=carol").done();
    let by = |fields: &str| {
        costly(&world, || world.stranger().ask("loginuser", &format!("{fields} password=sekret-5678")))
    };
    let (known, runs) = by("username=carol tmppassword=0000000000");
    let (unknown, other_runs) = by("username=nobody tmppassword=0000000000");
    assert_eq!((known.body(), runs), (unknown.body(), other_runs));
    known.plainly(Code::WrongPassword);
    assert_eq!(by("username=carol tmppassword={code}").0.done().text("username"), "carol");
}

#[test]
fn the_state_is_told_after_the_right_password_alone() {
    let mut world = with_carol();
    for (status, code) in
        [("disabled", Code::UserDisabled), ("todelete", Code::UserToDelete), ("inactive", Code::NotActivated)]
    {
        set_status(&mut world, status);
        for command in ["loginuser", "createsession"] {
            let ask = |password: &str| {
                let fields = format!("username=carol password={password}");
                costly(&world, || world.stranger().ask(command, &fields))
            };
            let ((wrong, runs), (right, right_runs)) = (ask("guess-1234"), ask("sekret-1234"));
            wrong.plainly(Code::WrongPassword);
            right.plainly(code);
            assert_eq!((runs, right_runs), (1, 1), "{status}");
        }
    }
}

#[test]
fn an_unknown_name_closes_the_door_like_a_wrong_password() {
    let world = World::new();
    let doors = |name: &str, address: &str| {
        let party = world.stranger().from(address);
        let ask = |command: &str| party.ask(command, &format!("username={name} password=guess-1234"));
        let mut bodies: Vec<String> = (0..9).map(|_| ask("loginuser").body().to_owned()).collect();
        bodies.extend(["createsession", "loginuser"].map(|command| ask(command).body().to_owned()));
        world.pass(60);
        bodies.extend((0..2).map(|_| ask("loginuser").body().to_owned()));
        bodies
    };
    let known = doors("alice", "192.0.2.1");
    assert!(
        known[9].contains("-30101") && known[10].contains("-30133") && known[12].contains("-30133"),
        "{known:?}"
    );
    assert_eq!(doors("nobody", "192.0.2.2"), known);
    assert_eq!(doors("sheila", "192.0.2.3"), known);
    // Nor does the spelling make another name of it.
    let party = world.stranger().from("192.0.2.4");
    for n in 0..10 {
        let name = if n % 2 == 0 { "nobody" } else { "NoBody" };
        party.ask("loginuser", &format!("username={name} password=guess-1234")).plainly(Code::WrongPassword);
    }
    party.ask("loginuser", "username=NOBODY password=guess-1234").refused(Code::TooManyAttempts).second("60");
}

#[test]
fn services_get_the_documented_codes() {
    let world = with_carol();
    for command in ["loginuser", "createsession IP=192.0.2.44"] {
        let ask = |fields: &str| world.call(&format!("{command} {fields}"));
        ask("username=nobody password=guess-1234").plainly(Code::UserUnknown);
        ask("username=sheila password=queen-2026").refused(Code::Redirect).says("https://acme.example/");
        ask("username=bruno password=steady-2026").plainly(Code::UserUnknown);
        ask("reference=S-1 password=queen-2026").refused(Code::InvalidRequest);
    }
    let by = "loginuser username=carol tmppassword=0000000000 password=sekret-5678";
    world.call(by).plainly(Code::WrongTemporaryPassword);
}

#[test]
fn an_address_that_several_share_tells_nothing() {
    let mut world = World::with(|config| {
        config.server("UserEmailUnique", "False");
    });
    for name in ["first", "second"] {
        let fields = "useremail=shared@example.com password=sekret-1234 activate=true";
        world.call(&format!("registeruser username={name} {fields}")).done();
    }
    let shared = "useroremail=shared@example.com";
    for party in strangers(&world) {
        party.ask("loginuser", &format!("{shared} password=sekret-1234")).plainly(Code::WrongPassword);
        for command in ["sendpassword", "resendactivation"] {
            party.ask(command, shared).done();
        }
    }
    assert!(world.mails().is_empty());
    let alice = world.person("alice", "");
    alice.ask("getuserdata", shared).refused(Code::AccessDenied).second("-6");
    let told = world.call(&format!("loginuser {shared} password=sekret-1234")).refused(Code::InvalidRequest);
    told.says("Invalid Request: email is not unique");
    world.restart();
    world.call(&format!("sendpassword {shared}")).refused(Code::InvalidRequest);
}

#[test]
fn nobody_names_the_provider() {
    let world = World::new();
    let login = |fields: &str| {
        world.stranger().ask("loginuser", &format!("username=sheila password=queen-2026 {fields}"))
    };
    login("").plainly(Code::WrongPassword);
    assert_eq!(login("distributor=acme").done().text("username"), "sheila");
    login("distributor=BETA").plainly(Code::WrongPassword);
    login("distributor=NONE").plainly(Code::ProviderUnknown);
    let session =
        world.stranger().session("username=sheila password=queen-2026 distributor=ACME", "192.0.2.44");
    session.ask("getuserdata", "username=sheila").done();
}

#[test]
fn a_person_stays_with_the_own_provider() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("grantright username=alice right=API-ACCESS").done();
    let alice = world.person("alice", "");
    for provider in ["ACME", "BETA", "NONE"] {
        for (command, fields) in
            [("getversion", ""), ("loginuser", "username=sheila password=queen-2026"), ("nonsense", "")]
        {
            let reply = alice.ask(command, &format!("{fields} distributor={provider}"));
            if command == "nonsense" {
                reply.plainly(Code::InvalidCommand);
            } else {
                reply.refused(Code::AccessDenied).second("").says("Access denied to specified Provider");
            }
        }
    }
    alice.ask("getversion", "distributor=demo").done();
}

#[test]
fn what_strangers_say_of_themselves_does_not_count() {
    let world = World::with(|config| {
        config.provider("DEMO", "API/API_SEND_EMAIL", "False");
    });
    for (party, n) in strangers(&world).iter().zip(1..) {
        let fields = "username=alice sendmail=false origin=NONSENSE clientip=nonsense";
        party.ask("sendpassword", fields).done();
        assert_eq!((world.mails().len(), world.mails()[n - 1].family.as_str()), (n, "web"));
    }
    let guess = |n: usize| format!("username=alice password=guess-1234 clientip=192.0.2.{n}");
    for n in 0..10 {
        world.stranger().ask("loginuser", &guess(n)).plainly(Code::WrongPassword);
    }
    world.stranger().ask("loginuser", &guess(99)).refused(Code::TooManyAttempts);
    world.call("sendpassword username=alice origin=NONSENSE").refused(Code::InvalidRequest);
}

#[test]
fn only_services_must_say_the_time() {
    let world = World::with(|config| {
        config.server("RequestTimeWindow", "300");
    });
    for party in strangers(&world) {
        party.body(br#"{"command":"getversion"}"#).done();
        party.ask("getversion", "").done();
        party
            .ask("getversion", "requesttime=soon")
            .refused(Code::InvalidRequest)
            .says("Invalid Request: requesttime must be a whole number");
        let late = format!("requesttime={}", world.seconds() - 301);
        let reply = party.ask("getversion", &late).refused(Code::InvalidRequest);
        reply.says("Invalid Request: requesttime is -301 seconds off; 300 are allowed");
    }
    let reply = world.service("portal").over_json().body(br#"{"command":"getversion"}"#);
    reply.refused(Code::InvalidRequest).says("Invalid Request: requesttime is missing");
}

#[test]
fn the_idempotency_key_is_the_users_own() {
    let world = World::new();
    let [_, key, session] = <[Party<'_>; 3]>::try_from(strangers(&world)).ok().unwrap();
    let call = "username=alice devicename=Laptop platform=linux idempotencykey=k";
    let first = key.ask("registerdevice", call).done().number("deviceid");
    assert_eq!(session.ask("registerdevice", call).done().number("deviceid"), first);
    assert_eq!(world.person("alice", "").ask("registerdevice", call).done().number("deviceid"), first);
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    let carols = world.person("carol", "").ask("registerdevice", &call.replace("alice", "carol")).done();
    assert_ne!(carols.number("deviceid"), first);
    assert_ne!(world.call(&format!("registerdevice {call}")).done().number("deviceid"), first);
}

#[test]
fn nobody_has_no_idempotency_keys() {
    let world = World::new();
    let before = world.dump();
    for (command, fields) in
        [("sendpassword", "username=alice"), ("loginuser", "username=alice password=wonder-2026")]
    {
        let reply = world
            .stranger()
            .ask(command, &format!("{fields} idempotencykey=k"))
            .refused(Code::InvalidRequest);
        reply.says("Invalid Request: idempotencykey needs a credential");
        world.stranger().ask(command, &format!("{fields} idempotencykey=")).done();
    }
    let kept = |rows: &[String]| rows.iter().filter(|row| row.starts_with("idempotency: ")).count();
    assert_eq!(kept(&world.dump()), kept(&before));
    // Where nothing is kept it is not looked at.
    world.stranger().ask("getversion", "idempotencykey=k").done();
}

/// Where a door closes must not tell whether there is such a user, where, or by what other name.
#[test]
fn a_door_that_closes_tells_nothing() {
    let answers = ["alice", "sheila", "somebody"].map(|name| {
        let world = World::new();
        let stranger = world.stranger();
        for _ in 0..10 {
            let fields = format!("username={name} password=guess-1234");
            stranger.ask("loginuser", &fields).plainly(Code::WrongPassword);
        }
        let mut codes = Vec::new();
        for tag in ["username", "useroremail", "authid"] {
            for elsewhere in ["", "distributor=ACME", "distributor=BETA"] {
                let fields = format!("{tag}={name} password=guess-1234 {elsewhere}");
                codes.push(stranger.ask("loginuser", &fields).code().unwrap());
            }
        }
        stranger
            .ask("loginuser", "useroremail=alice@example.com password=guess-1234")
            .plainly(Code::WrongPassword);
        codes
    });
    assert_eq!(answers[0], [Code::TooManyAttempts as i64; 9]);
    assert!(answers.iter().all(|codes| *codes == answers[0]), "{answers:?}");
}
