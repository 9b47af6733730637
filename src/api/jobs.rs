//! Long work: the thread that takes jobs in hand, and the way of one job through its chunks.
//!
//! A chunk is read and looked at, its passwords are hashed, and then it waits in the writer's queue like any
//! change; meanwhile the next one is made ready. Only one is with the writer at a time, so whatever else comes
//! is served in between. The command line does the same in its own process.

mod chunk;
mod encoding;
mod hash;
pub mod pieces;
pub mod report;
mod seen;
mod turns;
mod who;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Api;
use crate::call::Call;
use crate::commands::jobs::order::{Order, OrderedRow};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::jobs::{Counts, Job, State};
use crate::store::writer::{self, Verdict};
use chunk::{Chunk, Outcome};
use turns::Turns;

/// How often a thread without work looks for some.
const LOOK: Duration = Duration::from_millis(300);
/// How long it waits after a fault.
const AFTER_FAULT: Duration = Duration::from_secs(1);
/// How long one job is done before another one has its turn.
const TURN: Duration = Duration::from_secs(2);
/// The most rows in a chunk, and the most where passwords are hashed for it.
const ROWS: usize = 256;
const HASHED: usize = 64;
/// How often a chunk that never gets anywhere is made ready anew.
const TRIES: u8 = 3;

/// The thread for long work.
#[derive(Default)]
pub(super) struct Worker {
    stopping: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
    sleep: Arc<(Mutex<()>, Condvar)>,
    seen: seen::Seen,
}

/// How a job's turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The job has ended.
    Ended,
    /// It can go on.
    Open,
    /// Another program has it.
    Elsewhere,
}

/// What a thread does again and again: some work, of whoever's turn it is; whether there was any.
pub(super) type TakeTurn = fn(&Arc<Api>, &mut Turns) -> Result<bool>;

impl Worker {
    /// Starts the thread for jobs; it ends with the program.
    pub(super) fn start(&self, api: &Arc<Api>) {
        self.start_as(api, "jobs", |api, turns| api.take_turn(turns));
    }

    /// Starts a thread of that name.
    pub(super) fn start_as(&self, api: &Arc<Api>, name: &'static str, turn: TakeTurn) {
        let (api, stopping, sleep) = (Arc::downgrade(api), self.stopping.clone(), self.sleep.clone());
        let thread = std::thread::Builder::new()
            .name(name.into())
            .spawn(move || work(&api, (name, turn), &stopping, &sleep));
        match thread {
            Ok(thread) => *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
            Err(error) => log::error!("the thread for {name} could not be started: {error}"),
        }
    }

    /// Ends it behind the chunk that it is at.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.sleep.1.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            log::error!("the thread for long work ended in a panic");
        }
    }

    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

fn work(
    api: &Weak<Api>,
    (name, take_turn): (&str, TakeTurn),
    stopping: &AtomicBool,
    sleep: &(Mutex<()>, Condvar),
) {
    let mut turns = Turns::default();
    while !stopping.load(Ordering::Relaxed) {
        let Some(api) = api.upgrade() else { return };
        let turn = catch_unwind(AssertUnwindSafe(|| take_turn(&api, &mut turns)));
        drop(api);
        let wait = match turn {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => LOOK,
            Ok(Err(error)) => {
                log::warn!("the thread for {name} waits: {error}");
                AFTER_FAULT
            }
            Err(_) => {
                log::error!("the thread for {name} ended in a panic and begins again");
                AFTER_FAULT
            }
        };
        let guard = sleep.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(sleep.1.wait_timeout(guard, wait));
    }
}

impl Api {
    /// Does long work until there is none.
    pub fn work_off(self: &Arc<Api>) -> Result<()> {
        let mut turns = Turns::default();
        while self.take_turn(&mut turns)? {}
        Ok(())
    }

    /// Does some work of the job whose turn it is, or tidies up; whether there was anything to do.
    fn take_turn(self: &Arc<Api>, turns: &mut Turns) -> Result<bool> {
        let now = self.clock.now();
        let Some(job) = self.read(|tx| turns.next(tx, &self.name, now))? else {
            return self.write(move |tx| tx.tidy_jobs(now));
        };
        let until = Instant::now() + TURN;
        self.work_on(job, &mut |_| Instant::now() < until && !self.worker.stopping()).map(|_| true)
    }

