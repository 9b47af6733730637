//! What the program does by itself: each task as often as it is due, once among all programs on the database.
//!
//! A task is begun by its lease and does a little in each transaction, so whatever else comes is served in between.
//! One that panics or fails has lost that run and nothing else; its row says so.

mod apilog;
mod copies;
mod hotfolder;
mod licenses;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::Api;
use crate::call::Program;
use crate::domain::tasks::Task;
use crate::domain::time::{SECOND, Time};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::leftovers::MOST;
pub use hotfolder::HotFiles;

/// The most transactions in one run; what is left is the next one's.
const CHUNKS: usize = 100;
/// How often a transaction is tried that finds another program writing, and how long between.
const TRIES: usize = 20;
const LATER: Duration = Duration::from_millis(200);
/// What became of rows that nobody needs any more.
const THROWN: &str = "rows thrown away";
/// How long a mail is kept that waits for nothing any more.
const MAILS_KEPT: i64 = 30 * DAY;
const DAY: i64 = 24 * 3600 * SECOND;

/// What came of a run.
struct Ran {
    /// In words.
    result: String,
    /// There is more to do at once.
    again: bool,
}

impl Ran {
    fn done(result: impl Into<String>) -> Ran {
        Ran { result: result.into(), again: false }
    }
}

impl Api {
    /// Does every task that is due and that no other program has in hand.
    pub fn do_tasks(self: &Arc<Api>) -> Result<()> {
        self.wake_hot_folder()?;
        for task in Task::ALL {
            if self.keeper.stopping() {
                break;
            }
            if self.is_due(task)? {
                self.do_task(task)?;
            }
        }
        Ok(())
    }

    /// Whether a look is worth a write; the write asks again.
    fn is_due(&self, task: Task) -> Result<bool> {
        // The thread for mails begins and ends that one itself.
        if task == Task::Mails {
            return Ok(false);
        }
        let row = self.read(|tx| tx.task(task))?;
        let now = self.clock.now();
        let frequency = row.frequency.unwrap_or_else(|| self.frequency(task)).saturating_mul(SECOND);
        // Where no provider has such a folder, nobody needs to read every minute that nothing was there.
        if task == Task::HotFolder && !self.has_hot_folder() {
            return Ok(row.run_now);
        }
        let passed = row.started.is_none_or(|begun| begun > now || begun.plus(frequency) <= now);
        Ok(row.run_now || (row.enabled && passed))
    }

    fn do_task(self: &Arc<Api>, task: Task) -> Result<()> {
        let (name, frequency, now) = (self.name.clone(), self.frequency(task), self.clock.now());
        if !self.write(move |tx| tx.begin_task(task, &name, frequency, now))? {
            return Ok(());
        }
        let ran = match catch_unwind(AssertUnwindSafe(|| self.perform(task))) {
            Ok(Ok(ran)) => ran,
            Ok(Err(error)) => {
                log::error!("the task {} has failed: {error}", task.name());
                Ran::done(format!("failed: {error}"))
            }
            Err(_) => {
                log::error!("the task {} ended in a panic", task.name());
                Ran::done("failed: it ended in a panic, which the server's log tells of")
            }
        };
        let (name, now) = (self.name.clone(), self.clock.now());
        self.patiently(move |tx| tx.end_task(task, &name, now, &ran.result, ran.again))
    }

    fn perform(self: &Arc<Api>, task: Task) -> Result<Ran> {
        let now = self.clock.now();
        match task {
            Task::Leftovers => self.in_chunks(task, THROWN, move |tx| tx.drop_leftovers(now)),
            Task::Audit => match self.snapshot().server.audit_days {
                0 => Ok(Ran::done("AuditRetention is 0: nothing is thrown away")),
                days => {
                    let before = now.plus(-days.saturating_mul(DAY));
                    self.in_chunks(task, THROWN, move |tx| tx.drop_audit(before))
                }
            },
            Task::ApiLog => self.purge_log(),
            Task::Mails => Err(Error::fault("mails have a thread of their own")),
            Task::OldMails => self.in_chunks(task, THROWN, move |tx| tx.drop_mails(now.plus(-MAILS_KEPT))),
            Task::Licenses => self.announce_ends(),
            Task::Devices => {
                let before = now.plus(-self.snapshot().server.device_address_seconds.saturating_mul(SECOND));
                self.in_chunks(task, "addresses blanked", move |tx| tx.blank_addresses(before))
            }
            Task::HotFolder => self.look_into_folders(),
            Task::Upkeep => self.held(task, |tx| tx.learn()).map(|()| Ran::done("done")),
            Task::Backup => self.copy_by_itself(),
        }
    }

    /// Throws rows away, or what stands in them, a chunk in each transaction.
    fn in_chunks(
        &self,
        task: Task,
        what: &str,
        step: impl Fn(&Tx<'_>) -> Result<usize> + Copy + Send + Sync + 'static,
    ) -> Result<Ran> {
        let mut thrown = 0;
        for _ in 0..CHUNKS {
            let rows = self.held(task, step)?;
            thrown += rows;
            if rows < MOST || self.keeper.stopping() {
                return Ok(Ran { result: format!("{thrown} {what}"), again: rows >= MOST });
            }
        }
        Ok(Ran { result: format!("{thrown} {what}, and there are more"), again: true })
    }

    /// A transaction of a task, which renews its lease.
    fn held<T: Send + 'static>(
        &self,
        task: Task,
        step: impl Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let (name, now): (String, Time) = (self.name.clone(), self.clock.now());
        self.patiently(move |tx| match tx.renew_task(task, &name, now)? {
            true => step(tx),
            false => Err(Error::fault("another program has the task in hand")),
        })
    }

    /// A transaction that waits where another program writes: what was begun is to be ended, and nobody calls.
    fn patiently<T: Send + 'static>(
        &self,
        step: impl Fn(&Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let step = Arc::new(step);
        for _ in 1..TRIES {
            let again = step.clone();
            match self.write(move |tx| again(tx)) {
                Err(Error::Busy) => std::thread::sleep(LATER),
                end => return end,
            }
        }
        self.write(move |tx| step(tx))
    }
}
