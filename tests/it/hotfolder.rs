//! The hot folder, by the real program: files that are put there, what becomes of them, and whoever is killed amidst.

mod kill;
mod two;

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::program::{CONFIG, Folder, Server};

/// A folder with a hot folder in it, which takes files at once.
fn hot() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let hot = fs::canonicalize(&folder.0).unwrap().join("in");
    fs::create_dir(&hot).unwrap();
    configure(&folder, &hot, "settle_seconds = 0");
    (folder, hot)
}

fn configure(folder: &Folder, hot: &Path, keys: &str) {
    let provider = format!(
        "[[provider]]\ncode = \"DEMO\"\nsettings = {{ \"CSVIMPORT/CSV_IMPORT_DIR\" = \"{}\", \"CSVIMPORT/CSV_IMPORT_ACTIVE\" = true }}\n",
        hot.display()
    );
    fs::write(folder.0.join("regserver.toml"), format!("{CONFIG}\n{provider}\n[hotfolder]\n{keys}\n"))
        .unwrap();
}

/// Puts a file there in one step, as a program does that knows how.
fn put(hot: &Path, name: &str, text: impl AsRef<[u8]>) {
    let hidden = hot.join(format!(".{name}"));
    fs::write(&hidden, text).unwrap();
    fs::rename(hidden, hot.join(name)).unwrap();
}

/// Rows of users whose names begin so.
fn users(prefix: &str, rows: usize, password: bool) -> String {
    let mut text = "username,email,password\n".to_owned();
    for n in 0..rows {
        let password = if password { format!("sekret-{n:06}") } else { String::new() };
        let _ = writeln!(text, "{prefix}-{n:05},{prefix}{n}@example.com,{password}");
    }
    text
}

/// The names in one of the inner folders without their stamps, in order.
fn names(hot: &Path, inner: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(hot.join(inner)) else { return Vec::new() };
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let all = entries.map(|entry| name(entry.unwrap())).filter(|name| !name.starts_with('.'));
    let mut names: Vec<String> = all.map(|name| name[25..].to_owned()).collect();
    names.sort();
    names
}

/// What stands in the file of that name in one of the inner folders.
fn text(hot: &Path, inner: &str, name: &str) -> String {
    let entries = fs::read_dir(hot.join(inner)).unwrap().map(|entry| entry.unwrap().path());
    let ends = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap()[25..] == *name;
    fs::read_to_string(entries.into_iter().find(ends).unwrap()).unwrap()
}

