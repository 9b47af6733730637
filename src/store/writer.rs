//! The one writer: a thread that owns the only writing connection and commits for many at once.
//!
//! A commit at full durability waits for the disk, and the disk takes as long for one change as for a
//! hundred. So jobs queue, the writer runs what is there in one transaction, undoes those that refuse,
//! and answers all of them after the commit. The alternative, a transaction for each request on a pool of
//! connections, was measured at a tenth of this and stalls for seconds when the connections wait for
//! each other's lock.

mod anchor;
mod batch;
mod idle;
pub mod pulse;
mod uses;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::backend::{self, Recorded, Tx};
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// How often an idle writer looks for changes by other programs.
const TICK: Duration = Duration::from_millis(200);

/// Whether what a job wrote stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Commit it.
    Keep,
    /// Undo it: the job refused.
    Undo,
}

/// A change. It may run more than once, but it ends exactly once.
pub trait Job: Send {
    /// Does the work inside a transaction.
    fn run(&mut self, tx: &Tx<'_>) -> Verdict;
    /// Told after the commit, or with the error that took its work away.
    fn end(self: Box<Self>, end: Result<()>);
}

/// Builds a snapshot from the transaction and gives back what publishes it; its refusal is the job's.
pub type Rebuild = Box<dyn Fn(&Tx<'_>) -> Result<Box<dyn FnOnce()>> + Send>;

/// What the writer needs to start.
pub struct Options {
    /// The database.
    pub path: PathBuf,
    /// `synchronous=FULL`; else NORMAL, which may lose the last changes when the machine fails.
    pub full: bool,
    /// Jobs that may wait.
    pub queue: usize,
    /// The generation of the snapshot that is in use.
    pub generation: i64,
    /// Sends the statements of every batch, for measurements.
    pub record: Option<std::sync::mpsc::Sender<Vec<Recorded>>>,
    /// Largest size of the database in pages, for tests of a full disk.
    pub max_pages: Option<u32>,
}

/// The handle to the thread.
pub struct Writer {
    queue: RwLock<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    uses: Arc<uses::Uses>,
    logins: Arc<uses::Uses>,
    service_uses: Arc<uses::Uses>,
    pulse: Arc<pulse::Pulse>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(options: Options, rebuild: Rebuild) -> Result<Writer> {
        let connection = backend::open_writer(&options.path, options.full)?;
        if let Some(pages) = options.max_pages {
            connection.pragma_update(None, "max_page_count", pages).map_err(backend::sort)?;
        }
        let (sender, receiver) = sync_channel(options.queue.max(1));
        let mut state = State::new(connection, &options.path, rebuild, options.record, options.generation);
        let uses = (state.uses.clone(), state.logins.clone(), state.service_uses.clone());
        let pulse = state.pulse.clone();
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                let _life = pulse::Life(state.pulse.clone());
                state.work(&receiver);
            })
            .map_err(|error| Error::Down(error.into()))?;
        let (queue, thread) = (RwLock::new(Some(sender)), Mutex::new(Some(thread)));
        let (uses, logins, service_uses) = uses;
        Ok(Writer { queue, thread, uses, logins, service_uses, pulse })
    }

    /// Queues a job; when the queue is full or closed the job is told so at once.
    pub fn submit(&self, job: Box<dyn Job>) {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        // Counted first, so that the thread never takes off what was not put on.
        self.pulse.waiting.fetch_add(1, Ordering::Relaxed);
        let refused = match queue.as_ref() {
            None => Some(job),
            Some(sender) => match sender.try_send(job) {
                Ok(()) => None,
                Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => Some(job),
            },
        };
        drop(queue);
        if let Some(job) = refused {
            self.pulse.waiting.fetch_sub(1, Ordering::Relaxed);
            self.pulse.refused.fetch_add(1, Ordering::Relaxed);
            job.end(Err(Error::Busy));
        }
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.pulse.waiting.load(Ordering::Relaxed)
    }

    /// How many jobs were turned away.
    pub fn refused(&self) -> u64 {
        self.pulse.refused.load(Ordering::Relaxed)
    }

    /// How it is.
    pub fn pulse(&self) -> &pulse::Pulse {
        &self.pulse
    }

    /// Notes that an API key was used, to be written within a minute.
    pub fn used_key(&self, key: i64, now: Time) {
        self.uses.note(key, now);
    }

    /// Notes a login that changed nothing else, to be written within a minute.
    pub fn logged_in(&self, user: i64, now: Time) {
        self.logins.note(user, now);
    }

    /// Notes that a key of a service was used that ends, to be written within a minute.
    pub fn used_service_key(&self, key: i64, now: Time) {
        self.service_uses.note(key, now);
    }

    /// Closes the queue, waits until everything in it is done, and closes the database.
    pub fn stop(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            log::error!("the writer ended in a panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Statements recorded so far, and where they go after each batch.
type Recorder = (RefCell<Vec<Recorded>>, std::sync::mpsc::Sender<Vec<Recorded>>);

/// What the thread owns; its work is split into [`batch`] and [`idle`].
struct State {
    /// Dropped first: only a connection that writes, closed last, takes the log of the database away.
    anchor: anchor::Anchor,
    connection: Connection,
    wal: PathBuf,
    rebuild: Rebuild,
    generation: i64,
    idle: idle::Idle,
    uses: Arc<uses::Uses>,
    logins: Arc<uses::Uses>,
    service_uses: Arc<uses::Uses>,
    pulse: Arc<pulse::Pulse>,
    /// When a write was tried again after one had failed.
    tried: Option<Instant>,
    recorder: Option<Recorder>,
    last_batch: usize,
    /// A job of the last batch had to be undone.
    stained: bool,
}

impl State {
    fn new(
        connection: Connection,
        path: &Path,
        rebuild: Rebuild,
        record: Option<std::sync::mpsc::Sender<Vec<Recorded>>>,
        generation: i64,
    ) -> State {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let recorder = record.map(|to| (RefCell::default(), to));
        State {
            connection,
            wal: wal.into(),
            rebuild,
            generation,
            idle: idle::Idle::new(),
            uses: Arc::default(),
            logins: Arc::default(),
            service_uses: Arc::default(),
            pulse: Arc::default(),
            tried: None,
            anchor: anchor::Anchor::new(path),
            recorder,
            last_batch: 0,
            stained: false,
        }
    }

    fn tx(&self) -> Tx<'_> {
        Tx::changing(&self.connection, self.recorder.as_ref().map(|(recorder, _)| recorder))
    }

    fn work(&mut self, queue: &Receiver<Box<dyn Job>>) {
        loop {
            self.pulse.beat();
            let job = queue.try_recv().or_else(|_| {
                self.anchor.hold();
                let job = queue.recv_timeout(TICK);
                self.anchor.release();
                job
            });
            match job {
                Ok(job) => {
                    self.pulse.waiting.fetch_sub(1, Ordering::Relaxed);
                    self.batch(job, queue);
                }
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.close();
    }
}
