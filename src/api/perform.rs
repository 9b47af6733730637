//! A command that was admitted: look, hash, run, each on its thread.

use std::sync::Arc;

use super::answer::{self, Answer, Trace};
use super::change::{Change, Repeat, Replay};
use super::{Api, Step, log_fault};
use crate::access;
use crate::call::{Call, Caller};
use crate::command::{Effect, Entry, Next, Out, Request};
use crate::error::{Code, Error, Result};
use crate::store::{Reader, Tx};
use crate::wire::Wire;

/// How often a call starts anew because what it saw has changed.
const TRIES: u8 = 2;

/// An admitted call on its way.
pub struct Performance {
    pub(super) api: Arc<Api>,
    pub(super) call: Call,
    pub(super) entry: &'static Entry,
    pub(super) request: Box<dyn Request>,
    pub(super) wire: Wire,
    pub(super) api_version: Option<String>,
    pub(super) trace: Trace,
    pub(super) replay: Option<Replay>,
    pub(super) repeat: Option<Repeat>,
    pub(super) tries: u8,
}

/// What reading led to.
enum Read {
    Answered,
    Hash,
    Write,
}

impl Performance {
    /// On the worker: quick reads are answered, others go to the pool, changes take their look.
    pub(super) fn begin(mut self, reader: &Reader) -> Step {
        if self.entry.effect == Effect::Scans || reader.broken() || self.api.slow_disk {
            return self.on_pool();
        }
        let mut out = self.out();
        let glances = self.entry.effect == Effect::Looks && self.request.glances();
        let read = |tx: &Tx<'_>| self.read(tx, &mut out);
        match if glances { reader.glance(read) } else { reader.read(read) } {
            Err(Error::Busy) => self.on_pool(),
            done => self.after(done, out),
        }
    }

    pub(super) fn on_pool(mut self) -> Step {
        Step::Read(Box::new(move |turn| {
            let mut out = self.out();
            let api = self.api.clone();
            let done = turn.and_then(|()| api.pool.read(|tx| self.read(tx, &mut out)));
            self.after(done, out)
        }))
    }

    fn read(&mut self, tx: &Tx<'_>, out: &mut Out) -> Result<Read> {
        if self.entry.effect != Effect::Writes {
            let done = self.request.run(&self.call, tx, out);
            self.trace.user = tx.subject();
            done?;
            access::settled(&self.call, tx.asked())?;
            return Ok(Read::Answered);
        }
        // Under replay protection even a repetition leaves its mark, so it goes through the writer.
        if let (Some(repeat), None) = (&self.repeat, &self.replay)
            && let Some(reply) = repeat.first_reply(tx, self.call.now)?
        {
            out.repeat(&reply)?;
            return Ok(Read::Answered);
        }
        Ok(match self.request.look(&self.call, tx, out)? {
            Next::Run => Read::Write,
            Next::Hash => Read::Hash,
            Next::Answer(()) => {
                access::settled(&self.call, tx.asked())?;
                Read::Answered
            }
        })
    }

    fn after(self, done: Result<Read>, out: Out) -> Step {
        match done {
            Ok(Read::Answered) => Step::Answer(Answer::done(self.wire, out.into_body(), self.trace)),
            Ok(Read::Write) => Change::step(self),
            Ok(Read::Hash) => self.hash(),
            Err(error) => self.fail(&error),
        }
    }

    fn hash(mut self) -> Step {
        Step::Hash(Box::new(move |passwords| {
            match passwords.and_then(|passwords| self.request.hash(&self.call, passwords)) {
                Ok(()) => Change::step(self),
                Err(error) => self.fail(&error),
            }
        }))
    }

    /// Starts anew, or gives up.
    pub(super) fn again(mut self) -> Step {
        self.tries += 1;
        if self.tries > TRIES {
            return self.fail(&Error::Busy);
        }
        self.on_pool()
    }

    pub(super) fn fail(self, error: &Error) -> Step {
        log_fault(self.call.request_id, error);
        let answer = Answer::error(self.wire, self.head(), error, self.trace);
        // The key or the session has ended meanwhile.
        let ended = matches!(self.call.caller, Caller::Person(_))
            && matches!(error, Error::Refused { code: Code::AccessDenied, secondary: None, .. });
        Step::Answer(if ended { answer.forbidden() } else { answer })
    }

    fn head(&self) -> String {
        answer::head(self.wire, &self.call.snapshot, self.api_version.as_deref())
    }

    pub(super) fn out(&self) -> Out {
        let mut out = Out::after(self.wire, self.head());
        if self.repeat.is_some() {
            out.keep();
        }
        out
    }
}
