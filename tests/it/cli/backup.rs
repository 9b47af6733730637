//! `regserver backup` and `restore`: copies that can be trusted, and databases that are not lost by one.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::program::{CONFIG, Folder, Server, post, program, read_reply, signed, xml};

use super::{err, out};

const WRITERS: usize = 8;

/// Registers users until it is told to stop; the names that were answered, each with whether that was before
/// the backup was begun.
fn write(server: &Server, writer: usize, begun: &AtomicBool, stop: &AtomicBool) -> Vec<(String, bool)> {
    let mut stream = server.connect();
    let mut answered = Vec::new();
    for number in 0.. {
        let name = format!("user-{writer}-{number}");
        let body = xml("registeruser", &format!("username={name} useremail={name}@example.com"));
        let request = post(&format!("/yvva/api/api.xml?checksum={}", signed(&body)), &body);
        stream.write_all(&request).unwrap();
        assert!(read_reply(&mut stream).contains("<intresult>0</intresult>"));
        answered.push((name, !begun.load(Ordering::SeqCst)));
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    answered
}

fn count(folder: &Folder, file: &str, sql: &str) -> i64 {
    let database = rusqlite::Connection::open(folder.0.join(file)).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn users(folder: &Folder) -> i64 {
    count(folder, "regserver.db", "SELECT count(*) FROM users")
}

/// A database with that many users, whose server has stopped.
fn with_users(many: usize) -> Folder {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    more_users(&server, 0..many);
    assert!(server.stop());
    folder
}

fn more_users(server: &Server, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let fields = format!("username=user{number} useremail=u{number}@example.com");
        assert!(server.call("registeruser", &fields).contains("<intresult>0</intresult>"));
    }
}

#[test]
fn a_copy_made_while_eight_write_has_all_that_was_answered_before_it_was_begun() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let (begun, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (answered, made) = std::thread::scope(|scope| {
        let (server, begun, stop) = (&server, &begun, &stop);
        let writers: Vec<_> =
            (0..WRITERS).map(|writer| scope.spawn(move || write(server, writer, begun, stop))).collect();
        std::thread::sleep(Duration::from_millis(500));
        begun.store(true, Ordering::SeqCst);
        let made = program(&folder.0).args(["backup", "copy.db"]).output().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
        let answered: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        (answered, made)
    });
    assert!(made.status.success(), "{}", err(&made));
    assert!(out(&made).contains("The master key is not in it"), "{}", out(&made));
    let before: Vec<_> = answered.iter().filter(|(_, before)| *before).map(|(name, _)| name).collect();
    assert!(before.len() > WRITERS && answered.len() > before.len() + WRITERS, "nobody waited for the copy");
    assert!(server.stop());

    let names = std::fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.starts_with("copy"));
    names.sort();
    assert_eq!(names, ["copy.db", "copy.db.sha256"], "the copy is one file, and its checksum");

    folder.done(&["restore", "copy.db"]);
    let all = users(&folder);
    assert!(all >= i64::try_from(before.len()).unwrap() && all < i64::try_from(answered.len()).unwrap());
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    let mut find = database.prepare("SELECT count(*) FROM users WHERE username = $1").unwrap();
    for name in before {
        assert_eq!(find.query_row([name], |row| row.get::<_, i64>(0)).unwrap(), 1, "{name}");
    }
    // Whoever is there is whole.
    for table in ["licenses", "audit", "codes"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(count(&folder, "regserver.db", &sql), all, "{table}");
    }
    assert!(Server::start(&folder).stop());
}

#[test]
fn the_checksum_is_as_other_programs_write_it_and_no_file_is_overwritten() {
    let folder = with_users(2);
    folder.done(&["backup", "copy.db"]);
    let mut summed = std::process::Command::new("sha256sum");
    let checked = summed.args(["-c", "copy.db.sha256"]).current_dir(&folder.0).output().unwrap();
    assert!(checked.status.success(), "{}", err(&checked));
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder.0.join("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = folder.run(&["backup", "copy.db"], "");
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("is there already"), "{}", err(&again));
    let nowhere = folder.run(&["backup", "nowhere/copy.db"], "");
    assert_eq!(nowhere.status.code(), Some(1), "{}", err(&nowhere));
}

#[test]
fn a_restore_can_be_taken_back() {
    let folder = with_users(3);
    folder.done(&["backup", "copy.db"]);
    let server = Server::start(&folder);
    more_users(&server, 3..5);
    // Its last changes lie beside the database only.
    server.signal("-KILL");
    drop(server);
    let said = folder.done(&["restore", "copy.db"]);
    assert_eq!(users(&folder), 3);
    let undo = said.split('`').nth(1).unwrap().strip_prefix("regserver restore ").unwrap();
    assert!(undo.starts_with("regserver.db.before-2"), "{said}");
    folder.done(&["restore", undo]);
    assert_eq!(users(&folder), 5);
    folder.done(&["restore", "copy.db"]);
    assert_eq!(users(&folder), 3);
}

