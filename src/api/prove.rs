//! Who calls without a checksum: the key or the session that is shown, looked up and judged
//! (`access.md` §1).
//!
//! What is wrong with a credential is for the log; the caller learns only that it is refused. A wrong
//! secret and a key that does not exist go the same way, through the writer that counts them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use subtle::ConstantTimeEq;

use super::admit::Known;
use super::answer::{self, Answer};
use super::{Api, Step, Then, log_fault};
use crate::access::{self, Scope};
use crate::call::{ActingSite, Caller, Key, Person, RequestId, Session};
use crate::domain::time::{MINUTE, Time};
use crate::domain::user::Status;
use crate::error::{Code, Error, Result};
use crate::gate::credentials::{self, Shown};
use crate::snapshot::{Site, Snapshot};
use crate::store::credentials::Holder;
use crate::store::jobs::{self, Asker};
use crate::store::logins::{self, Guess, Whose};
use crate::store::sites::HeldSite;
use crate::store::writer::{Job, Verdict, Writer};
use crate::store::{Reader, Tx};

/// A key that was used less than this ago is not noted again.
const USED_AGAIN: i64 = MINUTE;

/// What a credential led to.
pub(super) enum Proof {
    /// It holds.
    Person(Arc<Person>),
    /// It is a site's, which acts for nobody yet.
    Site(Arc<Site>),
    /// It does not, and why.
    Nobodys(String),
    /// A secret that is wrong, or may not be tried now, and which of these.
    Guessed(Guess, String),
}

impl Api {
    /// Looks a credential up; `reader` is the worker's, without one it is the pool's.
    pub(super) fn prove(
        &self,
        shown: &Shown<'_>,
        snapshot: &Snapshot,
        address: IpAddr,
        reader: Option<&Reader>,
    ) -> Result<Proof> {
        match shown {
            Shown::Authorization(value) => match credentials::basic(value) {
                Some((name, secret)) => self.by_key(&name, secret.reveal(), snapshot, address, reader),
                None => Ok(Proof::Nobodys("the Authorization is not Basic with key and secret".to_owned())),
            },
            Shown::Session(token) => {
                let hash = credentials::hash(token);
                let found = self.lookup(reader, |tx| tx.session_holder(&hash))?;
                Ok(match found.map(|holder| person(snapshot, holder, hash, self.clock.now(), address)) {
                    None => Proof::Nobodys("there is no such session".to_owned()),
                    Some(Err(why)) => Proof::Nobodys(why),
                    Some(Ok(person)) => Proof::Person(Arc::new(person)),
                })
            }
            Shown::Nobodys(why) => Ok(Proof::Nobodys((*why).to_owned())),
            Shown::Signed(_) | Shown::Nothing => Ok(Proof::Nobodys("no credential".to_owned())),
        }
    }

    fn by_key(
        &self,
        name: &str,
        secret: &str,
        snapshot: &Snapshot,
        address: IpAddr,
        reader: Option<&Reader>,
    ) -> Result<Proof> {
        let (now, hash, source) = (self.clock.now(), credentials::hash(secret), logins::source(address));
        let found = self.lookup(reader, |tx| tx.key_holder(name, &source))?;
        let guess = |whose| Guess::key(snapshot, &self.vault, now, whose, address);
        let Some(holder) = found else {
            // As much work as a wrong secret.
            let _ = bool::from(hash.ct_eq(&[0; 32]));
            return Ok(Proof::Guessed(guess(Whose::Name(name)), format!("there is no {}", named(name))));
        };
        let held = holder.key.as_ref();
        let right = held.is_some_and(|key| bool::from(key.hash.as_slice().ct_eq(&hash)));
        let waits = held.is_some_and(|key| now < key.locked_until);
        if !right || waits {
            let why = match held {
                _ if waits => "must wait after too many failures",
                // The secret of one that signs is no hash: a longer text, or nothing.
                Some(key) if key.hash.len() != hash.len() => {
                    "is of the kind signing: it signs the body, and its secret is not sent"
                }
                _ => "came with a wrong secret",
            };
            return Ok(Proof::Guessed(guess(Whose::User(holder.user)), format!("the {} {why}", named(name))));
        }
        let (used, failed) = (held.and_then(|key| key.last_used), held.is_some_and(|key| key.failed));
        let person = match person(snapshot, holder, hash, now, address) {
            Ok(person) => person,
            Err(why) => return Ok(Proof::Nobodys(why)),
        };
        self.note_use(&person, used, now);
        if failed {
            // Nobody waits for it: what is counted later stands behind it in the queue.
            self.writer.submit(Box::new(Hit(guess(Whose::User(person.user)))));
        }
        Ok(Proof::Person(Arc::new(person)))
    }

