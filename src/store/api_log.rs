//! The API log: which calls were made, in a database file of its own with a thread of its own.
//!
//! A row for a call is worth less than the call. So it is not written with the change, whose commit
//! would grow by it, but handed over to a thread that writes many at once and waits for no disk; where
//! that cannot keep up, what does not fit into its queue is dropped and counted, and no call waits.

mod groups;
mod rows;
pub mod search;
mod thread;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use super::backend::{Reader, Tx};
use crate::call::RequestId;
use crate::domain::time::{Clock, Time};
use crate::error::{Error, Result};

/// How long a search waits until the log has written what came before it.
const CATCH_UP: Duration = Duration::from_secs(2);

/// How long whoever has old rows thrown away waits for it.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// For so many days the calls are counted.
pub const DAYS: i64 = 90;

/// A call that is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it began.
    pub time: Time,
    /// The provider that it was for.
    pub provider: i64,
    /// Who called.
    pub caller: String,
    /// The service that called, or that opened the caller's session.
    pub service: String,
    /// The command.
    pub command: &'static str,
    /// Whom it was about.
    pub user: Option<i64>,
    /// 0, or the primary code.
    pub code: i64,
    /// How long it took.
    pub micros: i64,
    /// From where it came.
    pub address: Option<IpAddr>,
    /// Its request.
    pub request_id: RequestId,
    /// Its fields as JSON, secrets masked.
    pub fields: String,
}

/// A call that was refused before its caller was proved, or whose caller is nobody.
#[derive(Debug, Clone)]
pub struct Refused {
    /// When it came.
    pub time: Time,
    /// The provider of the service; 0: none.
    pub provider: i64,
    /// The service to which the address belongs.
    pub service: String,
    /// From where it came.
    pub address: Option<IpAddr>,
    /// Why, in the operator's words.
    pub reason: String,
    /// What the caller was told.
    pub code: i64,
    /// Its request.
    pub request_id: RequestId,
}

/// What the thread is told.
enum Message {
    Call(Box<Entry>),
    Refused(Box<Refused>),
    /// Write everything that came before, then say so.
    Flush(SyncSender<()>),
    /// Throw a few of the rows away that are older than so many days, then say how many.
    Forget(Time, i64, SyncSender<Result<Forgotten>>),
}

/// What the log needs to start.
pub struct Options {
    /// Its file, made at the first need.
    pub path: PathBuf,
    /// How many calls may wait to be written.
    pub queue: usize,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What was thrown away.
pub struct Forgotten {
    /// So many rows.
    pub rows: usize,
    /// There may be more to throw away.
    pub more: bool,
}

/// What is counted on both sides of the queue.
#[derive(Default)]
struct Counts {
    dropped: AtomicU64,
    waiting: AtomicUsize,
}

/// The handle to the thread.
pub struct ApiLog {
    queue: RwLock<Option<SyncSender<Message>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
    path: PathBuf,
}

/// The log's file: beside the database, with its name.
pub fn file_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".apilog");
    path.into()
}

impl ApiLog {
    /// Starts the thread.
    pub fn start(options: Options) -> Result<ApiLog> {
        let (sender, receiver) = sync_channel(options.queue.max(1));
        let (counts, path) = (Arc::<Counts>::default(), options.path.clone());
        let mut state = thread::State::new(options, counts.clone());
        let thread = std::thread::Builder::new()
            .name("api log".into())
            .spawn(move || state.work(&receiver))
            .map_err(|error| Error::Down(error.into()))?;
        Ok(ApiLog { queue: RwLock::new(Some(sender)), thread: Mutex::new(Some(thread)), counts, path })
    }

    /// Hands a call over; where the queue is full it is dropped and counted.
    pub fn call(&self, entry: Entry) {
        self.send(Message::Call(Box::new(entry)));
    }

    /// The same for a refusal of the gate.
    pub fn refused(&self, refused: Refused) {
        self.send(Message::Refused(Box::new(refused)));
    }

    fn send(&self, message: Message) {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        // Counted first, so that the thread never takes off what was not put on.
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        if queue.as_ref().is_none_or(|queue| queue.try_send(message).is_err()) {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many calls were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// How many wait to be written.
    pub fn waiting(&self) -> usize {
        self.counts.waiting.load(Ordering::Relaxed)
    }

    /// Waits a little until what was handed over is written, for a reader who is to see it.
    pub fn catch_up(&self) {
        let (sender, receiver) = sync_channel(1);
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        if queue.is_some_and(|queue| queue.try_send(Message::Flush(sender)).is_ok()) {
            // Whoever does not come to it in time shows what there is.
            let _ = receiver.recv_timeout(CATCH_UP);
        }
    }

    /// Throws a few of the rows away that are older than so many days.
    pub fn forget(&self, now: Time, days: i64) -> Result<Forgotten> {
        let (sender, receiver) = sync_channel(1);
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let asked = queue.map(|queue| queue.try_send(Message::Forget(now, days, sender)));
        match asked {
            Some(Ok(())) => {}
            Some(Err(_)) => return Err(Error::Busy),
            None => return Err(Error::fault("the API log has ended")),
        }
        receiver.recv_timeout(FORGOTTEN).unwrap_or(Err(Error::Busy))
    }

    /// Reads the log as it is now; nothing where there is none yet.
    pub fn read<T: Default>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.catch_up();
        if !self.path.exists() {
            return Ok(T::default());
        }
        Reader::open(&self.path)?.read(|tx| match rows::version(tx)? {
            rows::VERSION => f(tx),
            _ => Ok(T::default()),
        })
    }

    /// Writes what waits, and closes the file.
    pub fn stop(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            log::error!("the API log ended in a panic");
        }
    }
}

impl Drop for ApiLog {
    fn drop(&mut self) {
        self.stop();
    }
}
