//! The thread of the API log: takes what is queued, writes it at once, and throws away what is old when it is told to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::groups::Groups;
use super::rows::{self, Days, day};
use super::{Counts, DAYS, Entry, Forgotten, Message, Options, Refused};
use crate::domain::time::{Clock, DAY, MINUTE, Time};
use crate::error::Result;
use crate::store::backend::{Tx, run};

/// How often an idle thread looks at the clock.
const TICK: Duration = Duration::from_millis(500);
/// For how long calls are gathered before they are written together. The thread sleeps meanwhile: to be
/// woken for each of them would cost the workers more than the calls themselves.
const GATHER: Duration = Duration::from_millis(10);
/// The most of them.
const MOST: usize = 1_000;
/// So many refused calls of proved callers are kept in a minute; of further ones only the number.
const REFUSED: usize = 1_000;
/// How often a loss is warned about.
const WARN: Duration = Duration::from_secs(60);

/// What the thread owns.
pub(super) struct State {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    counts: Arc<Counts>,
    /// Opened when there is something to write.
    connection: Option<Connection>,
    calls: Vec<Entry>,
    groups: Groups,
    days: Days,
    minute: i64,
    /// Refused calls of proved callers in this minute.
    refused: usize,
    /// Losses that were warned about, and when.
    warned: (u64, Option<Instant>),
}

impl State {
    pub(super) fn new(options: Options, counts: Arc<Counts>) -> State {
        State {
            path: options.path,
            clock: options.clock,
            counts,
            connection: None,
            calls: Vec::new(),
            groups: Groups::default(),
            days: Days::new(),
            minute: 0,
            refused: 0,
            warned: (0, None),
        }
    }

    pub(super) fn work(&mut self, queue: &Receiver<Message>) {
        loop {
            match queue.recv_timeout(TICK) {
                Ok(first) => self.gather(first, queue),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tick();
        }
        self.write(true);
        if let Some(connection) = &self.connection {
            let folded = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            folded.unwrap_or_else(|error| log::debug!("the API log keeps its write-ahead log: {error}"));
        }
    }

    /// Waits a moment, takes what is queued by then, and writes it.
    fn gather(&mut self, first: Message, queue: &Receiver<Message>) {
        if !matches!(first, Message::Flush(_) | Message::Forget(..)) {
            std::thread::sleep(GATHER);
        }
        let mut next = Some(first);
        let mut waiting: Vec<SyncSender<()>> = Vec::new();
        while let Some(message) = next {
            match message {
                Message::Call(entry) => self.take(*entry),
                Message::Refused(refused) => self.count(*refused),
                Message::Flush(done) => {
                    self.open();
                    waiting.push(done);
                    break;
                }
                Message::Forget(now, days, done) => {
                    // Who asked may have given up.
                    let _ = done.send(self.forget(now, days));
                    break;
                }
            }
            if self.calls.len() >= MOST {
                break;
            }
            next = queue.try_recv().ok();
        }
        self.write(false);
        for done in waiting {
            // Who asked may have given up.
            let _ = done.send(());
        }
    }

    fn take(&mut self, entry: Entry) {
        self.new_minute();
        if entry.code != 0 {
            self.refused += 1;
            if self.refused > REFUSED {
                let reason = format!("{}: {} {}", entry.caller, entry.command, entry.code);
                let Entry { time, provider, service, address, code, request_id, .. } = entry;
                return self.count(Refused { time, provider, service, address, reason, code, request_id });
            }
        }
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        *self.days.entry((day(entry.time.0), entry.provider, entry.code != 0)).or_default() += 1;
        self.calls.push(entry);
    }

    fn count(&mut self, refused: Refused) {
        self.new_minute();
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        *self.days.entry((day(refused.time.0), refused.provider, true)).or_default() += 1;
        self.groups.count(refused);
    }

    /// Closes the groups of the minute before.
    fn new_minute(&mut self) {
        let minute = self.clock.now().0.div_euclid(MINUTE);
        if minute == self.minute {
            return;
        }
        self.write(true);
        self.groups.clear();
        (self.minute, self.refused) = (minute, 0);
    }

    fn tick(&mut self) {
        self.new_minute();
        let lost = self.counts.dropped.load(Ordering::Relaxed);
        let (said, when) = self.warned;
        if lost > said && when.is_none_or(|when| when.elapsed() >= WARN) {
            log::warn!("the API log could not keep up: {} calls are not in it", lost - said);
            self.warned = (lost, Some(Instant::now()));
        }
    }

    /// Writes what there is; `over`: the minute is, so its groups are written to the end.
    fn write(&mut self, over: bool) {
        let calls = std::mem::take(&mut self.calls);
        if calls.is_empty() && self.days.is_empty() && self.groups.due(over).is_empty() {
            return;
        }
        let written = self.transaction(|state, tx| {
            calls.iter().try_for_each(|entry| tx.add_call(entry))?;
            tx.count_days(&state.days)?;
            tx.write_groups(&state.groups, over)
        });
        match written {
            Ok(rows) => {
                self.groups.written(rows);
                self.days.clear();
            }
            Err(error) => {
                let lost = u64::try_from(calls.len()).unwrap_or(0);
                self.counts.dropped.fetch_add(lost, Ordering::Relaxed);
                log::warn!("the API log cannot be written: {error}");
            }
        }
    }

    /// Throws a few of the old rows away; a file that is not there is not made for it.
    fn forget(&mut self, now: Time, days: i64) -> Result<Forgotten> {
        if !self.path.exists() {
            return Ok(Forgotten { rows: 0, more: false });
        }
        let before = now.plus(days.saturating_mul(-DAY)).0;
        self.transaction(|_, tx| tx.forget_calls(before, day(now.0) - DAYS))
    }

    /// Opens a file that is there, for a reader: without a writer it may not be able to.
    fn open(&mut self) {
        if self.connection.is_none() && self.path.exists() {
            let opened = rows::open(&self.path);
            self.connection =
                opened.map_err(|error| log::warn!("the API log cannot be opened: {error}")).ok();
        }
    }

    fn transaction<T>(&mut self, work: impl FnOnce(&State, &Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => rows::open(&self.path)?,
        };
        run(&connection, "BEGIN IMMEDIATE")?;
        let done = work(self, &Tx::over(&connection, None))?;
        run(&connection, "COMMIT")?;
        // After any fault the file is opened anew, which also undoes what was begun.
        self.connection = Some(connection);
        Ok(done)
    }
}
