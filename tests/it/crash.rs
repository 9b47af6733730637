//! Killed at any instant, nothing answered is lost and nothing half-done is seen.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::program::{CONFIG, Folder, Server, post, read_reply, signed, xml};

/// Kills of the server, each under that many writers.
const KILLS: u64 = 20;
const WRITERS: usize = 16;

#[test]
fn every_acknowledged_user_is_there_after_a_kill() {
    let folder = Folder::configured(CONFIG);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..KILLS {
        let mut server = Server::start(&folder);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (server, stop) = (&server, &stop);
            let writers: Vec<_> =
                (0..WRITERS).map(|writer| scope.spawn(move || write(server, round, writer, stop))).collect();
            // Instants spread over the first third of a second, the same in every run.
            std::thread::sleep(Duration::from_millis(20 + round * 7919 % 300));
            server.signal("-KILL");
            stop.store(true, Ordering::Relaxed);
            for writer in writers {
                acknowledged.extend(writer.join().unwrap());
            }
        });
        server.child.wait().unwrap();
    }
    assert!(acknowledged.len() > 100, "only {} users were acknowledged", acknowledged.len());
    assert!(Server::start(&folder).stop());
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    whole(&database, &acknowledged);
}

/// Registers users until the connection breaks; the names that were answered.
fn write(server: &Server, round: u64, writer: usize, stop: &AtomicBool) -> Vec<String> {
    let mut stream = server.connect();
    let mut answered = Vec::new();
    for number in 0.. {
        let name = format!("user-{round}-{writer}-{number}");
        let body = xml("registeruser", &format!("username={name} useremail={name}@example.com"));
        let request = post(&format!("/yvva/api/api.xml?checksum={}", signed(&body)), &body);
        if stream.write_all(&request).is_err()
            || !read_reply(&mut stream).contains("<intresult>0</intresult>")
        {
            break;
        }
        answered.push(name);
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    answered
}

/// Everyone who was acknowledged is there, and everyone who is there is whole.
fn whole(database: &rusqlite::Connection, acknowledged: &[String]) {
    let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert_eq!(one("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let mut find = database.prepare("SELECT count(*) FROM users WHERE username = $1").unwrap();
    for name in acknowledged {
        assert_eq!(find.query_row([name], |row| row.get::<_, i64>(0)).unwrap(), 1, "{name}");
    }
    let users = one("SELECT count(*) FROM users");
    assert_eq!(one("SELECT count(*) FROM users WHERE licenseid IS NOT NULL"), users);
    assert_eq!(one("SELECT count(*) FROM licenses"), users);
    assert_eq!(one("SELECT count(*) FROM codes"), users);
    assert_eq!(one("SELECT count(*) FROM audit"), users);
    assert_eq!(one("SELECT count(*) FROM users_text WHERE users_text MATCH 'name : \"user-\"'"), users);
}
