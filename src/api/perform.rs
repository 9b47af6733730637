//! A command that was admitted: look, hash, run, each on its thread.

use std::sync::Arc;

use super::answer::{self, Answer, Trace};
use super::change::{Change, Repeat, Replay};
use super::{Api, Step, log_fault};
use crate::access;
use crate::call::Call;
use crate::command::{Effect, Entry, Next, Out, Request};
use crate::domain::time::Time;
use crate::error::{Error, Result};
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
        let mut read = |tx: &Tx<'_>| self.read(tx, &mut out);
        // What turns out to need more than one statement begins again in a transaction.
        let done = match glances {
            true => match reader.glance(&mut read) {
                Err(Error::Again) => reader.read(read),
                done => done,
            },
            false => reader.read(read),
        };
        match done {
            Err(Error::Busy) => self.on_pool(),
            done => self.after(done, out),
        }
    }

    /// What it looks at before anything is changed, and nothing more: whether it would be refused.
    pub(super) fn would(mut self, tx: &Tx<'_>) -> Result<()> {
        let mut out = self.out();
        self.request.look(&self.call, tx, &mut out).map(drop)
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
            // What must leave its mark goes through the writer, and runs there.
            Next::Answer(()) if self.replay.is_some() || self.repeat.is_some() => Read::Write,
            Next::Answer(()) => {
                access::settled(&self.call, tx.asked())?;
                self.trace.user = tx.subject();
                tx.noted_logins()
                    .into_iter()
                    .for_each(|(user, time)| self.api.writer.logged_in(user, Time(time)));
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
        Step::Answer(self.refuse(error))
    }

    pub(super) fn refuse(self, error: &Error) -> Answer {
        log_fault(self.call.request_id, error);
        Answer::error(self.wire, self.head(), error, self.trace)
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

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::super::admit::{Admitted, Known};
    use super::super::prove::Proof;
    use super::super::{Answer, Options};
    use super::*;
    use crate::access::{Class, OWN};
    use crate::call::{Caller, RequestId};
    use crate::command::{Command, Done, Example, Mark};
    use crate::config::Config;
    use crate::error::Code;
    use crate::gate::credentials::Shown;
    use crate::wire::fields::{Fields, Value};

    /// A command that calls itself Restricted and never asks whose data it is about; `WRITES` changes it.
    #[derive(Deserialize, JsonSchema)]
    struct Careless<const WRITES: bool> {}

    impl<const WRITES: bool> Command for Careless<WRITES> {
        const NAME: &'static str = "careless";
        const CLASS: Class = OWN;
        const EFFECT: Effect = if WRITES { Effect::Writes } else { Effect::Looks };
        const MARK: Mark = Mark::Ours;
        const REFUSES: &'static [Code] = &[];
        const EXAMPLES: &'static [Example] = &[];
        type Reply = Done;

        fn run(&self, _: &Call, tx: &Tx<'_>) -> Result<Done> {
            if WRITES {
                tx.set_username(1, "somebody else")?;
            }
            Ok(Done::default())
        }
    }

    static LOOKS: Entry = Entry::of::<Careless<false>>();
    static WRITES: Entry = Entry::of::<Careless<true>>();

    fn operate(api: &Arc<Api>, command: &str, given: &[(&str, &str)]) -> Answer {
        let mut fields = Fields::new();
        given.iter().for_each(|(name, value)| fields.push(*name, Value::Text((*value).into())));
        let answer = api.operate(command, &fields);
        assert_eq!(answer.trace.code, 0, "{}", answer.body);
        answer
    }

    /// The command, called by that caller; the code of the answer.
    fn careless(api: &Arc<Api>, entry: &'static Entry, caller: &Caller) -> i64 {
        let snapshot = api.snapshot();
        let provider = access::authorised(&snapshot, caller, None).unwrap();
        let (caller, request_id) = (caller.clone(), RequestId::new(7));
        let now = api.clock.now();
        let admitted =
            Admitted { snapshot: &snapshot, caller, provider, entry, now, request_id, replay: None };
        let performance = api.admitted(admitted, &Fields::new(), &mut Known::default()).unwrap();
        api.drive(performance.on_pool(), Wire::Xml, request_id).trace.code
    }

    #[test]
    fn a_restricted_command_that_never_asks_whose_data_it_is_needs_api_access() {
        let folder = std::env::temp_dir().join(format!("regserver-careless-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("[database]\npath = '{}'\n", folder.join("regserver.db").display());
        let config = Config::from_toml(&text, std::iter::empty()).unwrap();
        let api = Api::open(&config, Options::default()).unwrap().api;
        operate(
            &api,
            "registeruser",
            &[("username", "alice"), ("useremail", "a@example.com"), ("activate", "1")],
        );
        let caller = || {
            let answer = operate(&api, "createsession", &[("username", "alice"), ("IP", "192.0.2.44")]);
            let token = answer.body.split_once("<session>").unwrap().1.split_once('<').unwrap().0.to_owned();
            let shown = Shown::Session(token.into());
            match api.prove(&shown, &api.snapshot(), "192.0.2.44".parse().unwrap(), None).unwrap() {
                Proof::Person(person) => Caller::Person(person),
                Proof::Site(_) | Proof::Nobodys(_) | Proof::Guessed(..) => {
                    panic!("the session proves nobody")
                }
            }
        };
        let name = || api.read(|tx| tx.user(1)).unwrap().unwrap().username;
        for entry in [&LOOKS, &WRITES] {
            assert_eq!(careless(&api, entry, &caller()), Code::AccessDenied as i64, "{:?}", entry.effect);
            assert_eq!(name(), "alice", "it is undone");
        }
        operate(&api, "grantright", &[("username", "alice"), ("right", "API-ACCESS")]);
        for entry in [&LOOKS, &WRITES] {
            assert_eq!(careless(&api, entry, &caller()), 0, "{:?}", entry.effect);
        }
        assert_eq!(name(), "somebody else");
        api.stop();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
