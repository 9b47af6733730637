//! Warm logins: a password that was right a moment ago costs no hash, and everything else is as it was.

use regserver::error::Code;
use rusqlite::Connection;

use crate::world::{Party, Reply, STRANGE, World};

const RIGHT: &str = "username=alice password=wonder-2026";
const WRONG: &str = "username=alice password=guess-1234";

/// The world without warm logins.
fn cold() -> World {
    World::with(|config| {
        config.section("auth").insert("login_cache".into(), 0.into());
    })
}

/// The reply, and how many hashes it took.
fn costly(world: &World, ask: impl FnOnce() -> Reply) -> (Reply, u64) {
    let before = world.hash_runs();
    let reply = ask();
    (reply, world.hash_runs() - before)
}

#[track_caller]
fn costs(world: &World, party: &Party<'_>, fields: &str, runs: u64) {
    let (reply, cost) = costly(world, || party.ask("loginuser", fields));
    reply.done();
    assert_eq!(cost, runs, "{fields}");
}

/// What another program does to the same database.
fn beside(world: &World, sql: &str) {
    Connection::open(world.database()).unwrap().execute_batch(sql).unwrap();
}

fn counters(world: &World) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with("counters: ")).collect()
}

#[test]
fn the_same_login_again_costs_no_hash_and_writes_nothing() {
    let world = World::new();
    let portal = world.service("portal");
    let (first, runs) = costly(&world, || portal.ask("loginuser", RIGHT));
    assert_eq!(runs, 1);
    let look = Connection::open(world.database()).unwrap();
    let version = || look.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    let (before, dump) = (version(), world.dump());
    for party in [portal.clone(), portal.clone().over_json(), world.stranger()] {
        for id in ["username=alice", "useroremail=alice@example.com", "username=ALICE"] {
            assert!(!party.begin("loginuser", &format!("{id} password=wonder-2026")).waits());
            costs(&world, &party, &format!("{id} password=wonder-2026"), 0);
        }
    }
    assert_eq!(portal.ask("loginuser", RIGHT).body(), first.body());
    assert_eq!((version(), world.dump()), (before, dump));
}

#[test]
fn a_wrong_password_costs_a_hash_each_time() {
    let world = World::new();
    world.call(&format!("loginuser {RIGHT}")).done();
    for party in [world.service("portal"), world.stranger()] {
        for password in ["guess-1234", "wonder-2027", "Wonder-2026", "wonder-202", "wonder-20266"] {
            let fields = format!("username=alice password={password}");
            let (reply, runs) = costly(&world, || party.ask("loginuser", &fields));
            reply.plainly(Code::WrongPassword);
            assert_eq!(runs, 1, "{password}");
        }
        costs(&world, &party, RIGHT, 0);
    }
    // Somebody else's password is nothing of one's own.
    let (reply, runs) = costly(&world, || world.call("loginuser username=edgar password=wonder-2026"));
    reply.plainly(Code::WrongPassword);
    assert_eq!(runs, 1);
}

/// What access.md §4 demands, shown by counting the work.
#[test]
fn nobody_is_told_apart_by_what_a_try_costs() {
    for name in ["nobody", "sheila", "edgar", "alice"] {
        for command in ["loginuser", "createsession"] {
            for (warmed, world) in [(false, cold()), (true, World::new())] {
                if warmed {
                    world.call(&format!("loginuser {RIGHT}")).done();
                }
                let fields = format!("username={name} password=guess-1234");
                let (reply, runs) = costly(&world, || world.stranger().ask(command, &fields));
                reply.plainly(Code::WrongPassword);
                assert_eq!(runs, 1, "{command} {name}, warmed {warmed}");
            }
        }
    }
    for world in [cold(), World::new()] {
        for (party, fields, runs) in [
            (world.stranger(), RIGHT, 1),
            (world.service("portal"), WRONG, 1),
            (world.service("portal"), "username=edgar password=guess-1234", 1),
        ] {
            assert_eq!(costly(&world, || party.ask("loginuser", fields)).1, runs, "{fields}");
        }
    }
}

