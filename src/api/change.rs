//! A change on its way through the writer, with everything that must be kept or undone with it.

use std::sync::Arc;

use super::answer::Answer;
use super::perform::Performance;
use super::{Step, Then};
use crate::access;
use crate::call::{Call, Caller};
use crate::command::{Entry, Out};
use crate::domain::time::{HOUR, Time};
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::writer::{Job, Verdict, Writer};
use crate::wire::fields::{Fields, Value, WHITE};

use super::{prove, standard};

/// How long the first reply of an idempotency key is kept.
const REPEAT_LIFE: i64 = 24 * HOUR;

/// The mark that a request was accepted, under replay protection.
pub struct Replay {
    pub(super) signer: String,
    pub(super) checksum: String,
    pub(super) expires: Time,
    /// Whether it is left; else there must only be none from before.
    pub(super) marks: bool,
}

impl Replay {
    fn leave(&self, tx: &Tx<'_>, now: Time) -> Result<()> {
        match self.marks {
            true => tx.first_sight(&self.signer, &self.checksum, self.expires, now).map(drop),
            false => Ok(()),
        }
    }
}

/// The idempotency key of a call: keyed hashes of who asks for what.
pub struct Repeat {
    key: [u8; 32],
    fields: [u8; 32],
}

impl Repeat {
    /// From the fields, if they have a key.
    pub(super) fn new(call: &Call, entry: &Entry, fields: &Fields<'_>) -> Result<Option<Repeat>> {
        let Some(key) = standard::idempotency_key(fields)? else { return Ok(None) };
        // Whoever cannot be told from others could fill the disk with replies that are kept.
        if matches!(call.caller, Caller::Nobody(_)) {
            return Err(invalid("idempotencykey needs a credential"));
        }
        let provider = call.provider.id.to_le_bytes();
        let caller = call.caller.identity();
        let parts: [&[u8]; 4] = [caller.as_bytes(), &provider, entry.name.as_bytes(), key.as_bytes()];
        let key = call.vault.keyed_hash("idempotency key", &parts);
        let mut texts = Vec::new();
        flatten(fields, "", &mut texts);
        texts.sort_unstable();
        let parts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        Ok(Some(Repeat { key, fields: call.vault.keyed_hash("idempotency fields", &parts) }))
    }

    /// The reply that this key got before; other fields under the same key are refused.
    pub(super) fn first_reply(&self, tx: &Tx<'_>, now: Time) -> Result<Option<serde_json::Value>> {
        let Some((fields, reply)) = tx.repetition(&self.key, now.plus(-REPEAT_LIFE))? else {
            return Ok(None);
        };
        if fields != self.fields {
            return Err(invalid("idempotencykey was used with other fields"));
        }
        serde_json::from_str(&reply).map(Some).map_err(|error| Error::Failed(error.into()))
    }
}

/// `name=value` of every field but blank ones and those that vary from one sending to the next; an
/// empty list is the same however it was sent.
fn flatten(fields: &Fields<'_>, prefix: &str, to: &mut Vec<String>) {
    for (name, value) in fields.iter() {
        let before = to.len();
        match value {
            _ if prefix.is_empty() && standard::VARYING.contains(&name) => {}
            Value::Text(text) => match text.trim_matches(WHITE) {
                "" => {}
                text => to.push(format!("{prefix}{name}={text}")),
            },
            Value::Fields(inner) if inner.is_empty() => {}
            Value::Fields(inner) => {
                flatten(inner, &format!("{prefix}{name}/"), to);
                if to.len() == before {
                    to.push(format!("{prefix}{name}=[]"));
                }
            }
        }
    }
}

/// A job for the writer.
pub struct Change {
    performance: Performance,
    out: Option<Out>,
    outcome: Result<()>,
    /// Whether the caller's key or session ended while the change waited.
    ended: bool,
    then: Option<Then>,
}

impl Change {
    /// The step that queues it; the answer comes after the commit.
    pub(super) fn step(performance: Performance) -> Step {
        Step::Write(Box::new(|writer: &Writer, then| {
            let then = Some(then);
            writer.submit(Box::new(Change { performance, out: None, outcome: Ok(()), ended: false, then }));
        }))
    }

