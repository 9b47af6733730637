//! `regserver import` and `export`: files in, files out, exit codes, and what is left behind by who was killed.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::program::{CONFIG, Folder, Server, program};

use super::{err, out};

/// A folder with a database in which nobody is.
fn started() -> Folder {
    let folder = Folder::configured(CONFIG);
    assert!(Server::start(&folder).stop());
    folder
}

fn file(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.0.join(name), text).unwrap();
}

fn many(rows: usize, password: bool) -> String {
    let mut text = "username,email,password\r\n".to_owned();
    for n in 0..rows {
        let password = if password { format!("sekret-{n:06}") } else { String::new() };
        let _ = write!(text, "many{n:06},many{n}@example.com,{password}\r\n");
    }
    text
}

fn count(folder: &Folder, sql: &str) -> i64 {
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_example_of_the_readme_works_on_a_fresh_provider() {
    let folder = started();
    file(&folder, "users.csv", include_str!("../../../fixtures/users.csv"));
    let dry = folder.done(&["import", "users.csv", "--dry-run"]);
    assert!(dry.contains("3 rows: would be created 3, updated 0, unchanged 0, refused 0"), "{dry}");
    assert_eq!(count(&folder, "SELECT count(*) FROM users"), 0);
    assert!(folder.done(&["import", "users.csv"]).contains("created 3"));
    assert!(folder.done(&["import", "users.csv", "--update"]).contains("unchanged 3"));
    let export = folder.done(&["export", "--columns", "username,department"]);
    assert_eq!(
        export,
        "username,department\ncarla,Sales\ndieter,Sales\nemma-lou,\"Research, Development\"\n"
    );
    assert_eq!(folder.done(&["export", "-", "--columns", "username,department"]), export);
    assert!(!folder.0.join("-").exists());
    folder.done(&["export", "all.csv"]);
    assert!(folder.done(&["import", "all.csv", "--update"]).contains("unchanged 3"));
    assert_eq!(folder.run(&["export", "all.csv"], "").status.code(), Some(2), "a file that is there stays");
}

#[test]
fn refused_rows_are_listed_and_reported() {
    let folder = started();
    file(
        &folder,
        "users.csv",
        "username,email\ncarla,carla@example.com\nxy,nonsense\n=cmd(),c@example.com\n",
    );
    let run = folder.run(&["import", "users.csv", "--report", "report.csv"], "");
    assert_eq!(run.status.code(), Some(3), "{}", err(&run));
    assert!(out(&run).contains("line 3: xy: -30108 Invalid username\n"), "{}", out(&run));
    assert!(err(&run).contains("regserver import --resume 1"), "{}", err(&run));
    let report = std::fs::read_to_string(folder.0.join("report.csv")).unwrap();
    let expected = "line,name,outcome,code,text,userid\n2,carla,created,,,1\n3,xy,refused,-30108,Invalid username,\n\
                    4,'=cmd(),created,,,2\n";
    assert_eq!(report, expected);
    let quiet = folder.run(&["import", "users.csv", "--update", "--quiet"], "");
    assert_eq!((quiet.status.code(), err(&quiet)), (Some(3), String::new()));
    assert_eq!(out(&quiet), "line 3: xy: -30108 Invalid username\n");
}

#[test]
fn what_cannot_be_imported_is_said_and_leaves_no_job() {
    let folder = started();
    file(&folder, "wrong.csv", "username,mail\nsekret-1234,x\n");
    let (code, said) = folder.fails(&["import", "wrong.csv"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("column 2 `mail` is not known (did you mean email?)") && !said.contains("sekret"),
        "{said}"
    );
    let utf16: Vec<u8> = "username,email\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, told) in [
        (
            "latin.csv",
            &b"username,email\nanna,a@example.com\nJ\xfcrgen,j@example.com\nx,y\n"[..],
            "in line 3; it seems to be ISO-8859-1",
        ),
        (
            "windows.csv",
            b"username,email\n\x84J\xfcrgen\x93,j@example.com\n",
            "in line 2; it seems to be WINDOWS-1252",
        ),
        ("wide.csv", &utf16, "iconv -f UTF-16 -t UTF-8 wide.csv"),
    ] {
        std::fs::write(folder.0.join(name), bytes).unwrap();
        let (code, said) = folder.fails(&["import", name]);
        assert!(code == Some(2) && said.contains("not UTF-8") && said.contains(told), "{said}");
    }
    file(&folder, "headless.csv", "anna,sekret-1234\n");
    let (_, said) = folder.fails(&["import", "headless.csv"]);
    assert!(said.contains("the first line must name the columns") && !said.contains("sekret"), "{said}");
    let (code, said) = folder.fails(&["import", "nowhere.csv"]);
    assert!(code == Some(2) && said.contains("cannot read nowhere.csv"), "{said}");
    let (code, said) = folder.fails(&["import", "--resume", "4711"]);
    assert!(code == Some(1) && said.contains("there is no job 4711"), "{said}");
    file(&folder, "users.csv", "username,email\n");
    let (code, said) = folder.fails(&["import", "users.csv", "--provider", "NONE"]);
    assert!(code == Some(1) && said.contains("regserver provider list"), "{said}");
    assert_eq!(count(&folder, "SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running')"), 0);
}

#[test]
fn lines_and_rows_hold_over_many_pieces() {
    let folder = started();
    let mut text = many(2_400, false);
    text.push_str("xy,nonsense,\r\n");
    file(&folder, "users.csv", &text);
    let run = folder.run(&["import", "users.csv"], "");
    assert!(out(&run).contains("line 2402: xy: -30108"), "{}{}", out(&run), err(&run));
    assert!(
        out(&run).contains("2401 rows: created 2400, updated 0, unchanged 0, refused 1"),
        "{}",
        out(&run)
    );
}

/// Waits until that many users are there.
fn until(folder: &Folder, users: i64) {
    let end = Instant::now() + Duration::from_secs(60);
    while count(folder, "SELECT count(*) FROM users") < users {
        assert!(Instant::now() < end, "no more users come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// All of them are there once.
fn whole(folder: &Folder, users: i64) {
    assert_eq!(count(folder, "SELECT count(*) FROM users"), users);
    assert_eq!(
        count(folder, "SELECT count(*) FROM users WHERE licenseid IS NOT NULL AND password <> ''"),
        users
    );
    assert_eq!(count(folder, "SELECT count(*) FROM licenses"), users);
    assert_eq!(count(folder, "SELECT count(*) FROM job_rows WHERE outcome = 'created'"), users);
    assert_eq!(count(folder, "SELECT count(*) FROM job_rows WHERE sealed IS NOT NULL OR data <> ''"), 0);
    assert_eq!(count(folder, "SELECT done FROM jobs"), users);
}

#[test]
fn ctrl_c_leaves_a_job_that_goes_on() {
    let folder = started();
    file(&folder, "users.csv", &many(400, true));
    let child = program(&folder.0).args(["import", "users.csv"]).spawn().unwrap();
    until(&folder, 1);
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let run = child.wait_with_output().unwrap();
    assert_eq!(run.status.code(), Some(130), "{}", err(&run));
    assert!(err(&run).contains("`regserver import --resume 1` goes on"), "{}", err(&run));
    assert!(count(&folder, "SELECT count(*) FROM users") < 400);
    assert!(folder.done(&["import", "--resume", "1"]).contains("created 400"));
    whole(&folder, 400);
}

#[test]
fn a_running_server_goes_on_with_what_was_killed() {
    let folder = started();
    file(&folder, "users.csv", &many(500, true));
    let mut server = Server::start(&folder);
    let mut child = program(&folder.0).args(["import", "users.csv"]).spawn().unwrap();
    until(&folder, 1);
    // The server answers beside it.
    assert!(server.call("getuserdata", "username=many000000").contains("<username>many000000"));
    child.kill().unwrap();
    child.wait().unwrap();
    let left = count(&folder, "SELECT count(*) FROM users");
    assert!(left < 500);
    // Its lease runs out; then the server takes over, is killed too, and goes on when it is started again.
    until(&folder, left + 1);
    server.signal("-KILL");
    server.child.wait().unwrap();
    assert!(count(&folder, "SELECT count(*) FROM users") < 500);
    let _server = Server::start(&folder);
    until(&folder, 500);
    let end = Instant::now() + Duration::from_secs(20);
    while count(&folder, "SELECT count(*) FROM jobs WHERE state = 'done'") == 0 {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(50));
    }
    whole(&folder, 500);
}