#[test]
fn it_is_remembered_for_a_minute() {
    let world = World::new();
    let portal = world.service("portal");
    costs(&world, &portal, RIGHT, 1);
    world.pass(59);
    costs(&world, &portal, RIGHT, 0);
    world.pass(1);
    costs(&world, &portal, RIGHT, 1);
    world.pass(59);
    costs(&world, &portal, RIGHT, 0);
}

#[test]
fn or_not_at_all() {
    let world = cold();
    for _ in 0..3 {
        costs(&world, &world.service("portal"), RIGHT, 1);
    }
    let mut world = World::new();
    costs(&world, &world.service("portal"), RIGHT, 1);
    world.restart();
    costs(&world, &world.service("portal"), RIGHT, 1);
}

#[test]
fn another_password_ends_it() {
    let world = World::new();
    let portal = world.service("portal");
    costs(&world, &portal, RIGHT, 1);
    world.call("setpassword username=alice newpassword=sekret-5678").done();
    let (reply, runs) = costly(&world, || portal.ask("loginuser", RIGHT));
    reply.plainly(Code::WrongPassword);
    assert_eq!(runs, 1);
    costs(&world, &portal, "username=alice password=sekret-5678", 1);
    // The same one again is another hash.
    world.call("setpassword username=alice newpassword=sekret-5678").done();
    costs(&world, &portal, "username=alice password=sekret-5678", 1);
    costs(&world, &portal, "username=alice password=sekret-5678", 0);
    world.call("resetpassword username=alice").done();
    portal.ask("loginuser", "username=alice password=sekret-5678").plainly(Code::WrongPassword);
}

#[test]
fn what_another_program_changes_counts_at_once() {
    let world = World::new();
    let portal = world.service("portal");
    costs(&world, &portal, RIGHT, 1);
    beside(
        &world,
        "UPDATE users SET password = (SELECT password FROM users WHERE username = 'sheila') WHERE id = 1",
    );
    portal.ask("loginuser", RIGHT).plainly(Code::WrongPassword);
    costs(&world, &portal, "username=alice password=queen-2026", 1);
    for (status, code) in
        [("disabled", Code::UserDisabled), ("todelete", Code::UserToDelete), ("inactive", Code::NotActivated)]
    {
        beside(&world, &format!("UPDATE users SET status = '{status}' WHERE id = 1"));
        let ask = || portal.ask("loginuser", "username=alice password=queen-2026");
        let (reply, runs) = costly(&world, ask);
        reply.plainly(code);
        assert_eq!(runs, 0);
        portal.ask("loginuser", WRONG).plainly(Code::WrongPassword);
    }
    beside(&world, "UPDATE users SET status = 'activated' WHERE id = 1");
    costs(&world, &portal, "username=alice password=queen-2026", 0);
}

#[test]
fn a_closed_door_is_closed_to_it_too() {
    let world = World::new();
    for party in [world.service("portal"), world.stranger(), world.stranger().from("192.0.2.8")] {
        party.ask("loginuser", RIGHT).done();
        for _ in 0..10 {
            party.ask("loginuser", WRONG).plainly(Code::WrongPassword);
        }
        for command in ["loginuser", "createsession"] {
            let (reply, runs) = costly(&world, || party.ask(command, &format!("{RIGHT} IP=192.0.2.44")));
            reply.refused(Code::TooManyAttempts).second("60");
            assert_eq!(runs, 0);
        }
    }
}

#[test]
fn what_was_counted_is_cleared_as_ever() {
    let world = World::new();
    let (portal, alice) = (world.service("portal"), world.stranger());
    for party in [&portal, &alice] {
        party.ask("loginuser", RIGHT).done();
        for _ in 0..3 {
            for _ in 0..9 {
                party.ask("loginuser", WRONG).plainly(Code::WrongPassword);
            }
            costs(&world, party, RIGHT, 0);
        }
    }
    assert!(!counters(&world).iter().any(|row| row.contains("pair:")), "{:?}", counters(&world));
    // Of the wrong keys from there it clears those that a cold one clears.
    let made = world.call("createapikey username=alice kind=basic").done();
    let shop = portal.clone().always(&format!("clientip={STRANGE}"));
    shop.ask("loginuser", RIGHT).done();
    for _ in 0..9 {
        world.key(&made.text("key"), "wrong").ask("getversion", "").turned_away(Code::AccessDenied);
    }
    costs(&world, &shop, RIGHT, 0);
    assert!(!counters(&world).iter().any(|row| row.contains(":key")), "{:?}", counters(&world));
}