    /// The mark against repetition is written last: a job that has changed nothing when it refuses costs
    /// the others in its transaction nothing.
    fn attempt(&mut self, tx: &Tx<'_>, out: &mut Out) -> Result<()> {
        if let Some(replay) = &self.performance.replay
            && tx.seen(&replay.signer, &replay.checksum)?
        {
            return Err(standard::replayed());
        }
        let outcome = self.perform(tx, out);
        if let (Some(replay), Verdict::Keep) = (&self.performance.replay, verdict(&outcome)) {
            replay.leave(tx, self.performance.call.now)?;
        }
        outcome
    }

    fn perform(&mut self, tx: &Tx<'_>, out: &mut Out) -> Result<()> {
        let Performance { call, repeat, .. } = &self.performance;
        if let Some(repeat) = repeat
            && let Some(reply) = repeat.first_reply(tx, call.now)?
        {
            return out.repeat(&reply);
        }
        self.ask_again(tx)?;
        let Performance { call, entry, request, repeat, trace, .. } = &self.performance;
        request.run(call, tx, out)?;
        access::settled(call, tx.asked())?;
        tx.audit(call, entry.name, &trace.fields)?;
        if let (Some(repeat), Some(reply)) = (repeat, out.kept()) {
            tx.keep_repetition(&repeat.key, &repeat.fields, reply, call.now, call.now.plus(-REPEAT_LIFE))?;
        }
        Ok(())
    }

    /// While the change waited, the caller may have lost its provider or its right: the call goes on
    /// with today's state, and only if that still allows it.
    fn ask_again(&mut self, tx: &Tx<'_>) -> Result<()> {
        let Performance { api, call, entry, .. } = &mut self.performance;
        let current = api.snapshot.load_full();
        let same = Arc::ptr_eq(&current, &call.snapshot);
        let service = match &call.caller {
            Caller::Person(person) => {
                let person = prove::again(tx, &current, person, call.now);
                self.ended = matches!(person, Err(Error::Refused { .. }));
                let person = person?;
                if person.provider.id != call.provider.id {
                    return Code::AccessDenied.refuse();
                }
                call.provider = person.provider.clone();
                call.caller = Caller::Person(person);
                call.snapshot = current;
                return access::may(&call.snapshot, &call.caller, entry, call.class);
            }
            Caller::Service(service) if !same => service,
            Caller::Site(site) => {
                let known = current.site(&site.key).filter(|known| known.signs_at(call.now));
                let Some(site) = known.cloned() else { return Code::AccessDenied.refuse() };
                call.provider = site.provider.clone();
                call.caller = Caller::Site(site);
                call.snapshot = current;
                return Ok(());
            }
            Caller::Service(_) | Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => return Ok(()),
        };
        let Some(service) = current.services().find(|s| s.id == service.id && s.enabled).cloned() else {
            return Code::AccessDenied.refuse();
        };
        let provider = current.provider_by_id(call.provider.id).cloned();
        let provider = provider.filter(|provider| current.may_act_for(&service.provider, provider));
        call.provider =
            provider.ok_or_else(|| Code::AccessDenied.say("Access denied to specified Provider"))?;
        call.caller = Caller::Service(service);
        call.snapshot = current;
        access::may(&call.snapshot, &call.caller, entry, call.class)
    }
}

/// Whether what was done stays: a refusal undoes it, unless it counts a failure.
fn verdict(outcome: &Result<()>) -> Verdict {
    match outcome {
        Ok(()) | Err(Error::Refused { keep: true, .. }) => Verdict::Keep,
        Err(_) => Verdict::Undo,
    }
}

impl Job for Change {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        let mut out = self.performance.out();
        self.outcome = self.attempt(tx, &mut out);
        let trace = &mut self.performance.trace;
        (trace.user, trace.changed) = (tx.subject(), tx.changed());
        self.out = Some(out);
        verdict(&self.outcome)
    }

    fn end(self: Box<Self>, end: Result<()>) {
        let Change { performance, out, outcome, ended, then } = *self;
        let end = end.and(outcome);
        let step = match (end, out) {
            (Ok(()), Some(out)) => {
                Step::Answer(Answer::done(performance.wire, out.into_body(), performance.trace))
            }
            (Ok(()), None) => performance.fail(&Error::fault("a change ended without a run")),
            (Err(Error::Again), _) => performance.again(),
            (Err(error), _) if ended => Step::Answer(performance.refuse(&error).forbidden()),
            (Err(error), _) => performance.fail(&error),
        };
        if let Some(then) = then {
            then(step);
        }
    }
}
