//! What the writer does between batches: other programs' changes, logins, checkpoints.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::State;
use crate::store::backend::run;

/// How long a login may wait before its time is written.
const LOGINS_WAIT: Duration = Duration::from_secs(60);
/// How many logins may wait.
const LOGINS_MOST: usize = 10_000;
/// The most rows in one transaction.
const ROWS: usize = 1_000;
/// After so long without a job the log of the database is folded back into its file.
const QUIET: Duration = Duration::from_secs(5);
/// A log larger than this means that a reader hangs.
const WAL_LARGE: u64 = 256 << 20;

/// What waits for a quiet moment.
pub(super) struct Idle {
    logins: HashMap<i64, i64>,
    logins_since: Option<Instant>,
    last_write: Option<Instant>,
    looked_at_wal: Instant,
}

impl Idle {
    pub(super) fn new() -> Idle {
        Idle { logins: HashMap::new(), logins_since: None, last_write: None, looked_at_wal: Instant::now() }
    }

    pub(super) fn wrote(&mut self) {
        self.last_write = Some(Instant::now());
    }

    pub(super) fn note_login(&mut self, user: i64, time: i64) {
        self.logins.insert(user, time);
        self.logins_since.get_or_insert_with(Instant::now);
    }

    fn logins_due(&self) -> bool {
        self.logins.len() > LOGINS_MOST
            || self.logins_since.is_some_and(|since| since.elapsed() >= LOGINS_WAIT)
    }
}

impl State {
    /// Every 200 ms without a job.
    pub(super) fn tick(&mut self) {
        self.follow_others();
        self.flush_logins_if_due();
        if self.idle.last_write.is_some_and(|last| last.elapsed() >= QUIET) {
            self.idle.last_write = None;
            self.checkpoint();
        }
        if self.idle.looked_at_wal.elapsed() >= QUIET {
            self.idle.looked_at_wal = Instant::now();
            let size = std::fs::metadata(&self.wal).map_or(0, |file| file.len());
            if size > WAL_LARGE {
                log::warn!("the write-ahead log has {} MiB: a reader hangs", size >> 20);
            }
        }
    }

    /// Publishes what another program has changed.
    pub(super) fn follow_others(&mut self) {
        let Ok(generation) = self.tx().generation() else { return };
        if generation == self.generation {
            return;
        }
        match (self.rebuild)(&self.tx()) {
            Ok(publish) => publish(),
            Err(error) => log::error!("another program's change of settings cannot be used: {error}"),
        }
        self.generation = generation;
    }

    pub(super) fn flush_logins_if_due(&mut self) {
        if self.idle.logins_due() {
            self.flush_logins();
        }
    }

    fn flush_logins(&mut self) {
        self.idle.logins_since = None;
        let logins: Vec<(i64, i64)> = self.idle.logins.drain().collect();
        for chunk in logins.chunks(ROWS) {
            let written = run(&self.connection, "BEGIN IMMEDIATE")
                .and_then(|()| {
                    chunk.iter().try_for_each(|(user, time)| self.tx().set_last_login(*user, *time))
                })
                .and_then(|()| run(&self.connection, "COMMIT"));
            if let Err(error) = written {
                self.roll_back();
                log::warn!("the times of {} logins were not written: {error}", chunk.len());
            }
        }
    }

    fn checkpoint(&self) {
        let folded =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if let Err(error) = folded {
            log::warn!("no checkpoint: {error}");
        }
    }

    /// The queue is closed and empty.
    pub(super) fn close(&mut self) {
        self.flush_logins();
        self.checkpoint();
    }
}
