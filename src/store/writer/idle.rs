//! What the writer does between batches: other programs' changes, logins, checkpoints.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::State;
use crate::error::{Error, Result};
use crate::store::backend::{Notes, Tx, run};

/// How long the time of a login or a contact may wait before it is written.
const TIMES_WAIT: Duration = Duration::from_secs(60);
/// How many of them may wait.
const TIMES_MOST: usize = 10_000;
/// The most rows in one transaction.
const ROWS: usize = 1_000;
/// After so long without a job the search index is tidied, and then the log of the database is folded back
/// into its file.
const QUIET: Duration = Duration::from_secs(5);
/// For so long at a time: a job that comes meanwhile waits no longer.
const TIDY: Duration = Duration::from_millis(10);
/// A log larger than this means that a reader hangs.
const WAL_LARGE: u64 = 256 << 20;

/// The most counters of wrong passwords; a row each, so that no number of guessers fills the disk.
const COUNTERS: i64 = 100_000;
/// After so many wrong passwords the counters are looked at.
const FAILURES: usize = 10_000;

/// What waits for a quiet moment.
pub(super) struct Idle {
    failures: usize,
    logins: HashMap<i64, i64>,
    contacts: HashMap<i64, i64>,
    times_since: Option<Instant>,
    last_write: Option<Instant>,
    looked_at_wal: Instant,
}

impl Idle {
    pub(super) fn new() -> Idle {
        Idle {
            // What an earlier run has left is looked at, too.
            failures: FAILURES,
            logins: HashMap::new(),
            contacts: HashMap::new(),
            times_since: None,
            // What an earlier run has left is tidied too.
            last_write: Some(Instant::now()),
            looked_at_wal: Instant::now(),
        }
    }

    pub(super) fn wrote(&mut self) {
        self.last_write = Some(Instant::now());
    }

    /// Takes over the times that a job has left to be written later.
    pub(super) fn note(&mut self, notes: &Notes) {
        self.failures += notes.failures;
        if notes.logins.is_empty() && notes.contacts.is_empty() {
            return;
        }
        self.logins.extend(notes.logins.iter().copied());
        self.contacts.extend(notes.contacts.iter().copied());
        self.times_since.get_or_insert_with(Instant::now);
    }

    fn times_due(&self) -> bool {
        self.logins.len() + self.contacts.len() > TIMES_MOST
            || self.times_since.is_some_and(|since| since.elapsed() >= TIMES_WAIT)
    }
}

impl State {
    /// Every 200 ms without a job.
    pub(super) fn tick(&mut self) {
        self.follow_others();
        self.try_again();
        self.keep_up();
        if self.idle.last_write.is_some_and(|last| last.elapsed() >= QUIET) && self.tidied() {
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
            // A change that breaks a rule stays so; anything else may pass, so it is tried again.
            Err(error @ Error::Refused { .. }) => {
                log::error!("another program's change of settings cannot be used: {error}");
            }
            Err(error) => return log::debug!("another program's change cannot be read yet: {error}"),
        }
        self.generation = generation;
    }

    /// What is due also where no moment is quiet.
    pub(super) fn keep_up(&mut self) {
        if self.idle.times_due() {
            self.flush_times();
        }
        self.write_noted(TIMES_WAIT);
        if self.idle.failures >= FAILURES && self.bounded() {
            self.idle.failures = 0;
        }
    }

    /// Throws some counters of wrong passwords away where they are too many; whether that is done.
    fn bounded(&self) -> bool {
        let bounded = run(&self.connection, "BEGIN IMMEDIATE").and_then(|()| {
            let done = self.tx().bound_failures(COUNTERS)?;
            run(&self.connection, "COMMIT").map(|()| done)
        });
        bounded.unwrap_or_else(|error| {
            self.roll_back();
            log::warn!("old counters of wrong passwords were not thrown away: {error}");
            true
        })
    }

    fn flush_times(&mut self) {
        self.idle.times_since = None;
        let logins = self.idle.logins.drain().collect();
        let contacts = self.idle.contacts.drain().collect();
        self.write_times(logins, |tx, user, time| tx.set_last_login(user, time));
        self.write_times(contacts, |tx, device, time| tx.set_last_contact(device, time));
    }

    /// Writes what those noted who went through no queue, where it has waited for so long.
    fn write_noted(&self, wait: Duration) {
        self.write_times(self.uses.take(wait), |tx, key, time| tx.set_last_used(key, time));
        self.write_times(self.logins.take(wait), |tx, user, time| tx.set_last_login(user, time));
        self.write_times(self.service_uses.take(wait), |tx, key, time| tx.set_service_key_used(key, time));
    }

    fn write_times(&self, times: Vec<(i64, i64)>, write: fn(&Tx<'_>, i64, i64) -> Result<()>) {
        for chunk in times.chunks(ROWS) {
            let written = run(&self.connection, "BEGIN IMMEDIATE")
                .and_then(|()| chunk.iter().try_for_each(|(row, time)| write(&self.tx(), *row, *time)))
                .and_then(|()| run(&self.connection, "COMMIT"));
            if let Err(error) = written {
                self.roll_back();
                log::warn!("the times of {} logins, contacts or uses were not written: {error}", chunk.len());
            }
        }
    }

    /// Merges the parts that the search index was written in, a little at a time; whether that is done.
    /// Every search looks into each of them.
    fn tidied(&self) -> bool {
        let tidied = run(&self.connection, "BEGIN IMMEDIATE").and_then(|()| {
            let done = self.tx().merge_text(TIDY)?;
            run(&self.connection, "COMMIT").map(|()| done)
        });
        tidied.unwrap_or_else(|error| {
            self.roll_back();
            log::warn!("the search index was not tidied: {error}");
            true
        })
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
        self.flush_times();
        self.write_noted(Duration::ZERO);
        // Beside a running server a checkpoint that waits for its readers would hold up its changes.
        if let Err(error) = self.connection.busy_timeout(Duration::ZERO) {
            log::debug!("the last checkpoint may wait: {error}");
        }
        self.checkpoint();
    }
}
