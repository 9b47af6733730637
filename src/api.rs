//! The one path: every call, from whatever wire, goes gate → fields → table → access → run → reply.
//!
//! It is synchronous and knows no HTTP. What cannot be answered on the spot comes back as a [`Step`]
//! that says where it must go on: `http` carries it there and awaits it, tests and the command line
//! [`drive`](Api::drive) it in place. So a quick read costs no hop to another thread, and nothing
//! below `http` is async.

mod admit;
pub mod answer;
mod change;
mod claims;
pub mod hashers;
pub mod jobs;
mod journal;
pub mod links;
mod mails;
mod master;
pub mod memory;
mod open;
mod operate;
mod perform;
mod preview;
mod prove;
mod reload;
mod signed;
pub mod standard;
pub mod tally;
pub mod tasks;
mod threads;
pub mod trial;

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::call::{Chance, RequestId};
use crate::domain::passwords::Passwords;
use crate::domain::time::{Clock, Time};
use crate::domain::warm::Warm;
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::gate::credentials::Shown;
use crate::snapshot::{Snapshot, Stated};
use crate::store::api_log::ApiLog;
use crate::store::lock::Lock;
use crate::store::writer::Writer;
use crate::store::writer::pulse::Pulse;
use crate::store::{Pool, Reader, Vault};
use crate::wire::Wire;
pub use answer::{Answer, Trace};
pub use open::{DEMO, Options, Started};

/// The program without its HTTP: one for each database.
pub struct Api {
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// What the configuration states, which a reload exchanges.
    stated: Arc<ArcSwap<Stated>>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    memory: memory::Memory,
    /// Passwords that were right a moment ago.
    warm: Warm,
    /// The signatures of reads that came in plain text.
    signatures: memory::Memory,
    started: Time,
    slow_disk: bool,
    pool: Pool,
    hashers: hashers::Hashers,
    writer: Writer,
    log: ApiLog,
    /// Long work.
    worker: jobs::Worker,
    /// Mails on their way out.
    sender: mails::Sender,
    /// How they leave, which a reload exchanges.
    mail: ArcSwap<crate::config::Mail>,
    /// What the program does by itself.
    keeper: jobs::Worker,
    backup: crate::config::Backup,
    hotfolder: crate::config::HotFolder,
    hot_files: tasks::HotFiles,
    /// What this start is called among the programs on the database.
    name: String,
    tally: tally::Tally,
    /// Whether calls are counted there.
    counts: bool,
    database: std::path::PathBuf,
    /// The file of the configuration, if there was one.
    configuration: Option<std::path::PathBuf>,
    _lock: Lock,
}

/// A request as it arrived.
#[derive(Clone)]
pub struct Received<'a> {
    /// The address the call counts as coming from, or why none could be told.
    pub seen: Result<IpAddr, Refusal>,
    /// `checksum` of the query; with it the call is a service's, whatever else it shows.
    pub checksum: Option<&'a str>,
    /// What it shows besides.
    pub shown: Shown<'a>,
    /// Whether nobody on the way could read what is shown: TLS, or this machine alone.
    pub private: bool,
    /// Whether the call came over TLS; what is signed is then not sent again by others.
    pub encrypted: bool,
    /// The command, where the path says it and not a field.
    pub command: Option<&'static str>,
    /// By which wire it came, and is answered.
    pub wire: Wire,
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// Names the request.
    pub request_id: RequestId,
}

impl<'a> Received<'a> {
    /// A call with a checksum, or none.
    pub fn signed(
        seen: Result<IpAddr, Refusal>,
        checksum: Option<&'a str>,
        wire: Wire,
        body: &'a [u8],
        request_id: RequestId,
    ) -> Received<'a> {
        Received {
            seen,
            checksum,
            shown: Shown::Nothing,
            private: false,
            encrypted: false,
            command: None,
            wire,
            body,
            request_id,
        }
    }
}

/// A read that takes longer than a worker may, which is told where too many wait.
pub type Reading = Box<dyn FnOnce(Result<()>) -> Step + Send>;

/// Work for a hash thread, which is told where these are overloaded.
pub type Hashing = Box<dyn FnOnce(Result<&mut Passwords>) -> Step + Send>;