    /// Does one job as long as `go_on` says so, which is told how far it is.
    pub fn work_on(self: &Arc<Api>, job: i64, go_on: &mut dyn FnMut(&Counts) -> bool) -> Result<Turn> {
        let (name, now) = (self.name.clone(), self.clock.now());
        if !self.write(move |tx| tx.lease_job(job, &name, now))? {
            let open = self.read(|tx| tx.job(job))?.is_some_and(|job| job.state.open());
            return Ok(if open { Turn::Elsewhere } else { Turn::Ended });
        }
        let Some(job) = self.read(|tx| tx.job(job))? else { return Ok(Turn::Ended) };
        let (id, name) = (job.id, self.name.clone());
        let turn = Way::of(self, job)?.go(go_on);
        match turn {
            Ok(Turn::Ended) => self.worker.seen.forget(id),
            _ => self.write(move |tx| tx.release_job(id, &name))?,
        }
        turn
    }

    /// Runs something small through the writer and waits for it.
    pub(super) fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = sync_channel(1);
        self.writer.submit(Box::new(Small { f, outcome: None, then: move |end| drop(sender.send(end)) }));
        receiver.recv().unwrap_or_else(|_| Err(Error::fault("the writer forgot a job")))
    }
}

/// Something small for the writer.
struct Small<T, F, G> {
    f: F,
    outcome: Option<Result<T>>,
    then: G,
}

impl<T, F, G> writer::Job for Small<T, F, G>
where
    T: Send,
    F: Fn(&Tx<'_>) -> Result<T> + Send,
    G: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        let outcome = (self.f)(tx);
        let verdict = if outcome.is_ok() { Verdict::Keep } else { Verdict::Undo };
        self.outcome = Some(outcome);
        verdict
    }

    fn end(self: Box<Self>, end: Result<()>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(Error::fault("a job ended without a run")));
        (self.then)(end.and(outcome));
    }
}

/// A job on its way.
struct Way<'a> {
    api: &'a Arc<Api>,
    order: Arc<Order>,
    /// As it was after the last chunk.
    job: Job,
    /// Rows that are ready.
    ready: Vec<OrderedRow>,
    /// The last row that was read.
    read: i64,
    /// How often nothing at all was done.
    tries: u8,
    /// Whoever asked may do so no longer, so no row is looked at any more.
    forbidden: bool,
}

