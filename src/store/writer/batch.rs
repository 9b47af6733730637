//! One batch: begin, run what is queued, commit, answer.
//!
//! A savepoint for each job would let it be undone alone, but SQLite copies every page that is changed
//! behind one, which cost a tenth of a registration. Jobs refuse before they change anything, nearly
//! always; so they run without, and where one has to be undone after all, the whole transaction is
//! undone, what was good in it runs once more, now with savepoints, and so does whatever comes after.
//! The next batch then begins with savepoints: however many jobs refuse late, none runs a third time.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
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

/// The open transaction's jobs.
#[derive(Default)]
struct Batch {
    done: Vec<Ran>,
    /// What was good in a transaction that had to be undone, and waits to run once more.
    again: VecDeque<Box<dyn Job>>,
    publish: Option<Publish>,
    /// Each job runs in a savepoint.
    guarded: bool,
}

impl Batch {
    /// Ends all jobs with that error: what they did or saw is not in the database.
    fn fail(self, error: &Error) {
        for job in self.done.into_iter().map(|ran| ran.job).chain(self.again) {
            job.end(Err(match error {
                Error::Busy => Error::Busy,
                error => Error::Down(anyhow::anyhow!("{error}")),
            }));
        }
    }
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
        if let Err(error) = self.begin() {
            // Whoever waits behind it has waited as long; nobody waits a second for each before him.
            let waiting: Vec<_> = queue.try_iter().take(MOST).collect();
            first.end(Err(error));
            return waiting.into_iter().for_each(|job| job.end(Err(Error::Busy)));
        }
        self.follow_others();
        let started = Instant::now();
        let mut batch = Batch { guarded: self.stained, ..Batch::default() };
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let (ran, built) = if batch.guarded { self.run_guarded(job) } else { self.run(job) };
            if self.connection.is_autocommit() {
                return self.after_loss(batch, ran);
            }
            let begun = match ran.mark {
                Mark::Stain if !batch.guarded => self.begin_again(&mut batch),
                _ => Ok(()),
            };
            // A change of rights or settings ends the batch: whoever comes next is judged by it.
            let rules_changed = built.is_some();
            batch.publish = built.or(batch.publish);
            batch.done.push(ran);
            if let Err(error) = begun {
                return batch.fail(&error);
            }
            next = batch.again.pop_front();
            let room = batch.done.len() < MOST && started.elapsed() < LONGEST;
            if next.is_none() && room && !rules_changed {
                next = self.next(queue, batch.done.len());
            }
        }
        self.last_batch = batch.done.len();
        self.stained = batch.done.iter().any(|ran| ran.mark == Mark::Stain);
        self.finish(batch);
    }

    /// The next job, waiting a moment where the last batch shows that many callers are about.
    fn next(&self, queue: &Receiver<Box<dyn Job>>, so_far: usize) -> Option<Box<dyn Job>> {
        let job = queue.try_recv().ok().or_else(|| {
            let linger = so_far * 2 < self.last_batch;
            linger.then(|| queue.recv_timeout(LINGER).ok()).flatten()
        })?;
        self.pulse.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }

    /// Undoes the transaction and begins another one, in which what was good in it is to run once more,
    /// each job in its savepoint; the others keep the outcome that they had.
    fn begin_again(&mut self, batch: &mut Batch) -> Result<()> {
        self.roll_back();
        let ran = std::mem::take(&mut batch.done);
        let (good, done): (Vec<_>, _) = ran.into_iter().partition(|ran| ran.mark == Mark::Good);
        let again = good.into_iter().map(|ran| ran.job).collect();
        *batch = Batch { done, again, publish: None, guarded: true };
        run(&self.connection, "BEGIN IMMEDIATE")?;
        self.follow_others();
        Ok(())
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
            // What cannot be undone alone is not to be committed either: all is undone, and who asked for
            // this run finds no transaction any more.
            self.roll_back();
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
    fn finish(&mut self, batch: Batch) {
        let committed = self.commit(&batch.done);
        self.pulse.fared(&committed);
        if let Err(error) = committed {
            self.roll_back();
            log::error!("a commit failed: {error}");
            return batch.fail(&error);
        }
        if let Some(publish) = batch.publish {
            publish();
        }
        self.send_recorded(batch.done.len());
        self.answer(batch.done);
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
        self.keep_up();
    }

    /// The database ended the whole transaction inside `culprit`: the others run again, each alone.
    fn after_loss(&mut self, batch: Batch, culprit: Ran) {
        let error = culprit.outcome.err().unwrap_or(Error::Busy);
        log::error!("the database ended a transaction: {error}");
        let down = Err(Error::Down(anyhow::anyhow!("{error}")));
        self.pulse.fared(&down);
        culprit.job.end(down);
        for job in batch.done.into_iter().map(|ran| ran.job).chain(batch.again) {
            self.alone(job);
        }
    }

    /// A transaction; that none can begin says something about the disk, that one can does not.
    fn begin(&self) -> Result<()> {
        let begun = run(&self.connection, "BEGIN IMMEDIATE");
        if begun.is_err() {
            self.pulse.fared(&begun);
        }
        begun
    }

    fn alone(&mut self, job: Box<dyn Job>) {
        if let Err(error) = self.begin() {
            return job.end(Err(error));
        }
        let (ran, built) = self.run_guarded(job);
        if self.connection.is_autocommit() {
            let error = ran.outcome.err().unwrap_or(Error::Busy);
            return ran.job.end(Err(Error::Down(anyhow::anyhow!("{error}"))));
        }
        self.finish(Batch { done: vec![ran], publish: built, ..Batch::default() });
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