/// Gets the step that follows.
pub type Then = Box<dyn FnOnce(Step) + Send>;

/// Work for the writer, which tells the step that follows.
pub type Writing = Box<dyn FnOnce(&Writer, Then) + Send>;

/// Where a call goes on.
#[expect(
    clippy::large_enum_variant,
    reason = "most calls are answered at once; a box would be an allocation on the quickest path"
)]
pub enum Step {
    /// It is done.
    Answer(Answer),
    /// On a thread that may wait for the pool of readers.
    Read(Reading),
    /// On a hash thread, or told that these are overloaded.
    Hash(Hashing),
    /// With the writer.
    Write(Writing),
}

impl Api {
    /// The state of providers, services and settings.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// A reader for a worker.
    pub fn reader(&self) -> Result<Reader> {
        Reader::open(&self.database)
    }

    /// Reads through the pool.
    pub fn read<T>(&self, f: impl FnOnce(&crate::store::Tx<'_>) -> Result<T>) -> Result<T> {
        self.pool.read(f)
    }

    /// How many password hashes were computed.
    pub fn hash_runs(&self) -> u64 {
        self.hashers.runs()
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// How the writer is.
    pub fn pulse(&self) -> &Pulse {
        self.writer.pulse()
    }

    /// The calls that were counted.
    pub fn tally(&self) -> &tally::Tally {
        &self.tally
    }

    /// The files of hot folders that were handled.
    pub fn hot_files(&self) -> &tasks::HotFiles {
        &self.hot_files
    }

    /// The key that seals and opens.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The first step of a call. A panic inside is caught; the reader is then given up.
    pub fn begin(self: &Arc<Api>, received: Received<'_>, reader: &Reader) -> Step {
        let (wire, request_id) = (received.wire, received.request_id);
        let step = catch_unwind(AssertUnwindSafe(|| self.admit(received, Some(reader))));
        step.unwrap_or_else(|_| {
            reader.give_up();
            Step::Answer(Answer::panicked(wire, request_id))
        })
    }

    /// Hands a step that is not an answer to its thread; `then` gets the next one.
    ///
    /// [`Step::Read`] runs right here, so call this from a thread that may wait.
    pub fn carry(
        &self,
        step: Step,
        wire: Wire,
        request_id: RequestId,
        then: impl FnOnce(Step) + Send + 'static,
    ) {
        let guarded = move |step: std::thread::Result<Step>| {
            step.unwrap_or_else(|_| Step::Answer(Answer::panicked(wire, request_id)))
        };
        match step {
            Step::Answer(_) => then(step),
            Step::Read(go) => then(guarded(catch_unwind(AssertUnwindSafe(|| go(Ok(())))))),
            Step::Hash(go) => self.hashers.submit(Box::new(move |passwords| {
                then(guarded(catch_unwind(AssertUnwindSafe(|| go(passwords)))));
            })),
            Step::Write(go) => go(&self.writer, Box::new(then)),
        }
    }

    /// Carries a call to its end on this thread, waiting for the others.
    pub fn drive(&self, mut step: Step, wire: Wire, request_id: RequestId) -> Answer {
        loop {
            if let Step::Answer(answer) = step {
                self.note(&answer.trace, request_id, None);
                return answer;
            }
            let (sender, receiver) = std::sync::mpsc::sync_channel(1);
            self.carry(step, wire, request_id, move |next| {
                // The other end waits below; it cannot be gone.
                let _ = sender.send(next);
            });
            step = receiver.recv().unwrap_or_else(|_| Step::Answer(Answer::panicked(wire, request_id)));
        }
    }

    /// Ends the threads, writes what waits, closes the database.
    pub fn stop(&self) {
        self.keeper.stop();
        self.worker.stop();
        self.sender.stop();
        self.hashers.stop();
        self.writer.stop();
        self.log.stop();
    }
}

/// Logs a fault of ours under the request's id; the caller learns only the code.
fn log_fault(request_id: RequestId, error: &Error) {
    match error {
        Error::Down(_) | Error::Failed(_) | Error::Panicked => log::error!("{} {error}", request_id.as_str()),
        Error::Busy => log::warn!("{} overloaded", request_id.as_str()),
        Error::Refused { .. } | Error::Again => {}
    }
}
