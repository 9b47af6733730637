//! One batch: begin, run what is queued, commit, answer.

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

/// A job that ran inside the open transaction.
struct Ran {
    job: Box<dyn Job>,
    outcome: Result<()>,
    notes: Notes,
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
        let mut done: Vec<Ran> = Vec::new();
        let mut publish: Option<Box<dyn FnOnce()>> = None;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let (ran, built) = self.run(job);
            if self.connection.is_autocommit() {
                return self.after_loss(done, ran);
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

    /// Runs one job in its savepoint.
    fn run(&self, mut job: Box<dyn Job>) -> (Ran, Option<Box<dyn FnOnce()>>) {
        let tx = self.tx();
        let mut built = None;
        let outcome = run(&self.connection, "SAVEPOINT job").and_then(|()| {
            let work = || {
                let verdict = job.run(&tx);
                if verdict == Verdict::Keep && tx.notes().settings {
                    built = Some((self.rebuild)(&tx)?);
                }
                Ok(verdict)
            };
            catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Panicked))
        });
        let keep = matches!(outcome, Ok(Verdict::Keep));
        let closed = self.close_savepoint(keep);
        let outcome = outcome.map(drop).and(closed);
        let built = built.filter(|_| outcome.is_ok());
        let notes = if keep { tx.notes() } else { Notes::default() };
        (Ran { job, outcome, notes }, built)
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
    fn finish(&mut self, done: Vec<Ran>, publish: Option<Box<dyn FnOnce()>>) {
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
    fn after_loss(&mut self, done: Vec<Ran>, culprit: Ran) {
        let error = culprit.outcome.err().unwrap_or(Error::Busy);
        log::error!("the database ended a transaction: {error}");
        culprit.job.end(Err(Error::Down(anyhow::anyhow!("{error}"))));
        for ran in done {
            self.alone(ran.job);
        }
    }

    fn alone(&mut self, job: Box<dyn Job>) {
        if let Err(error) = run(&self.connection, "BEGIN IMMEDIATE") {
            return job.end(Err(error));
        }
        let (ran, built) = self.run(job);
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
