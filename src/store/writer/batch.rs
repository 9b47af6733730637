//! One batch: begin, run what is queued, commit, answer.
//!
//! A savepoint for each job would let it be undone alone, but SQLite copies every page that is changed
//! behind one, which cost a tenth of a registration. Jobs refuse before they change anything, nearly
//! always; so they run without, and where one has to be undone after all, the whole transaction is
//! undone and what was good in it runs once more, now with savepoints.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::{Job, State, Verdict};
use crate::error::{Error, Result};
use crate::store::backend::{Notes, run};

/// The most jobs in one transaction.
const MOST: usize = 256;
/// The longest time in which jobs are added to a transaction.
const LONGEST: Duration = Duration::from_millis(20);
/// How long a busy writer waits for the callers it has just answered to come back.
const LINGER: Duration = Duration::from_micros(300);

/// What publishes a snapshot.
type Publish = Box<dyn FnOnce()>;

/// A job that ran inside the open transaction.
struct Ran {
    job: Box<dyn Job>,
    outcome: Result<()>,
    notes: Notes,
    mark: Mark,
}

/// What a job has left in the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// What is to be committed.
    Good,
    /// Nothing.
    None,
    /// What must not be committed.
    Stain,
}

impl State {
    /// Runs `first` and what is queued behind it in one transaction.
    pub(super) fn batch(&mut self, first: Box<dyn Job>, queue: &Receiver<Box<dyn Job>>) {
        if let Err(error) = run(&self.connection, "BEGIN IMMEDIATE") {
            // Whoever waits behind it has waited as long; nobody waits a second for each before him.
            let waiting: Vec<_> = queue.try_iter().take(MOST).collect();
            first.end(Err(error));
            return waiting.into_iter().for_each(|job| job.end(Err(Error::Busy)));
        }
        self.follow_others();
        let started = Instant::now();
        let (mut done, mut publish) = (Vec::new(), None);
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let (ran, built) = self.run(job);
            if self.connection.is_autocommit() {
                return self.after_loss(done, ran, VecDeque::new());
            }
            if ran.mark == Mark::Stain {
                return self.without(done, ran);
            }
            // A change of rights or settings ends the batch: whoever comes next is judged by it.
            let rules_changed = built.is_some();
            publish = built.or(publish);
            done.push(ran);
            if !rules_changed && done.len() < MOST && started.elapsed() < LONGEST {
                next = self.next(queue, done.len());
            }
        }
        self.last_batch = done.len();
        self.finish(done, publish);
    }

    /// The next job, waiting a moment where the last batch shows that many callers are about.
    fn next(&self, queue: &Receiver<Box<dyn Job>>, so_far: usize) -> Option<Box<dyn Job>> {
        if let Ok(job) = queue.try_recv() {
            return Some(job);
        }
        if so_far * 2 >= self.last_batch {
            return None;
        }
        queue.recv_timeout(LINGER).ok()
    }

    /// Everything once more but the job that left a stain, each in its savepoint; that one keeps the
    /// outcome that it had.
    fn without(&mut self, ran: Vec<Ran>, stain: Ran) {
        self.roll_back();
        let (good, mut done): (Vec<_>, Vec<_>) = ran.into_iter().partition(|ran| ran.mark == Mark::Good);
        done.push(stain);
        let mut again: VecDeque<_> = good.into_iter().map(|ran| ran.job).collect();
        if let Err(error) = run(&self.connection, "BEGIN IMMEDIATE") {
            done.into_iter().for_each(|ran| ran.job.end(ran.outcome));
            let text = format!("{error}");
            return again.into_iter().for_each(|job| job.end(Err(Error::Down(anyhow::anyhow!("{text}")))));
        }
        let mut publish = None;
        while let Some(job) = again.pop_front() {
            let (ran, built) = self.run_guarded(job);
            if self.connection.is_autocommit() {
                return self.after_loss(done, ran, again);
            }
            publish = built.or(publish);
            done.push(ran);
        }
        self.finish(done, publish);
    }

    /// Runs one job.
    fn run(&self, mut job: Box<dyn Job>) -> (Ran, Option<Publish>) {
        let tx = self.tx();
        let before = tx.all_changes();
        let mut built = None;
        let work = || {
            let verdict = job.run(&tx);
            if verdict == Verdict::Keep && tx.notes().settings {
                built = Some((self.rebuild)(&tx)?);
            }
            Ok(verdict)
        };
        let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Panicked));
        let mark = match &outcome {
            Ok(Verdict::Keep) => Mark::Good,
            _ if tx.all_changes() == before => Mark::None,
            _ => Mark::Stain,
        };
        let good = mark == Mark::Good;
        let notes = if good { tx.notes() } else { Notes::default() };
        (Ran { job, outcome: outcome.map(drop), notes, mark }, built.filter(|_| good))
    }

    /// Runs one job in its savepoint.
    fn run_guarded(&self, job: Box<dyn Job>) -> (Ran, Option<Publish>) {
        if let Err(error) = run(&self.connection, "SAVEPOINT job") {
            return (Ran { job, outcome: Err(error), notes: Notes::default(), mark: Mark::None }, None);
        }
        let (mut ran, mut built) = self.run(job);
        if let Err(error) = self.close_savepoint(ran.mark == Mark::Good) {
            (ran.outcome, ran.notes, built) = (ran.outcome.and(Err(error)), Notes::default(), None);
        }
        (ran, built)
    }

    fn close_savepoint(&self, keep: bool) -> Result<()> {
        if self.connection.is_autocommit() {
            return Err(Error::Down(anyhow::anyhow!("the database ended the transaction")));
        }
        if !keep {
            run(&self.connection, "ROLLBACK TO job")?;
        }
        run(&self.connection, "RELEASE job")
    }

    /// Writes the search index and the generation, commits, publishes, answers.
    fn finish(&mut self, done: Vec<Ran>, publish: Option<Publish>) {
        match self.commit(&done) {
            Ok(()) => {
                if let Some(publish) = publish {
                    publish();
                }
                self.send_recorded(done.len());
                self.answer(done);
            }
            Err(error) => {
                self.roll_back();
                let text = format!("{error}");
                log::error!("a commit failed: {text}");
                for ran in done {
                    ran.job.end(Err(Error::Down(anyhow::anyhow!("{text}"))));
                }
            }
        }
    }

    fn commit(&mut self, done: &[Ran]) -> Result<()> {
        let tx = self.tx();
        for (user, fresh) in done.iter().flat_map(|ran| &ran.notes.reindex) {
            tx.rewrite_text(*user, *fresh)?;
        }
        let mut generation = None;
        if done.iter().any(|ran| ran.notes.settings) {
            generation = Some(tx.raise_generation()?);
        }
        run(&self.connection, "COMMIT")?;
        self.generation = generation.unwrap_or(self.generation);
        self.idle.wrote();
        Ok(())
    }

    fn answer(&mut self, done: Vec<Ran>) {
        for ran in done {
            self.idle.note(&ran.notes);
            ran.job.end(ran.outcome);
        }
        self.flush_times_if_due();
    }

    /// The database ended the whole transaction inside `culprit`: the others run again, each alone.
    fn after_loss(&mut self, done: Vec<Ran>, culprit: Ran, waiting: VecDeque<Box<dyn Job>>) {
        let error = culprit.outcome.err().unwrap_or(Error::Busy);
        log::error!("the database ended a transaction: {error}");
        culprit.job.end(Err(Error::Down(anyhow::anyhow!("{error}"))));
        for job in done.into_iter().map(|ran| ran.job).chain(waiting) {
            self.alone(job);
        }
    }

    fn alone(&mut self, job: Box<dyn Job>) {
        if let Err(error) = run(&self.connection, "BEGIN IMMEDIATE") {
            return job.end(Err(error));
        }
        let (ran, built) = self.run_guarded(job);
        if self.connection.is_autocommit() {
            let error = ran.outcome.err().unwrap_or(Error::Busy);
            return ran.job.end(Err(Error::Down(anyhow::anyhow!("{error}"))));
        }
        self.finish(vec![ran], built);
    }

    pub(super) fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = run(&self.connection, "ROLLBACK")
        {
            log::error!("a transaction could not be rolled back: {error}");
        }
    }

    fn send_recorded(&self, jobs: usize) {
        if let Some((recorder, to)) = &self.recorder {
            let mut statements = recorder.take();
            statements.push(("-- jobs", vec![i64::try_from(jobs).unwrap_or(0).into()]));
            if to.send(statements).is_err() {
                log::debug!("nobody reads the recorded statements");
            }
        }
    }
}
