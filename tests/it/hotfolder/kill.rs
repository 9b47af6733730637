//! Killed between any two steps, the program neither loses a file nor imports one twice nor leaves one behind.

use std::time::Duration;

use super::{count, hot, names, put, until, users};
use crate::program::Server;

/// Kills, each at another instant.
const KILLS: u64 = 14;
/// Rows in a file: two pieces, so that a kill hits it on its way into the job, too.
const ROWS: usize = 1_100;

#[test]
fn a_kill_at_any_instant_neither_loses_nor_doubles_a_file() {
    let (folder, hot) = hot();
    let mut files = 0;
    for round in 0..KILLS {
        let mut server = Server::start(&folder);
        put(&hot, &format!("file{round:02}.csv"), users(&format!("f{round:02}"), ROWS, false));
        files += 1;
        server.call("runtask", "task=hotfolder");
        // Instants spread over what one file takes, the same in every run.
        std::thread::sleep(Duration::from_millis(40 + round * 7919 % 900));
        server.signal("-KILL");
        server.child.wait().unwrap();
        // Whoever was killed has the task in hand for a while, and a job: time passes.
        let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
        database.execute_batch("UPDATE tasks SET leaseuntil = 0; UPDATE jobs SET leaseuntil = 0").unwrap();
    }
    let server = Server::start(&folder);
    until(&server, &hot, files);
    assert!(server.stop());
    assert_eq!(names(&hot, "failed"), Vec::<String>::new());
    let done = names(&hot, "done");
    let expected = |round: u64| [format!("file{round:02}.csv"), format!("file{round:02}.result.csv")];
    assert_eq!(done, (0..KILLS).flat_map(expected).collect::<Vec<_>>());
    assert_eq!(names(&hot, "work"), Vec::<String>::new());
    assert_eq!(count(&folder, "SELECT count(*) FROM hot_files"), 0);
    let all = i64::try_from(files * ROWS).unwrap();
    assert_eq!(count(&folder, "SELECT count(*) FROM users"), all);
    // Each row was done once: a second job of the same file would have found its users there.
    assert_eq!(count(&folder, "SELECT count(*) FROM job_rows WHERE outcome = 'created'"), all);
    assert_eq!(
        count(&folder, "SELECT count(*) FROM job_rows WHERE outcome IN ('updated', 'unchanged', 'refused')"),
        0
    );
    assert_eq!(
        count(&folder, "SELECT count(*) FROM jobs WHERE state = 'done'"),
        i64::try_from(files).unwrap(),
        "one job for each file was done"
    );
}
