//! Wrong passwords: counted for user and source, and the door that closes for longer each time.

use regserver::error::Code;

use crate::world::{Party, World, set};

const RIGHT: &str = "username=alice password=wonder-2026";
const WRONG: &str = "username=alice password=guess-1234";

fn guess(party: &Party<'_>, times: usize) {
    for _ in 0..times {
        party.ask("loginuser", WRONG).plainly(Code::WrongPassword);
    }
}

fn shut(party: &Party<'_>, seconds: &str) {
    party
        .ask("loginuser", RIGHT)
        .refused(Code::TooManyAttempts)
        .second(seconds)
        .says(Code::TooManyAttempts.text());
    party.ask("loginuser", WRONG).refused(Code::TooManyAttempts).second(seconds);
}

#[test]
fn ten_wrong_ones_close_the_door_for_a_minute() {
    let world = World::new();
    let portal = world.service("portal");
    guess(&portal, 9);
    portal.ask("loginuser", RIGHT).done();
    guess(&portal, 10);
    shut(&portal, "60");
    world.pass(59);
    shut(&portal, "1");
    world.pass(1);
    portal.ask("loginuser", RIGHT).done();
    guess(&portal, 9);
}

#[test]
fn the_door_stays_closed_twice_as_long_each_time_up_to_an_hour() {
    let world = World::new();
    let portal = world.service("portal");
    let mut waits = Vec::new();
    for _ in 0..8 {
        // One more wrong one is enough while the window lasts; in a new one it takes ten again.
        let open = (0..=10)
            .take_while(|_| portal.ask("loginuser", WRONG).code() == Some(Code::WrongPassword as i64));
        let open = open.count();
        let reply = portal.ask("loginuser", RIGHT).refused(Code::TooManyAttempts);
        waits.push((open, reply.number("secondarycode")));
        world.pass(reply.number("secondarycode"));
    }
    let expected = [(10, 60), (1, 120), (1, 240), (1, 480), (10, 960), (10, 1_920), (10, 3_600), (10, 3_600)];
    assert_eq!(waits, expected);
}

#[test]
fn a_guess_at_a_closed_door_is_not_counted() {
    let world = World::new();
    let portal = world.service("portal");
    guess(&portal, 10);
    for _ in 0..50 {
        portal.ask("loginuser", WRONG).refused(Code::TooManyAttempts).second("60");
    }
    world.pass(60);
    portal.ask("loginuser", RIGHT).done();
}

#[test]
fn old_guesses_are_forgotten() {
    let world = World::new();
    let portal = world.service("portal");
    guess(&portal, 9);
    world.pass(15 * 60);
    guess(&portal, 9);
    portal.ask("loginuser", RIGHT).done();
}

#[test]
fn the_limits_are_settings() {
    let world = World::with(|config| {
        config.server("LoginMaxAttempts", "3").server("LoginMaxInterval", "1");
    });
    let portal = world.service("portal");
    guess(&portal, 2);
    world.pass(60);
    guess(&portal, 3);
    shut(&portal, "60");
}

#[test]
fn one_service_does_not_lock_another_out() {
    let world = World::new();
    guess(&world.service("portal"), 10);
    shut(&world.service("portal"), "60");
    world.service("legacy").ask("loginuser", RIGHT).done();
    // The success elsewhere opens nothing here.
    shut(&world.service("portal"), "60");
}

#[test]
fn one_user_does_not_lock_another_out() {
    let world = World::new();
    guess(&world.service("portal"), 10);
    world.call("loginuser username=edgar password=guess-1234").plainly(Code::WrongPassword);
}

#[test]
fn the_persons_address_counts_where_it_is_told() {
    let world = World::new();
    let from = |address: &str| world.service("portal").always(&format!("clientip={address}"));
    guess(&from("192.0.2.1"), 10);
    shut(&from("192.0.2.1"), "60");
    shut(&from("::ffff:192.0.2.1"), "60");
    from("192.0.2.2").ask("loginuser", RIGHT).done();
    world.call(&format!("loginuser {RIGHT}")).done();
    // The same person through another service is the same person.
    shut(&world.service("legacy").always("clientip=192.0.2.1"), "60");
    // Of an IPv6 address the /64 counts, because one caller owns all of it.
    guess(&from("2001:db8:7::1"), 10);
    shut(&from("2001:db8:7:0:ffff::9"), "60");
    from("2001:db8:7:1::1").ask("loginuser", RIGHT).done();
}

