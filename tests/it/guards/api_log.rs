//! The API log that cannot keep up: it drops and counts, and nobody waits for it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regserver::call::{Program, RequestId};
use regserver::store::api_log::{ApiLog, Entry, Options, file_of};
use rusqlite::Connection;

use crate::world::{BEGIN, Folder, Hand, World};

fn entry(number: u64) -> Entry {
    Entry {
        time: BEGIN,
        provider: 1,
        caller: "service:portal".to_owned(),
        service: "portal".to_owned(),
        command: "getversion",
        user: None,
        code: 0,
        micros: 0,
        address: None,
        request_id: RequestId::new(number),
        fields: "{}".to_owned(),
    }
}

fn log(path: &Path, queue: usize) -> ApiLog {
    let clock = Arc::new(Hand::at(BEGIN));
    ApiLog::start(Options { path: path.to_owned(), queue, clock }).unwrap()
}

/// Holds the log's file as no reader could.
fn hold(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

fn rows(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM calls", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_full_queue_drops_and_counts_and_holds_nobody_up() {
    let folder = Folder::new();
    let path = folder.path().join("log");
    let log = log(&path, 10);
    log.call(entry(0));
    log.catch_up();
    let held = hold(&path);
    let begun = Instant::now();
    for number in 0..5_000 {
        log.call(entry(number));
    }
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    held.execute_batch("ROLLBACK").unwrap();
    log.stop();
    let dropped = i64::try_from(log.dropped()).unwrap();
    assert!(dropped > 3_000, "{dropped}");
    assert_eq!(rows(&path) + dropped, 5_001);
    assert_eq!(log.waiting(), 0);
}

#[test]
fn a_call_is_answered_while_the_log_is_held() {
    let world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.api().log().catch_up();
    let held = hold(&file_of(world.database()));
    let begun = Instant::now();
    for department in ["a", "b", "c"] {
        world.call(&format!("setdepartment username=alice department={department}")).done();
    }
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
    drop(held);
}

#[test]
fn a_log_that_is_no_database_stops_nothing() {
    let mut world = World::new();
    world.stop();
    std::fs::write(file_of(world.database()), "this is no database, and long enough to be told from one")
        .unwrap();
    world.restart();
    world.call("setdepartment username=alice department=Sales").done();
    world.api().log().catch_up();
    assert_eq!(world.api().log().dropped(), 1);
}

#[test]
fn calls_wait_in_the_queue_until_the_end() {
    let folder = Folder::new();
    let path = folder.path().join("log");
    let log = log(&path, 1_000);
    for number in 0..500 {
        log.call(entry(number));
    }
    log.stop();
    assert_eq!((rows(&path), log.dropped()), (500, 0));
    log.call(entry(500));
    assert_eq!(log.dropped(), 1);
}