    /// Notes that the person's key was used now.
    pub(super) fn note_use(&self, person: &Person, used: Option<Time>, now: Time) {
        if let Some(key) = &person.key
            && used.is_none_or(|used| used.plus(USED_AGAIN) <= now)
        {
            self.writer.used_key(key.id, now);
        }
    }

    /// One statement, on the worker or the pool.
    pub(super) fn lookup<T>(
        &self,
        reader: Option<&Reader>,
        f: impl FnOnce(&Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        match reader {
            Some(reader) => reader.glance(f),
            None => self.pool.read(f),
        }
    }
}

/// A key as the log names it: what does not look like one may be a secret in the wrong place.
pub(super) fn named(name: &str) -> String {
    let ours = name.len() == 23
        && (name.starts_with("rk-") || name.starts_with("sk-"))
        && name.bytes().skip(3).all(|b| b.is_ascii_alphanumeric());
    if ours { format!("key {name}") } else { "key of that name".to_owned() }
}

/// The same person as the transaction knows it now; else the credential has ended.
pub(super) fn again(tx: &Tx<'_>, snapshot: &Snapshot, person: &Person, now: Time) -> Result<Arc<Person>> {
    let ended = || Error::from(Code::AccessDenied);
    let site_key = person.site.as_ref().and_then(|site| site.key);
    let holder = match (&person.session, &person.key, site_key) {
        (Some(session), ..) => tx.session_holder(&session.hash)?,
        (None, Some(key), _) => tx.key_holder(&key.name, &logins::source(person.address))?,
        (None, None, Some(key)) => tx.site_holder_again(person.user, key)?,
        (None, None, None) => None,
    };
    let hash = person.session.as_ref().map_or([0; 32], |session| session.hash);
    let renewed = self::person(snapshot, holder.ok_or_else(ended)?, hash, now, person.address);
    renewed.map(Arc::new).map_err(|_| ended())
}

/// The person who asked for a job, as the transaction knows it now; else why the job may not go on.
///
/// A session is over after a quarter of an hour, and an import may well take longer: that it is over in time does not
/// matter, if the key with which it was opened still holds. That somebody has ended it does, and so does all that
/// ends a user's sessions: another password, another state, another provider, a right that was taken.
pub(super) fn asker(tx: &Tx<'_>, snapshot: &Snapshot, asker: &Asker, now: Time) -> Result<Arc<Person>> {
    let ended = |why: String| Code::AccessDenied.say(why);
    if asker.session == Some(jobs::ENDED) {
        return Err(ended("the session that asked for it was ended".to_owned()));
    }
    let address = asker.address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let holder = match (asker.key.as_str(), asker.user, asker.site) {
        ("", Some(user), Some(site)) => tx.user_at_site(user, site)?,
        ("", Some(user), None) => tx.user_as_holder(user)?,
        ("", None, _) => None,
        (key, ..) => tx.key_holder(key, "")?,
    };
    let holder = holder.filter(|holder| Some(holder.user) == asker.user);
    let holder = holder.ok_or_else(|| ended(format!("{} is no longer there", asker.name)))?;
    let mut person = person(snapshot, holder, [0; 32], now, address).map_err(ended)?;
    if !asker.service.is_empty() {
        let opener = snapshot.service_named(&asker.service).filter(|service| service.enabled);
        let opener =
            opener.ok_or_else(|| ended(format!("the service {} may call no longer", asker.service)))?;
        let rights = access::rights(snapshot, &Caller::Service(opener.clone()), person.provider.id);
        (person.rights, person.service) = (person.rights.within(rights), Some(opener.clone()));
    }
    Ok(Arc::new(person))
}

/// The site that acts for a user of that provider, if it still may; else why not.
fn acting(held: HeldSite, provider: i64, now: Time) -> Result<ActingSite, String> {
    let HeldSite { id, name, home, key, .. } = held;
    if !held.enabled {
        return Err(format!("the site {name} is disabled"));
    }
    if held.ends.is_some_and(|end| end <= now) {
        return Err(format!("the secret of the site {name} has ended"));
    }
    if held.provider != provider {
        return Err(format!("the site {name} is another provider's than the user"));
    }
    if !home && !held.authorised {
        return Err(format!("the user has not authorised the site {name}"));
    }
    Ok(ActingSite { id, name, home, key })
}

/// The person behind a key, a session or a site, if all of it still holds; else why not.
pub(super) fn person(
    snapshot: &Snapshot,
    holder: Holder,
    hash: [u8; 32],
    now: Time,
    address: IpAddr,
) -> Result<Person, String> {
    let Holder { user, username, provider, status, rights, key, session, site } = holder;
    let Some(provider) = snapshot.provider_by_id(provider).cloned() else {
        return Err("the user has no provider".to_owned());
    };
    if status != Status::Activated {
        return Err(format!("the user {username} is {}", status.name()));
    }
    if let Some(key) = key.as_ref().filter(|key| key.valid_until.is_some_and(|end| end <= now)) {
        return Err(format!("the key {} has expired", key.name));
    }
    let mut service = None;
    if let Some(session) = &session {
        if session.expires <= now {
            return Err("the session has expired".to_owned());
        }
        if session.address != address.to_string() {
            return Err(format!("the session is bound to {}, not to {address}", session.address));
        }
        if let Some(id) = session.service {
            let opener = snapshot.services().find(|service| service.id == id && service.enabled);
            let opener = opener.filter(|opener| snapshot.may_act_for(&opener.provider, &provider));
            service = Some(
                opener.ok_or("the service that opened the session may no longer act for its user")?.clone(),
            );
        }
    }
    // A key can never do more than who made it, and a session than who opened it.
    let rights = key.as_ref().map_or(rights, |key| rights.within(key.rights));
    let rights = service.as_ref().map_or(rights, |opener| {
        rights.within(access::rights(snapshot, &Caller::Service(opener.clone()), provider.id))
    });
    let key = key.map(|key| Key { id: key.id, name: key.name, scope: Scope::stored(&key.scope) });
    let session = session.map(|session| Session { id: session.id, hash });
    let site = site.map(|held| acting(held, provider.id, now)).transpose()?;
    Ok(Person { user, username, provider, rights, key, session, service, site, address })
}

/// Forgets the wrong keys before a right one.
struct Hit(Guess);

impl Job for Hit {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        if tx.forget_pair(&self.0).is_ok() { Verdict::Keep } else { Verdict::Undo }
    }