/// Has the folder looked into until so many files are in `done` and `failed`, without their results.
fn until(server: &Server, hot: &Path, files: usize) {
    let end = Instant::now() + Duration::from_secs(300);
    let put_away = || {
        let all = ["done", "failed"].iter().flat_map(|inner| names(hot, inner)).collect::<Vec<_>>();
        all.iter().filter(|name| !name.ends_with(".result.csv")).count()
    };
    while put_away() < files {
        assert!(Instant::now() < end, "{} of {files} files: {}", put_away(), server.log());
        server.call("runtask", "task=hotfolder");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn count(folder: &Folder, sql: &str) -> i64 {
    let database = Connection::open(folder.0.join("regserver.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_file_is_imported_and_put_away_with_its_result() {
    let (folder, hot) = hot();
    let server = Server::start(&folder);
    put(
        &hot,
        "New users.csv",
        "username,email,password\ncarla,carla@example.com,sekret-1234\ndieter,d@example.com,\n",
    );
    until(&server, &hot, 1);
    assert_eq!(names(&hot, "done"), ["New_users.csv", "New_users.result.csv"]);
    let result = "line,name,outcome,code,text,userid\n2,carla,created,,,1\n3,dieter,created,,,2\n";
    assert_eq!(text(&hot, "done", "New_users.result.csv"), result);
    let login = server.call("loginuser", "username=carla password=sekret-1234");
    assert!(!login.contains("<exception>") && login.contains("carla@example.com"), "{login}");
    // Passwords stood in it: nobody else can look.
    for inner in ["work", "done", "failed"] {
        assert_eq!(fs::metadata(hot.join(inner)).unwrap().permissions().mode() & 0o777, 0o700, "{inner}");
    }
    // Who is there is updated, and a row that is refused sends the whole file where people look.
    put(&hot, "more.csv", "username,email\ncarla,carla2@example.com\ndieter,d@example.com\nxy,nonsense\n");
    until(&server, &hot, 2);
    assert_eq!(names(&hot, "failed"), ["more.csv", "more.result.csv"]);
    let result = "line,name,outcome,code,text,userid\n2,carla,updated,,,1\n3,dieter,unchanged,,,2\n\
                  4,xy,refused,-30108,Invalid username,\n";
    assert_eq!(text(&hot, "failed", "more.result.csv"), result);
    // Everybody can see what happened, and in whose name.
    let line = server.logged("the hot folder: more.csv is in failed");
    assert!(line.trim_end().ends_with("refused 1"), "{line}");
    let tasks = server.call("gettasks", "");
    assert!(tasks.split("hotfolder").nth(1).unwrap().contains("files begun"), "{tasks}");
    assert!(server.call("searchaudit", "username=carla").contains("task:hotfolder"));
    let jobs = server.call("searchjob", "");
    assert!(jobs.contains("importusers") && jobs.contains("task:hotfolder"), "{jobs}");
    let numbers = server.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    for line in ["hotfolder_files_total{end=\"done\"} 1", "hotfolder_files_total{end=\"failed\"} 1"] {
        assert!(numbers.contains(line), "{numbers}");
    }
    assert!(server.stop());
    assert_eq!(count(&folder, "SELECT count(*) FROM hot_files"), 0);
}

#[test]
fn what_cannot_be_imported_is_put_away_with_the_reason() {
    let (folder, hot) = hot();
    configure(&folder, &hot, "settle_seconds = 0\nmax_mib = 1");
    let server = Server::start(&folder);
    fs::write(folder.0.join("secret.csv"), "username,email\nstolen,s@example.com\n").unwrap();
    symlink(folder.0.join("secret.csv"), hot.join("link.csv")).unwrap();
    fs::hard_link(folder.0.join("secret.csv"), hot.join("second.csv")).unwrap();
    put(&hot, "latin.csv", b"username,email\nJ\xfcrgen,j@example.com\n");
    put(&hot, "wrong.csv", "username,mail\nsekret-1234,x\n");
    put(&hot, "empty.csv", "");
    put(&hot, "large.csv", users("large", 40_000, true));
    // The last piece of a longer file is what is wrong with it: nothing of it is done.
    let mut long = users("long", 2_500, false).into_bytes();
    long.extend(b"\xfc,x@example.com,\n");
    put(&hot, "long.csv", long);
    assert!(std::process::Command::new("mkfifo").arg(hot.join("pipe.csv")).status().unwrap().success());
    until(&server, &hot, 8);
    for (file, why) in [
        ("link", "it is a symbolic link"),
        ("second", "it has a second name"),
        ("latin", "not UTF-8"),
        ("wrong", "column 2 `mail` is not known"),
        ("empty", "Invalid Request"),
        ("large", "hotfolder.max_mib"),
        ("long", "not UTF-8"),
        ("pipe", "no ordinary file"),
    ] {
        let result = text(&hot, "failed", &format!("{file}.result.csv"));
        let second = result.lines().nth(1).unwrap_or_default().to_owned();
        assert!(
            second.starts_with(&format!(",{file}.csv,failed,")) && second.contains(why),
            "{file}: {result}"
        );
        assert!(!result.contains("sekret"), "{result}");
        // A file is spoken of as it is called where people find it, not where it lay meanwhile.
        assert!(!result.contains("/work/"), "{result}");
    }
    assert_eq!(count(&folder, "SELECT count(*) FROM users"), 0);
    assert_eq!(count(&folder, "SELECT count(*) FROM hot_files"), 0);
    assert_eq!(fs::read_to_string(folder.0.join("secret.csv")).unwrap().lines().count(), 2);
    assert_eq!(names(&hot, "done").len(), 0);
    assert!(server.stop());
}

#[test]
fn what_is_still_written_or_hidden_or_somebody_elses_stays() {
    let (folder, hot) = hot();
    configure(&folder, &hot, "settle_seconds = 3");
    let server = Server::start(&folder);
    put(&hot, "ready.csv", users("ready", 2, false));
    fs::write(hot.join(".upload.csv"), users("hidden", 2, false)).unwrap();
    fs::write(hot.join("notes.txt"), "not for us").unwrap();
    fs::create_dir(hot.join("folder.csv")).unwrap();
    let mut growing = fs::File::create(hot.join("growing.csv")).unwrap();
    std::io::Write::write_all(&mut growing, users("growing", 1, false).as_bytes()).unwrap();
    let begun = Instant::now();
    // It grows for longer than another file needs to be taken.
    while begun.elapsed() < Duration::from_secs(6) {
        std::io::Write::write_all(&mut growing, b"\n").unwrap();
        server.call("runtask", "task=hotfolder");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(names(&hot, "done"), ["ready.csv", "ready.result.csv"]);
    assert!(hot.join("growing.csv").exists());
    assert!(server.call("gettasks", "").contains("1 not complete yet"));
    until(&server, &hot, 2);
    assert_eq!(count(&folder, "SELECT count(*) FROM users"), 3);
    let left =
        ["notes.txt", ".upload.csv", "folder.csv"].iter().filter(|name| hot.join(name).exists()).count();
    assert_eq!(left, 3);
    assert!(server.stop());
}

#[test]
fn a_folder_that_cannot_be_used_is_told_and_others_go_on() {
    let (folder, hot) = hot();
    let other = folder.0.join("other");
    let more = |code: &str, path: &Path| {
        format!(
            "[[provider]]\ncode = \"{code}\"\nsettings = {{ \"CSVIMPORT/CSV_IMPORT_DIR\" = \"{}\", \"CSVIMPORT/CSV_IMPORT_ACTIVE\" = true }}\n",
            path.display()
        )
    };
    let config = fs::read_to_string(folder.0.join("regserver.toml")).unwrap();
    let same = hot.join(".");
    fs::write(
        folder.0.join("regserver.toml"),
        format!("{config}{}{}", more("ACME", &other), more("TWIN", &same)),
    )
    .unwrap();
    let server = Server::start(&folder);
    put(&hot, "users.csv", users("user", 2, false));
    server.call("runtask", "task=hotfolder");
    server.logged("two providers name it");
    server.logged("provider ACME: cannot look into");
    assert!(hot.join("users.csv").exists(), "nobody knows whose users these are");
    // As soon as each has its own, all is taken.
    fs::create_dir(&other).unwrap();
    put(&other, "acme.csv", users("acme", 1, false));
    fs::write(folder.0.join("regserver.toml"), format!("{config}{}", more("ACME", &other))).unwrap();
    server.signal("-HUP");
    server.logged("read again");
    assert!(
        folder
            .run(&["settings", "reset", "CSVIMPORT/CSV_IMPORT_DIR", "--provider", "TWIN"], "")
            .status
            .success()
    );
    until(&server, &hot, 1);
    until(&server, &other, 1);
    assert_eq!(count(&folder, "SELECT count(DISTINCT providerid) FROM users"), 2);
    assert!(server.stop());
}
