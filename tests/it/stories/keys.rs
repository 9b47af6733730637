//! API keys: made once, used as their user, listed, ended.

use regserver::error::Code;

use crate::world::{Party, Reply, World, set};

const OWN: &str = "username=alice kind=basic";

/// Key, secret and number of a new key of alice.
fn made(world: &World, fields: &str) -> (String, String, String) {
    let reply = world.call(&format!("createapikey {OWN} {fields}")).done();
    (reply.text("key"), reply.text("secret"), reply.text("keyid"))
}

fn works(party: &Party<'_>) {
    assert_eq!(party.ask("getuserdata", "username=alice").done().text("username"), "alice");
}

/// Refused as whoever shows what proves nobody, with the same bytes for all.
#[track_caller]
fn turned_away(party: &Party<'_>) {
    let reply = party.ask("getuserdata", "username=alice").turned_away(Code::AccessDenied);
    let expected = r#"{"regversion":"4.7.1","exception":{"primarycode":-30000,"secondarycode":"","message":"Access denied"}}"#;
    assert_eq!(reply.body(), expected);
}

#[test]
fn a_key_is_its_user() {
    let world = World::new();
    let alice = world.person("alice", "");
    for party in [alice.clone(), alice.clone().over_xml()] {
        assert_eq!(party.ask("getuserdata", "username=alice").done().text("email"), "alice@example.com");
        party.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
        party.ask("getuserdata", "username=nobody").refused(Code::AccessDenied).second("-6");
    }
}

#[test]
fn a_user_has_several_and_one_is_revoked_alone() {
    let world = World::new();
    let (page, office) = (made(&world, "label=page"), made(&world, "label='the office'"));
    let [by_page, by_office] = [&page, &office].map(|made| world.key(&made.0, &made.1));
    let list = |party: &Party<'_>| party.ask("searchapikey", "").done();
    assert_eq!(list(&by_page).texts("key"), [page.0.clone(), office.0.clone()]);
    assert_eq!(list(&by_page).texts("label"), ["page", "the office"]);
    world.call(&format!("revokeapikey keyid={}", page.2)).done().expect("<intresult>0</intresult>");
    turned_away(&by_page);
    works(&by_office);
    assert_eq!(list(&by_office).texts("key"), [office.0.as_str()]);
    // By its name, and by the user; a second time there is nothing to revoke.
    let alice = world.person("alice", "");
    alice.ask("revokeapikey", &format!("key={}", office.0)).done();
    turned_away(&by_office);
    world.call(&format!("revokeapikey key={}", office.0)).plainly(Code::ApiKeyUnknown);
    works(&alice);
}

#[test]
fn somebody_elses_key_is_not_told_from_one_that_is_not_there() {
    let world = World::new();
    let foreign = world.call("createapikey username=edgar kind=basic").done();
    let alice = world.person("alice", "");
    let revoke = |fields: &str| alice.ask("revokeapikey", fields).refused(Code::AccessDenied).second("-6");
    let key = foreign.text("key");
    let told: Vec<String> = [
        revoke(&format!("keyid={}", foreign.text("keyid"))),
        revoke("keyid=99"),
        revoke(&format!("key={key}")),
        revoke("key=rk-none"),
    ]
    .iter()
    .map(|reply| reply.body().to_owned())
    .collect();
    assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
    alice.ask("searchapikey", "username=edgar").refused(Code::AccessDenied).second("-6");
    // Another provider's service neither.
    world.service("shop").ask("revokeapikey", &format!("key={key}")).plainly(Code::ApiKeyUnknown);
    assert_eq!(world.call("searchapikey username=edgar").done().texts("key"), [key]);
}

#[test]
fn the_secret_is_shown_once() {
    let world = World::new();
    let again = "createapikey username=alice kind=basic idempotencykey=once";
    let first = world.call(again).done();
    let secret = first.text("secret");
    assert_eq!(secret.len(), 32);
    // Whoever asks once more gets the key again, without the secret.
    let second = world.call(again).done();
    assert_eq!((second.text("key"), second.text("secret")), (first.text("key"), String::new()));
    let listed = world.call("searchapikey username=alice").done();
    assert!(!listed.body().contains(&secret) && listed.find("secret").is_none());
    let dump = world.dump();
    assert!(dump.iter().any(|row| row.starts_with("api_keys: ")));
    assert!(!dump.iter().any(|row| row.contains(&secret)), "it stands in the database");
    works(&world.key(&first.text("key"), &secret));
}