#[test]
fn an_address_has_a_hundred_guesses_for_all_users_together() {
    let world = World::new();
    for n in 0..20 {
        world.call(&format!("registeruser username=person{n:02} useremail=p{n}@example.com")).done();
    }
    let from = |address: &str| world.service("portal").always(&format!("clientip={address}"));
    for n in 0..100 {
        let fields = format!("username=person{:02} password=guess-1234", n % 20);
        from("192.0.2.1").ask("loginuser", &fields).plainly(Code::WrongPassword);
    }
    shut(&from("192.0.2.1"), "60");
    // Neither another person nor the service without a person is kept out.
    from("192.0.2.2").ask("loginuser", RIGHT).done();
    world.call(&format!("loginuser {RIGHT}")).done();
    // What was counted for the address is not the user's to clear.
    world.call("unlockuser username=alice").done();
    shut(&from("192.0.2.1"), "60");
    world.pass(60);
    from("192.0.2.1").ask("loginuser", RIGHT).done();
}

#[test]
fn a_user_has_a_hundred_guesses_from_all_addresses_together() {
    let world = World::new();
    let from = |n: usize| world.service("portal").always(&format!("clientip=192.0.2.{n}"));
    for n in 0..100 {
        guess(&from(n), 1);
    }
    shut(&from(200), "60");
    world.call(&format!("loginuser {RIGHT}")).done();
    from(200).ask("loginuser", "username=edgar password=guess-1234").plainly(Code::WrongPassword);
    world.call("unlockuser username=alice").done();
    from(200).ask("loginuser", RIGHT).done();
}

#[test]
fn a_service_can_have_a_limit_of_its_own() {
    let world = World::new();
    let gate = world.service("gate");
    for n in 0..12 {
        let fields = format!("{WRONG} clientip=192.0.2.{n}");
        gate.ask("loginuser", &fields).plainly(Code::WrongPassword);
    }
    gate.ask("loginuser", &format!("{RIGHT} clientip=192.0.2.99"))
        .refused(Code::TooManyAttempts)
        .second("60");
    gate.ask("loginuser", "username=edgar password=guess-1234").refused(Code::TooManyAttempts);
    world.call(&format!("loginuser {RIGHT}")).done();
    world.pass(60);
    gate.ask("loginuser", RIGHT).done();
}

#[test]
fn counters_survive_a_restart() {
    let mut world = World::new();
    guess(&world.service("portal"), 9);
    world.restart();
    guess(&world.service("portal"), 1);
    world.restart();
    shut(&world.service("portal"), "60");
}

#[test]
fn temporary_passwords_count_too() {
    let world = World::new();
    world.call("sendpassword username=alice").done();
    for _ in 0..10 {
        let reply = world.call("loginuser username=alice tmppassword=0000000000 password=sekret-5678");
        reply.plainly(Code::WrongTemporaryPassword);
    }
    shut(&world.service("portal"), "60");
}

#[test]
fn the_table_stays_small() {
    let world = World::new();
    for n in 0..30 {
        let fields = format!("{WRONG} clientip=192.0.2.{n}");
        world.service("portal").ask("loginuser", &fields).plainly(Code::WrongPassword);
    }
    world.pass(3_600);
    for n in 100..120 {
        let fields = format!("{WRONG} clientip=192.0.2.{n}");
        world.service("portal").ask("loginuser", &fields).plainly(Code::WrongPassword);
    }
    let rows = world.dump().iter().filter(|row| row.starts_with("counters: ")).count();
    assert_eq!(rows, 41, "twenty pairs, twenty addresses, one user");
}

/// However many addresses guess, the counters stay within a bound, and closed doors stay closed.
#[test]
fn a_flood_of_guesses_throws_the_oldest_counters_away() {
    let mut world = World::new();
    let portal = world.service("portal");
    for _ in 0..10 {
        portal.ask("loginuser", &format!("{WRONG} clientip=198.51.100.7")).plainly(Code::WrongPassword);
    }
    // Counters of open doors, which end before that of the closed one.
    set(
        &mut world,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 102500)
         INSERT INTO counters SELECT 'pair:1:address:flood' || i, 1, i, 0, 0, i FROM n",
    );
    let counters = |world: &World| {
        let connection = rusqlite::Connection::open(world.database()).unwrap();
        let count = "SELECT count(*), min(expires) FROM counters";
        connection.query_row(count, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap()
    };
    let started = std::time::Instant::now();
    while counters(&world).0 > 100_000 {
        assert!(started.elapsed().as_secs() < 60, "{} counters are left", counters(&world).0);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let (left, first) = counters(&world);
    assert_eq!((left, first), (100_000, 2_504), "the oldest are gone, and no more than needed");
    let portal = world.service("portal");
    let reply = portal.ask("loginuser", &format!("{RIGHT} clientip=198.51.100.7"));
    reply.refused(Code::TooManyAttempts).second("60");
}