/// Refused with that text, and everything is as it was.
#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], text: &str) {
    let before = users(folder);
    let run = folder.run(arguments, "");
    assert_eq!(run.status.code(), Some(1), "{}", err(&run));
    assert!(err(&run).contains(text), "{}", err(&run));
    assert_eq!(users(folder), before);
    let left = std::fs::read_dir(&folder.0).unwrap().filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        let name = name.to_string_lossy();
        name.contains("before-") || name.contains("restoring")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_damaged_copy_is_refused_with_its_checksum_and_without() {
    let folder = with_users(3);
    folder.done(&["backup", "copy.db"]);
    let path = folder.0.join("copy.db");
    let good = std::fs::read(&path).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle..middle + 4096].fill(0x5a);
    std::fs::write(&path, &bad).unwrap();
    refused(&folder, &["restore", "copy.db"], "its SHA-256 is not the one in copy.db.sha256");
    std::fs::remove_file(folder.0.join("copy.db.sha256")).unwrap();
    refused(&folder, &["restore", "copy.db"], "is damaged");
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    refused(&folder, &["restore", "copy.db"], "is damaged");
    std::fs::write(&path, "no database").unwrap();
    refused(&folder, &["restore", "copy.db"], "is damaged, or no copy of a database");
    std::fs::write(&path, "").unwrap();
    refused(&folder, &["restore", "copy.db"], "is no copy of a database of this program");
    refused(&folder, &["restore", "none.db"], "there is no file none.db");
    refused(&folder, &["restore", "regserver.db"], "is the database itself");
    std::fs::write(&path, &good).unwrap();
    folder.done(&["restore", "copy.db"]);
}

#[test]
fn a_copy_that_the_master_key_does_not_open_is_refused() {
    let (folder, other) = (with_users(2), with_users(1));
    other.done(&["backup", "copy.db"]);
    let foreign = other.0.join("copy.db");
    refused(&folder, &["restore", foreign.to_str().unwrap()], "the master key does not open");
    let key = folder.0.join("regserver.db.key");
    std::fs::rename(&key, folder.0.join("away")).unwrap();
    refused(&folder, &["restore", foreign.to_str().unwrap()], "regserver.db.key is missing");
    // With its own key it opens.
    std::fs::copy(other.0.join("regserver.db.key"), &key).unwrap();
    folder.done(&["restore", foreign.to_str().unwrap()]);
    assert_eq!(users(&folder), 1);
}

#[test]
fn a_copy_with_tables_of_another_version_is_refused() {
    let folder = with_users(1);
    folder.done(&["backup", "copy.db"]);
    std::fs::remove_file(folder.0.join("copy.db.sha256")).unwrap();
    let copy = rusqlite::Connection::open(folder.0.join("copy.db")).unwrap();
    copy.execute("UPDATE meta SET value = 99 WHERE name = 'schema'", []).unwrap();
    drop(copy);
    refused(&folder, &["restore", "copy.db"], "has schema version 99");
}

#[test]
fn nothing_is_restored_while_a_server_runs_and_no_server_starts_meanwhile() {
    let folder = with_users(2);
    folder.done(&["backup", "copy.db"]);
    let server = Server::start(&folder);
    refused(&folder, &["restore", "copy.db"], "a server or another program uses the database");
    more_users(&server, 2..3);
    assert!(server.stop());
    let lock = std::fs::File::open(folder.0.join("regserver.db.lock")).unwrap();
    lock.lock().unwrap();
    let start = folder.run(&["serve"], "");
    assert!(!start.status.success() && err(&start).contains("a restore"), "{}", err(&start));
    let copy = folder.run(&["backup", "other.db"], "");
    assert!(!copy.status.success() && err(&copy).contains("a restore"), "{}", err(&copy));
}

#[test]
fn a_server_makes_copies_by_itself_that_can_be_restored() {
    let folder = Folder::configured(&format!("{CONFIG}\n[backup]\nfolder = \"copies\"\n"));
    std::fs::create_dir(folder.0.join("copies")).unwrap();
    let server = Server::start(&folder);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let first = || server.call("searchbackup", "").contains("<verified>true</verified>");
    while !first() {
        assert!(std::time::Instant::now() < deadline, "{}", server.call("gettasks", ""));
        std::thread::sleep(Duration::from_millis(50));
    }
    more_users(&server, 0..2);
    assert!(server.stop());
    let file = std::fs::read_dir(folder.0.join("copies")).unwrap().map(|file| file.unwrap().path());
    let file = { file }.find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
    folder.done(&["restore", file.to_str().unwrap()]);
    assert_eq!(users(&folder), 0);
}