#[test]
fn the_last_day_is_a_whole_day() {
    let world = World::new();
    let (key, secret, _) = made(&world, "validuntil=01/02/2026");
    let alice = world.key(&key, &secret);
    assert_eq!(alice.ask("searchapikey", "").done().text("validuntil"), "01/03/2026 00:00:00.00");
    world.pass(2 * 86_400 - 1);
    works(&alice);
    world.pass(1);
    turned_away(&alice);
    // It is still listed, so that somebody sees why a program stands still.
    assert_eq!(world.call("searchapikey username=alice").done().texts("key"), [key]);
    let past = world.call(&format!("createapikey {OWN} validuntil=01/02/2026"));
    past.refused(Code::InvalidRequest).says("Invalid Request: validuntil is in the past");
    world.call(&format!("createapikey {OWN} validuntil=2026-01-03")).done();
}

#[test]
fn the_last_use_is_listed() {
    let mut world = World::new();
    let (key, secret, _) = made(&world, "");
    let used = |world: &World| world.call("searchapikey username=alice").done().text("lastused");
    assert_eq!(used(&world), "");
    world.pass(90);
    works(&world.key(&key, &secret));
    // A wrong secret is no use.
    world.pass(120);
    turned_away(&world.key(&key, "wrong"));
    world.restart();
    assert_eq!(used(&world), "01/01/2026 00:01:30.00");
    // Within a minute it is not written again, after that it is.
    for (seconds, expected) in
        [(0, "01/01/2026 00:03:30.00"), (59, "01/01/2026 00:03:30.00"), (1, "01/01/2026 00:04:30.00")]
    {
        world.pass(seconds);
        works(&world.key(&key, &secret));
        world.restart();
        assert_eq!(used(&world), expected);
    }
}

#[test]
fn whatever_is_wrong_is_answered_alike() {
    let mut world = World::new();
    let (key, secret, _) = made(&world, "");
    let (ended, ended_secret, _) = made(&world, "validuntil=01/01/2026");
    world.pass(86_400);
    turned_away(&world.key(&key, "wrong"));
    turned_away(&world.key(&key, ""));
    turned_away(&world.key("rk-unknown", &secret));
    turned_away(&world.key(&key.to_uppercase(), &secret));
    turned_away(&world.key(&ended, &ended_secret));
    turned_away(&world.key(&key, &secret).in_plain_text());
    for status in ["inactive", "disabled", "todelete"] {
        set(&mut world, &format!("UPDATE users SET status = '{status}' WHERE username = 'alice'"));
        turned_away(&world.key(&key, &secret));
    }
    set(&mut world, "UPDATE users SET status = 'activated' WHERE username = 'alice'");
    works(&world.key(&key, &secret));
    world.call("removeuser username=alice").done();
    turned_away(&world.key(&key, &secret));
}

#[test]
fn a_credential_is_judged_before_the_request() {
    let world = World::new();
    let (key, _, _) = made(&world, "");
    for body in [&b"{"[..], b"{\"command\":\"nonsense\"}", b"{\"command\":\"getversion\"}"] {
        world.key(&key, "wrong").body(body).turned_away(Code::AccessDenied);
    }
    let over_xml = world.key(&key, "wrong").over_xml().ask("getversion", "");
    over_xml.turned_away(Code::AccessDenied).says("Access denied");
}

#[test]
fn a_user_has_a_hundred_keys_at_most() {
    let world = World::new();
    for _ in 0..100 {
        made(&world, "");
    }
    let full = world.call(&format!("createapikey {OWN}")).refused(Code::InvalidRequest);
    full.says("Invalid Request: a user has 100 keys at most; revoke one that is not used");
    world.call("createapikey username=edgar kind=basic").done();
    world.call("revokeapikey keyid=7").done();
    made(&world, "");
    assert_eq!(world.call("searchapikey username=alice").done().texts("key").len(), 100);
}

#[test]
fn what_a_key_can_be_made_of() {
    let world = World::new();
    let asked = |fields: &str| world.call(&format!("createapikey username=alice {fields}"));
    let invalid = |reply: Reply, why: &str| {
        drop(reply.refused(Code::InvalidRequest).says(&format!("Invalid Request: {why}")))
    };
    invalid(asked(""), "kind is missing");
    invalid(asked("kind=secret"), "kind must be one of basic, signing");
    invalid(
        asked("kind=basic validuntil=tomorrow"),
        "validuntil must be a date: MM/DD/YYYY, DD.MM.YYYY or YYYY-MM-DD",
    );
    invalid(asked(&format!("kind=basic label={}", "x".repeat(101))), "label is longer than 100 characters");
    asked(&format!("kind=basic label={}", "ü".repeat(100))).done();
}