impl Way<'_> {
    fn of(api: &Arc<Api>, job: Job) -> Result<Way<'_>> {
        let order = Arc::new(Order::of(&job)?);
        Ok(Way { api, order, read: job.cursor, job, ready: Vec::new(), tries: 0, forbidden: false })
    }

    fn go(&mut self, go_on: &mut dyn FnMut(&Counts) -> bool) -> Result<Turn> {
        let mut with_writer: Option<Receiver<(Box<Chunk>, Result<()>)>> = None;
        loop {
            let goes_on = go_on(&self.job.counts);
            if goes_on && self.ready.is_empty() {
                self.prepare()?;
            }
            if let Some(chunk) = with_writer.take() {
                match self.finished(chunk)? {
                    None => {}
                    Some(turn) => return Ok(turn),
                }
                // What was ready may have been thrown away.
                if goes_on && self.ready.is_empty() {
                    self.prepare()?;
                }
            }
            if !goes_on {
                go_on(&self.job.counts);
                return Ok(Turn::Open);
            }
            if self.ready.is_empty() {
                go_on(&self.job.counts);
                return if self.forbidden { self.forbid() } else { self.end() };
            }
            with_writer = Some(self.submit(false));
        }
    }

    /// Reads the next rows, looks, hashes.
    fn prepare(&mut self) -> Result<()> {
        let Some(call) = self.call()? else {
            self.forbidden = true;
            return Ok(());
        };
        let rows = self.api.read(|tx| {
            let mut rows = self.order.rows(&call, tx, self.job.id, self.read, ROWS)?;
            for (at, row) in rows.iter_mut().enumerate() {
                let looked = catch_unwind(AssertUnwindSafe(|| row.look(&self.order, &call, tx)));
                looked.unwrap_or_else(|_| {
                    row.spoil("internal error");
                    Ok(())
                })?;
                if at >= HASHED && row.hashes() {
                    rows.truncate(at);
                    break;
                }
            }
            Ok(rows)
        })?;
        self.read = rows.last().map_or(self.read, |row| row.number);
        self.ready = hash::all(self.api, rows, self.job.dry)?;
        Ok(())
    }

    /// The call in whose name rows are looked at; none where it may be made no longer, which each chunk asks again.
    fn call(&self) -> Result<Option<Call>> {
        let snapshot = self.api.snapshot.load_full();
        let caller = self.api.read(|tx| who::again(tx, &snapshot, &self.job, self.api.clock.now()));
        match caller {
            Ok(caller) => who::call(self.api, &self.job, snapshot, caller).map(Some),
            Err(Error::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn submit(&mut self, guarded: bool) -> Receiver<(Box<Chunk>, Result<()>)> {
        let rows = std::mem::take(&mut self.ready);
        let (sender, receiver) = sync_channel(1);
        let chunk = Chunk::new(self.api.clone(), self.job.clone(), self.order.clone(), rows, guarded, sender);
        self.api.writer.submit(Box::new(chunk));
        receiver
    }

    /// What became of a chunk; the turn's end where there is one.
    fn finished(&mut self, chunk: Receiver<(Box<Chunk>, Result<()>)>) -> Result<Option<Turn>> {
        let lost = |_| Error::fault("the writer forgot a chunk");
        let (mut chunk, end) = chunk.recv().map_err(lost)?;
        match end {
            // The writer's queue is full: whoever calls comes first.
            Err(Error::Busy) if !self.api.worker.stopping() => {
                std::thread::sleep(Duration::from_millis(50));
                return self.again(*chunk, false);
            }
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        match std::mem::replace(&mut chunk.outcome, Outcome::Stained) {
            Outcome::Stained => self.again(*chunk, true),
            Outcome::Lost => {
                let open = self.api.read(|tx| tx.job(self.job.id))?.is_some_and(|job| job.state.open());
                Ok(Some(if open { Turn::Elsewhere } else { Turn::Ended }))
            }
            Outcome::Failed(error) => Err(error),
            Outcome::Forbidden => Ok(Some(Turn::Ended)),
            Outcome::Went { done, stale } => {
                self.went(*chunk, done, stale)?;
                Ok(None)
            }
        }
    }

    /// The same rows once more.
    fn again(&mut self, chunk: Chunk, guarded: bool) -> Result<Option<Turn>> {
        let later = std::mem::replace(&mut self.ready, chunk.rows);
        let receiver = self.submit(guarded);
        self.ready = later;
        self.finished(receiver)
    }

    /// So many rows are done; the others are for the next chunk, made ready anew where what they saw is stale.
    fn went(&mut self, mut chunk: Chunk, done: usize, stale: bool) -> Result<()> {
        self.api.worker.seen.add(self.job.id, &chunk.claims);
        self.job.cursor = chunk.cursor;
        self.job.counts = chunk.counts();
        let mut rest = chunk.rows.split_off(done);
        if !stale {
            rest.append(&mut self.ready);
            self.ready = rest;
            return Ok(());
        }
        self.tries = if done == 0 { self.tries + 1 } else { 0 };
        self.ready = Vec::new();
        self.read = self.job.cursor;
        if self.tries >= TRIES {
            self.prepare()?;
            self.ready.iter_mut().take(1).for_each(|row| row.spoil("it kept changing meanwhile"));
        }
        Ok(())
    }

    /// Ends the job of whoever may go on with it no longer, if that is still so where it is written.
    fn forbid(&self) -> Result<Turn> {
        let (api, job, now) = (self.api.clone(), self.job.clone(), self.api.clock.now());
        let ended = self.api.write(move |tx| {
            let why = match who::again(tx, &api.snapshot.load_full(), &job, now) {
                Ok(_) => return Ok(false),
                Err(error @ Error::Refused { .. }) => who::reason(&error),
                Err(error) => return Err(error),
            };
            tx.end_job(job.id, State::Failed, &why, now).map(|_| true)
        })?;
        Ok(if ended { Turn::Ended } else { Turn::Open })
    }

    /// All rows are done.
    fn end(&self) -> Result<Turn> {
        let (job, name, now): (i64, String, Time) =
            (self.job.id, self.api.name.clone(), self.api.clock.now());
        self.api.write(move |tx| {
            let own = tx.job(job)?.is_some_and(|job| job.owner == name);
            if own { tx.end_job(job, State::Done, "", now).map(drop) } else { Ok(()) }
        })?;
        Ok(Turn::Ended)
    }
}
