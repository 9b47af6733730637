//! The program as those few commands see it that show how it is, or need what it remembers.

use std::path::Path;

use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::domain::warm::Warm;
use crate::error::Result;
use crate::store::Tx;
use crate::store::api_log::ApiLog;

/// What the program tells of itself.
pub trait Program: Send + Sync {
    /// The API log.
    fn log(&self) -> &ApiLog;
    /// What it is called among the programs on the database: a name that no other start has.
    fn name(&self) -> &str;
    /// Seconds between two starts of a task, where nobody has changed that.
    fn frequency(&self, task: Task) -> i64;
    /// The folder of the copies that it makes by itself; none where it makes none.
    fn backups(&self) -> Option<&Path>;
    /// The passwords that were right a moment ago.
    fn warm(&self) -> &Warm;
    /// How it is.
    fn health(&self) -> Health;
    /// What that configuration would change, or the file that the program was started with as it is now.
    fn preview(
        &self,
        tx: &Tx<'_>,
        text: Option<&str>,
        now: Time,
        random: &dyn Fn(&str) -> [u8; 32],
    ) -> Result<Preview>;
}

/// What a configuration would do at the next start.
#[derive(Debug, Default)]
pub struct Preview {
    /// What keeps it from being used.
    pub faults: Vec<Fault>,
    /// Services whose key files were not looked at.
    pub unread: Vec<String>,
    /// What it would make and change in the data.
    pub changes: Vec<Planned>,
}

/// What is wrong with a configuration.
#[derive(Debug)]
pub struct Fault {
    /// The line of the text, where it is known.
    pub line: Option<i64>,
    /// What is wrong.
    pub text: String,
    /// Whether the text alone shows it; else something that is in the data.
    pub alone: bool,
}

/// One thing that a configuration would change.
#[derive(Debug)]
pub struct Planned {
    /// The code of the provider concerned; none: the server.
    pub provider: Option<String>,
    /// `provider`, `service` or `setting`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// Whether it would be made.
    pub new: bool,
    /// What of it would be different.
    pub field: String,
    /// What it is now.
    pub before: String,
    /// What it would be.
    pub after: String,
    /// The line of the text.
    pub line: Option<i64>,
}

/// How the program is.
#[derive(Debug, Clone)]
pub struct Health {
    /// When it was started.
    pub started: Time,
    /// Whether the last change could be written.
    pub writable: bool,
    /// Changes that wait for the writer.
    pub changes_waiting: usize,
    /// Changes that were turned away because too many waited.
    pub changes_refused: u64,
    /// Passwords that wait for a hash thread.
    pub hashes_waiting: usize,
    /// Passwords that were not hashed because they would have waited too long.
    pub hashes_refused: u64,
    /// Threads that hash passwords.
    pub hash_threads: usize,
    /// Those of them that do so just now.
    pub hash_threads_busy: usize,
    /// Calls that wait for the API log.
    pub log_waiting: usize,
    /// Calls that the API log has lost since the start.
    pub log_dropped: u64,
    /// Bytes in the database's write-ahead log.
    pub wal: u64,
}
