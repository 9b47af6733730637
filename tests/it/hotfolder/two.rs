//! Two programs on one database: no task is in two hands, and no file is imported twice.
//!
//! A trigger in the database writes down each change of a task's owner, so what is proved here is what happened, not
//! what a program says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{count, hot, names, put, users};
use crate::program::{Folder, Server};

/// Rounds, the files in each, and the rows of a file.
const ROUNDS: usize = 6;
const FILES: usize = 5;
const ROWS: usize = 300;
const TASKS: [&str; 8] =
    ["leftovers", "audit", "mails", "licenses", "devices", "hotfolder", "upkeep", "backup"];

/// Notes every hand that a task goes into, or leaves.
const TRIGGER: &str = "
    CREATE TABLE hands (id INTEGER PRIMARY KEY, name TEXT, before TEXT, after TEXT, runnow INTEGER);
    CREATE TRIGGER hands_first AFTER INSERT ON tasks BEGIN
        INSERT INTO hands (name, before, after) VALUES (NEW.name, '', NEW.owner); END;
    CREATE TRIGGER hands_next AFTER UPDATE ON tasks WHEN NEW.owner <> OLD.owner BEGIN
        INSERT INTO hands (name, before, after) VALUES (NEW.name, OLD.owner, NEW.owner); END;";

fn open(folder: &Folder) -> Connection {
    let database = Connection::open(folder.0.join("regserver.db")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database
}

#[test]
fn of_two_programs_each_task_and_each_file_is_in_one_hand() {
    let (folder, hot) = hot();
    let copies = folder.0.join("copies");
    fs::create_dir(&copies).unwrap();
    let path = folder.0.join("regserver.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{config}[backup]\nfolder = \"{}\"\nkeep = 1000\n", copies.display())).unwrap();
    let first = Server::start(&folder);
    open(&folder).execute_batch(TRIGGER).unwrap();
    let servers = [first, Server::start(&folder)];
    for round in 0..ROUNDS {
        for file in 0..FILES {
            let name = format!("r{round}f{file}");
            put(&hot, &format!("{name}.csv"), users(&name, ROWS, false));
        }
        // Both are told of all of it, so both reach for it at the same time, again and again.
        let end = Instant::now() + Duration::from_secs(60);
        while names(&hot, "done").len() < 2 * FILES * (round + 1) {
            assert!(Instant::now() < end, "{}\n{}", servers[0].log(), servers[1].log());
            std::thread::scope(|scope| {
                for server in &servers {
                    scope.spawn(|| {
                        TASKS.iter().for_each(|task| drop(server.call("runtask", &format!("task={task}"))))
                    });
                }
            });
        }
    }
    let logs = [servers[0].log(), servers[1].log()];
    for server in servers {
        assert!(server.stop());
    }
    one_hand_at_a_time(&folder);
    once_each(&folder, &hot, &logs);
    // A copy that two made at once would have failed for the name that the other one took.
    let failed = "SELECT name || ': ' || result FROM tasks WHERE result LIKE 'failed%' AND result NOT LIKE '%stopped%'";
    let database = open(&folder);
    let mut failed = database.prepare(failed).unwrap();
    let failed: Vec<String> = failed.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(failed, [""; 0]);
}

/// A task goes from nobody to a program and back to nobody, never from one to the other.
fn one_hand_at_a_time(folder: &Folder) {
    let database = open(folder);
    let mut rows = database.prepare("SELECT name, before, after FROM hands ORDER BY id").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<(String, String, String)> = rows.map(Result::unwrap).collect();
    let mut hands: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut now: BTreeMap<String, String> = BTreeMap::new();
    for (name, before, after) in rows {
        assert!(before.is_empty() || after.is_empty(), "{name} went from {before} to {after} amidst");
        // The first server may have had it in hand already when the trigger was made.
        assert!(now.get(&name).is_none_or(|now| *now == before), "{name}: {now:?}, {before}");
        if !after.is_empty() {
            *hands.entry(name.clone()).or_default().entry(after.clone()).or_default() += 1;
        }
        now.insert(name, after);
    }
    assert!(now.values().all(String::is_empty), "{now:?}");
    let both = hands.values().filter(|programs| programs.len() == 2).count();
    assert!(both >= 3, "hardly a task was done by both, so nothing was proved: {hands:?}");
}

/// Each file has one job and each row one user.
fn once_each(folder: &Folder, hot: &std::path::Path, logs: &[String; 2]) {
    let (files, rows) = (ROUNDS * FILES, i64::try_from(ROUNDS * FILES * ROWS).unwrap());
    assert_eq!(names(hot, "failed"), Vec::<String>::new());
    assert_eq!(names(hot, "done").len(), 2 * files);
    assert_eq!(names(hot, "work"), Vec::<String>::new());
    assert_eq!(count(folder, "SELECT count(*) FROM users"), rows);
    assert_eq!(
        count(folder, "SELECT count(*) FROM jobs WHERE state = 'done'"),
        i64::try_from(files).unwrap()
    );
    assert_eq!(count(folder, "SELECT count(*) FROM job_rows WHERE outcome = 'created'"), rows);
    let other = "SELECT count(*) FROM job_rows WHERE outcome NOT IN ('created', 'waiting')";
    assert_eq!(count(folder, other), 0);
    let begun = "SELECT count(*) FROM audit WHERE command = 'importusers' AND caller = 'task:hotfolder'
                 AND userid IS NULL";
    assert!(count(folder, begun) >= i64::try_from(files).unwrap());
    let taken = |log: &String| log.matches(" is imported by job ").count();
    assert_eq!(taken(&logs[0]) + taken(&logs[1]), files, "{}\n{}", logs[0], logs[1]);
}
