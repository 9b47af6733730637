//! Wrong keys: counted like wrong passwords, and forgotten after a right one.

use regserver::error::Code;

use crate::world::{Party, World, set};

/// Key and secret of a new key.
fn made(world: &World, username: &str) -> (String, String) {
    let reply = world.call(&format!("createapikey username={username} kind=basic")).done();
    (reply.text("key"), reply.text("secret"))
}

fn looks(party: &Party<'_>) {
    party.ask("getversion", "").done();
}

#[track_caller]
fn guess(party: &Party<'_>, times: usize) {
    for _ in 0..times {
        party.ask("getversion", "").turned_away(Code::AccessDenied).says("Access denied").second("");
    }
}

#[track_caller]
fn shut(party: &Party<'_>, seconds: &str) {
    let reply = party.ask("getversion", "").turned_away(Code::TooManyAttempts);
    reply.second(seconds).says(Code::TooManyAttempts.text());
}

/// Waits until the writer has done what was queued for it.
fn settle(world: &World) {
    world.call("unlockuser username=edgar").done();
}

fn counters(world: &World) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with("counters: ")).collect()
}

#[test]
fn ten_wrong_secrets_close_the_door_also_to_the_right_one() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    let (right, wrong) = (world.key(&key, &secret), world.key(&key, "wrong"));
    guess(&wrong, 10);
    for party in [&right, &wrong, &right.clone().over_xml()] {
        shut(party, "60");
    }
    // Another key of the same user from there neither; another user's, and another address, are free.
    let (other, other_secret) = made(&world, "alice");
    shut(&world.key(&other, &other_secret), "60");
    looks(&right.clone().from("192.0.2.1"));
    looks(&world.key(&key, &secret).from("2001:db8:7::1"));
    world.pass(59);
    shut(&right, "1");
    world.pass(1);
    looks(&right);
}

#[test]
fn the_wait_doubles() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    let wrong = world.key(&key, "wrong");
    guess(&wrong, 10);
    for seconds in [60, 120, 240] {
        shut(&world.key(&key, &secret), &seconds.to_string());
        world.pass(seconds);
        guess(&wrong, 1);
    }
    shut(&wrong, "480");
}

#[test]
fn a_right_secret_clears_what_keys_were_counted() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    let (right, wrong) = (world.key(&key, &secret), world.key(&key, "wrong"));
    for _ in 0..3 {
        guess(&wrong, 9);
        looks(&right);
    }
    guess(&wrong, 10);
    shut(&right, "60");
}

#[test]
fn a_right_secret_writes_nothing_where_nothing_was_counted() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    let right = world.key(&key, &secret);
    looks(&right);
    settle(&world);
    let look = rusqlite::Connection::open(world.database()).unwrap();
    let version = || look.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = version();
    for _ in 0..20 {
        looks(&right);
    }
    assert_eq!(version(), before);
    // One wrong one, and the first right one after it writes.
    guess(&world.key(&key, "wrong"), 1);
    let counted = version();
    assert_ne!(counted, before);
    looks(&right);
    settle(&world);
    assert!(!counters(&world).iter().any(|row| row.contains("pair:")), "{:?}", counters(&world));
}

/// A stolen key must not help to guess the password that is asked for with it.
#[test]
fn a_right_key_clears_no_wrong_passwords() {
    let world = World::new();
    let alice = world.person("alice", "");
    for _ in 0..10 {
        alice
            .ask("setpassword", "username=alice newpassword=sekret-5678 password=guess-1234")
            .plainly(Code::WrongPassword);
        settle(&world);
    }
    shut(&alice, "60");
    world.pass(60);
    looks(&alice);
}

/// A stranger who could close a door by a key would learn whose key it is.
#[test]
fn wrong_keys_close_no_strangers_door() {
    let world = World::new();
    let (key, _) = made(&world, "alice");
    guess(&world.key(&key, "wrong"), 10);
    world.stranger().ask("loginuser", "username=alice password=wonder-2026").done();
}

#[test]
fn an_unknown_key_counts_like_a_wrong_secret() {
    let world = World::new();
    let unknown = world.key("rk-unknown", "whatever");
    guess(&unknown, 10);
    shut(&unknown, "60");
    guess(&world.key("rk-unknown2", "whatever"), 1);
    guess(&unknown.clone().from("192.0.2.1"), 1);
    assert!(
        !counters(&world).iter().any(|row| row.contains("rk-unknown")),
        "what was typed does not stand there"
    );
}

#[test]
fn a_right_secret_that_has_ended_is_not_counted() {
    let mut world = World::new();
    let made = world.call("createapikey username=alice kind=basic validuntil=01/01/2026").done();
    let (key, secret) = (made.text("key"), made.text("secret"));
    world.pass(86_400);
    guess(&world.key(&key, &secret), 20);
    set(&mut world, "UPDATE users SET status = 'disabled' WHERE username = 'alice'");
    guess(&world.key(&key, &secret), 20);
    assert_eq!(counters(&world), Vec::<String>::new());
    guess(&world.key(&key, "wrong"), 10);
    shut(&world.key(&key, &secret), "60");
}

#[test]
fn an_ipv6_address_counts_by_its_64() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    for n in 0..10 {
        guess(&world.key(&key, "wrong").from(&format!("2001:db8:7::{n}")), 1);
    }
    shut(&world.key(&key, &secret).from("2001:db8:7:0:ffff::1"), "60");
    looks(&world.key(&key, &secret).from("2001:db8:7:1::1"));
}

#[test]
fn an_address_and_a_user_have_a_hundred() {
    let world = World::new();
    for n in 0..100 {
        guess(&world.key(&format!("rk-{n}"), "whatever").from("192.0.2.1"), 1);
    }
    let (key, secret) = made(&world, "alice");
    shut(&world.key(&key, &secret).from("192.0.2.1"), "60");
    looks(&world.key(&key, &secret));
    for n in 0..100 {
        guess(&world.key(&key, "wrong").from(&format!("198.18.0.{n}")), 1);
    }
    shut(&world.key(&key, &secret).from("192.0.2.2"), "60");
    world.call("unlockuser username=alice").done();
    looks(&world.key(&key, &secret).from("192.0.2.2"));
}

#[test]
fn unlocking_a_user_forgets_wrong_keys() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    guess(&world.key(&key, "wrong"), 10);
    world.call("unlockuser username=alice").done();
    looks(&world.key(&key, &secret));
}

#[test]
fn counters_survive_a_restart() {
    let mut world = World::new();
    let (key, secret) = made(&world, "alice");
    guess(&world.key(&key, "wrong"), 9);
    world.restart();
    guess(&world.key(&key, "wrong"), 1);
    world.restart();
    shut(&world.key(&key, &secret), "60");
}

#[test]
fn over_a_readable_connection_nothing_is_counted() {
    let world = World::new();
    let (key, secret) = made(&world, "alice");
    guess(&world.key(&key, "wrong").in_plain_text(), 20);
    guess(&world.key(&key, &secret).in_plain_text(), 1);
    assert_eq!(counters(&world), Vec::<String>::new());
    looks(&world.key(&key, &secret));
}