    fn end(self: Box<Self>, end: Result<()>) {
        // Then the next call with the key tries again.
        if let Err(error) = end {
            log::debug!("the wrong keys before a right one are still counted: {error}");
        }
    }
}

/// Counts a wrong key on its way through the writer, and answers.
pub(super) struct Miss {
    guess: Guess,
    known: Known,
    snapshot: Arc<Snapshot>,
    request_id: RequestId,
    outcome: Error,
    then: Then,
}

impl Miss {
    /// The step that counts it.
    pub(super) fn step(guess: Guess, known: Known, snapshot: Arc<Snapshot>, request_id: RequestId) -> Step {
        Step::Write(Box::new(move |writer: &Writer, then| {
            let outcome = Code::AccessDenied.into();
            writer.submit(Box::new(Miss { guess, known, snapshot, request_id, outcome, then }));
        }))
    }
}

impl Job for Miss {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        let counted = tx.login_open(&self.guess).and_then(|_| tx.login_failed(&self.guess));
        let verdict = if counted.is_ok() { Verdict::Keep } else { Verdict::Undo };
        self.outcome = counted.err().unwrap_or_else(|| Code::AccessDenied.into());
        verdict
    }

    fn end(self: Box<Self>, end: Result<()>) {
        let Miss { known, snapshot, request_id, outcome, then, .. } = *self;
        let error = end.err().unwrap_or(outcome);
        log_fault(request_id, &error);
        let answer =
            Answer::error(known.wire, answer::head(known.wire, &snapshot, None), &error, known.trace);
        then(Step::Answer(answer.forbidden()));
    }
}