#[test]
fn a_session_by_the_password_is_warm_too() {
    let world = World::new();
    let open = |fields: &str| costly(&world, || world.stranger().ask("createsession", fields));
    assert_eq!(open(RIGHT).1, 1);
    let (reply, runs) = open(RIGHT);
    reply.done();
    assert_eq!(runs, 0);
    costs(&world, &world.service("portal"), RIGHT, 0);
    assert_eq!(open(WRONG).1, 1);
}

#[test]
fn what_hands_the_account_over_is_never_warm() {
    let world = World::new();
    let alice = world.stranger().session(RIGHT, STRANGE);
    for (command, fields, runs) in
        [("createapikey", "kind=basic", 1), ("settotp", "", 1), ("setpassword", "newpassword=sekret-5678", 2)]
    {
        let (reply, cost) = costly(&world, || alice.ask(command, &format!("{RIGHT} {fields}")));
        reply.done();
        assert_eq!(cost, runs, "{command}");
    }
    // Nor is a temporary password, or the one that it sets.
    world.call("sendpassword username=alice").done();
    let by = "username=alice tmppassword={code} password=sekret-9999";
    assert_eq!(costly(&world, || world.call(&format!("loginuser {by}"))).1, 2);
    costs(&world, &world.service("portal"), "username=alice password=sekret-9999", 1);
}

#[test]
fn the_time_of_a_warm_login_is_written_too() {
    let mut world = World::new();
    world.call(&format!("loginuser {RIGHT}")).done();
    world.pass(45);
    costs(&world, &world.service("portal"), RIGHT, 0);
    world.restart();
    assert_eq!(world.call("getuserdata username=alice").done().text("lastlogin"), "01/01/2026 00:00:45.00");
}

#[test]
fn a_missing_licence_is_made_by_a_warm_login_too() {
    let world = World::new();
    costs(&world, &world.service("portal"), RIGHT, 1);
    world.call("getdefaultlicense username=alice").done();
    beside(
        &world,
        "UPDATE users SET licenseid = NULL WHERE id = 1; DELETE FROM license_uses WHERE userid = 1",
    );
    world.call("getdefaultlicense username=alice").plainly(Code::NoDefaultLicense);
    costs(&world, &world.service("portal"), RIGHT, 0);
    world.call("getdefaultlicense username=alice").done();
}

#[test]
fn a_mark_against_repetition_is_left_as_ever() {
    let world = World::with(|config| {
        config.server("RequestTimeWindow", "300").server("ReplayProtection", "True");
    });
    let portal = world.service("portal");
    portal.ask("loginuser", RIGHT).done();
    world.pass(1);
    let body = portal.xml("loginuser", RIGHT);
    assert_eq!(costly(&world, || portal.body(body.as_bytes()).done()).1, 0);
    portal.body(body.as_bytes()).refused(Code::InvalidRequest);
    let world = World::new();
    let portal = world.service("portal");
    portal.ask("loginuser", RIGHT).done();
    portal.ask("loginuser", &format!("{RIGHT} idempotencykey=once")).done();
    let again = portal.ask("loginuser", &format!("{RIGHT} idempotencykey=once includegroup=false"));
    again.refused(Code::InvalidRequest).says("Invalid Request: idempotencykey was used with other fields");
}

#[test]
fn a_warm_login_shows_what_is_true_now() {
    let world = World::new();
    let portal = world.service("portal");
    portal.ask("loginuser", RIGHT).done();
    world.call("setdepartment username=alice department=Attic").done();
    world.call("creategroup username=alice groupname=Team groupreference=north").done();
    world.call("userjoinedgroup username=alice groupreference=north").done();
    let before = world.hash_runs();
    let reply = portal.ask("loginuser", RIGHT).done();
    assert_eq!((reply.text("department"), reply.text("groupname")), ("Attic".into(), "Team".into()));
    assert_eq!(
        portal.ask("loginuser", &format!("{RIGHT} includegroup=false")).done().find("groupname"),
        None
    );
    assert_eq!(world.hash_runs(), before);
}
