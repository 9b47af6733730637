//! The program as those few commands see it that show how it is.

use crate::domain::time::Time;
use crate::store::api_log::ApiLog;

/// What the program tells of itself.
pub trait Program: Send + Sync {
    /// The API log.
    fn log(&self) -> &ApiLog;
    /// How it is.
    fn health(&self) -> Health;
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
