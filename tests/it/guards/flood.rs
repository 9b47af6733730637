//! Many at once: guesses that race each other, queues that are full.

use std::sync::{Arc, Barrier};

use regserver::api::{Api, Received};
use regserver::call::RequestId;
use regserver::error::Code;
use regserver::gate::checksum::Method;
use regserver::wire::Wire;

use crate::world::{World, set};

/// Sends calls of the portal from as many threads, all at once; the primary codes that come back.
fn at_once(world: &World, bodies: Vec<String>) -> Vec<i64> {
    let barrier = Arc::new(Barrier::new(bodies.len()));
    let threads: Vec<_> = bodies
        .into_iter()
        .enumerate()
        .map(|(number, body)| {
            let (api, barrier) = (world.api().clone(), barrier.clone());
            std::thread::spawn(move || {
                let reader = api.reader().unwrap();
                barrier.wait();
                send(&api, &reader, &body, number as u64)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn send(api: &Arc<Api>, reader: &regserver::store::Reader, body: &str, number: u64) -> i64 {
    let checksum = Method::Md5Key.sign(b"portal-key-of-the-tests", body.as_bytes());
    let request_id = RequestId::new(number);
    let seen = Ok("198.51.100.1".parse().unwrap());
    let received = Received::signed(seen, Some(&checksum), Wire::Xml, body.as_bytes(), request_id);
    api.drive(api.begin(received, reader), Wire::Xml, request_id).trace.code
}

fn count(codes: &[i64], code: i64) -> usize {
    codes.iter().filter(|found| **found == code).count()
}

#[test]
fn sixty_four_guesses_at_once_count_ten_and_learn_nothing() {
    let world = World::new();
    let portal = world.service("portal");
    let wrong = portal.xml("loginuser", "username=alice password=guess-1234");
    let codes = at_once(&world, vec![wrong; 64]);
    assert_eq!(count(&codes, Code::WrongPassword as i64), 10);
    assert_eq!(count(&codes, Code::TooManyAttempts as i64), 54);
    portal
        .ask("loginuser", "username=alice password=wonder-2026")
        .refused(Code::TooManyAttempts)
        .second("60");
}

#[test]
fn the_right_one_among_many_guesses_is_told_apart_only_while_the_door_is_open() {
    let world = World::new();
    let portal = world.service("portal");
    let (wrong, right) = ("password=guess-1234", "password=wonder-2026");
    for _ in 0..10 {
        portal.ask("loginuser", &format!("username=alice {wrong}")).plainly(Code::WrongPassword);
    }
    let right = portal.xml("loginuser", &format!("username=alice {right}"));
    let codes = at_once(&world, vec![right; 32]);
    assert_eq!(count(&codes, Code::TooManyAttempts as i64), 32);
}

#[test]
fn one_name_is_given_once() {
    let world = World::new();
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("registeruser", &format!("username=carol useremail=c{n}@example.com"));
    let codes = at_once(&world, (0..32).map(body).collect());
    assert_eq!((count(&codes, 0), count(&codes, Code::UserExists as i64)), (1, 31));
}

#[test]
fn magic_names_are_all_different() {
    let world = World::new();
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("registeruser", &format!("useremail=c{n}@example.com activate=1"));
    let codes = at_once(&world, (0..40).map(body).collect());
    assert_eq!(count(&codes, 0), 40);
    let reply = world.call("searchuser username=$demo-10* onlyownusers=1").done();
    let mut names = reply.texts("username");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 40);
}

#[test]
fn one_idempotency_key_makes_one_user() {
    let world = World::new();
    let body = world.service("portal").xml("registeruser", "useremail=carol@example.com idempotencykey=k");
    let codes = at_once(&world, vec![body; 32]);
    assert_eq!(count(&codes, 0), 32);
    assert_eq!(world.call("searchuser email=carol@example.com").done().text("total"), "1");
}

#[test]
fn one_replay_is_accepted_once() {
    let world = World::with(|config| {
        config.server("RequestTimeWindow", "300").server("ReplayProtection", "True");
    });
    let body = world.service("portal").xml("sendpassword", "username=alice");
    let codes = at_once(&world, vec![body; 16]);
    assert_eq!((count(&codes, 0), count(&codes, Code::InvalidRequest as i64)), (1, 15));
    let body = world.service("portal").xml("getversion", "");
    let codes = at_once(&world, vec![body; 16]);
    assert_eq!((count(&codes, 0), count(&codes, Code::InvalidRequest as i64)), (1, 15));
}

#[test]
fn one_place_in_a_shared_licence_is_given_once() {
    let mut world = World::new();
    let key = world.call("searchuser username=alice").done().text("licensekey");
    set(&mut world, "UPDATE licenses SET seats = 6 WHERE id = (SELECT licenseid FROM users WHERE id = 1)");
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("registeruser", &format!("useremail=c{n}@example.com"));
    let codes = at_once(&world, (0..20).map(body).collect());
    assert_eq!((count(&codes, 0), count(&codes, Code::LicenseLimit as i64)), (5, 15));
}

#[test]
fn the_last_seat_of_a_licence_is_given_once() {
    let world = World::new();
    let made = "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=2";
    let key = world.call(made).done().text("licensekey");
    world.call(&format!("assignusertolicense username=alice licensekey={key}")).done();
    for n in 0..64 {
        world.call(&format!("registeruser username=user{n} useremail=u{n}@example.com")).done();
    }
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("assignusertolicense", &format!("username=user{n} licensekey={key}"));
    let codes = at_once(&world, (0..64).map(body).collect());
    assert_eq!((count(&codes, 0), count(&codes, Code::LicenseLimit as i64)), (1, 63));
    let shown = world.call(&format!("getlicensedata licensekey={key}")).done();
    assert_eq!(
        (shown.text("used"), shown.text("limit"), shown.text("holder")),
        ("2".into(), "2".into(), "alice".into())
    );
}

#[test]
fn the_last_seat_of_an_accounts_licence_is_given_once() {
    let world = World::new();
    let account = world.call("createaccount accountname=Acme accountcode=SHOP").done().text("accountkey");
    let made = "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=2";
    let key = world.call(made).done().text("licensekey");
    world.call(&format!("setaccountlicense accountkey={account} licensekey={key}")).done();
    world.call(&format!("addusertoaccount username=alice accountkey={account}")).done();
    for n in 0..64 {
        world.call(&format!("registeruser username=user{n} useremail=u{n}@example.com")).done();
    }
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("addusertoaccount", &format!("username=user{n} accountkey={account}"));
    let codes = at_once(&world, (0..64).map(body).collect());
    assert_eq!((count(&codes, 0), count(&codes, Code::LicenseLimit as i64)), (1, 63));
    let data = world.call(&format!("getaccountdata accountkey={account}")).done();
    assert_eq!((data.text("membercount"), data.text("used")), ("2".into(), "2".into()));
}

#[test]
fn two_services_at_one_address_are_never_made() {
    let world = World::new();
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("createservice", &format!("servicename=s{n} addresses=192.0.2.7"));
    let codes = at_once(&world, (0..8).map(body).collect());
    assert_eq!((count(&codes, 0), count(&codes, Code::AddressInUse as i64)), (1, 7));
}

#[test]
fn a_full_queue_is_said_at_once() {
    let world = World::with(|config| {
        config.section("storage").insert("write_queue".into(), 1.into());
    });
    // Somebody else writes, so that the writer has to wait.
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let portal = world.service("portal");
    let body = |n: usize| portal.xml("registeruser", &format!("useremail=c{n}@example.com"));
    let codes = at_once(&world, (0..12).map(body).collect());
    assert_eq!(count(&codes, Code::Overloaded as i64), 12);
    let reply = portal.ask("registeruser", "useremail=x@example.com").refused(Code::Overloaded);
    assert_eq!((reply.answer.status, reply.answer.retry_after), (503, Some(1)));
    reply.says("Overloaded, try again").second("1");
    other.execute_batch("ROLLBACK").unwrap();
    portal.ask("registeruser", "useremail=x@example.com").done();
    let total = world.call("searchuser email=*@example.com onlyownusers=1").done().text("total");
    assert_eq!(total, "3", "whoever was turned away left nothing");
}

/// Calls that wait behind each other, in that order; their replies.
fn behind_each_other(world: &World, calls: [(&str, &str); 2]) -> [i64; 2] {
    let other = rusqlite::Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let threads = calls.map(|(command, fields)| {
        let (api, body) = (world.api().clone(), world.service("portal").xml(command, fields));
        let thread = std::thread::spawn(move || send(&api, &api.reader().unwrap(), &body, 1));
        std::thread::sleep(std::time::Duration::from_millis(150));
        thread
    });
    other.execute_batch("ROLLBACK").unwrap();
    threads.map(|thread| thread.join().unwrap())
}

#[test]
fn a_password_that_changes_while_a_login_waits_is_asked_again() {
    let change = ("setpassword", "username=alice newpassword=sekret-5678");
    let world = World::new();
    let codes = behind_each_other(&world, [change, ("loginuser", "username=alice password=wonder-2026")]);
    assert_eq!(codes, [0, Code::WrongPassword as i64], "the old one was right when it was verified");
    let world = World::new();
    let codes = behind_each_other(&world, [change, ("loginuser", "username=alice password=sekret-5678")]);
    assert_eq!(codes, [0, 0], "the new one was wrong when it was verified");
    let rows = world.dump();
    assert!(!rows.iter().any(|row| row.starts_with("counters: ")), "and it was not counted");
}

#[test]
fn a_user_who_goes_while_a_login_waits_is_gone() {
    let world = World::new();
    let login = ("loginuser", "username=alice password=wonder-2026");
    let codes = behind_each_other(&world, [("removeuser", "username=alice"), login]);
    assert_eq!(codes, [0, Code::UserUnknown as i64]);
}
