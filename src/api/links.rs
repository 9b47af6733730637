//! What the link of a mail would do, told before anybody does it.
//!
//! A link is followed by the same command as a call of the API, for whoever shows no credential, so that every rule
//! stands once. Looking is that command too, as far as it looks before it changes anything: programs that open all
//! links of a mail must find out nothing but what its reader sees, and change nothing.

use std::net::IpAddr;
use std::sync::Arc;

use super::Api;
use super::admit::{Admitted, Known};
use crate::call::{Caller, RequestId};
use crate::commands;
use crate::error::{Code, Error, Result};
use crate::mail::Values;
use crate::mail::links::{Dead, Link};
use crate::snapshot::{Provider, Snapshot};
use crate::store::Tx;
use crate::store::codes::{Linked, Purpose, Whose};
use crate::store::outbox::known_as;
use crate::store::users::User;
use crate::wire::fields::{Fields, Value};

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does its work, or has just done it.
    Good,
    /// It would, but for something that the person can do or wait for.
    Held(Hold),
    /// It does nothing.
    Dead(Dead),
}

/// What holds up a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The password is too short or too long.
    Password,
    /// Somebody else has the address.
    Address,
    /// The group's licence has no place left.
    Seats,
}

/// A link, looked at.
pub struct Seen {
    /// Which one it is: a link to a first password is one without, where there is a password.
    pub link: &'static Link,
    /// The provider whose page it is.
    pub provider: Arc<Provider>,
    /// The language of whom it belongs to; none: nobody is known.
    pub language: Option<String>,
    /// What its pages can say.
    pub values: Values,
    /// How it stands.
    pub state: State,
}

/// How a link stands whose command answered so; `known` says whether there is such a code at all.
pub fn state(code: i64, known: bool) -> State {
    let is = |known: Code| code == known as i64;
    match code {
        0 => State::Good,
        _ if is(Code::InvalidPassword) => State::Held(Hold::Password),
        _ if is(Code::EmailExists) => State::Held(Hold::Address),
        _ if is(Code::LicenseLimit) => State::Held(Hold::Seats),
        _ if is(Code::UserUnknown) => State::Dead(Dead::Already),
        _ if is(Code::WrongActivationCode) && known => State::Dead(Dead::Invalid),
        _ if is(Code::WrongActivationCode) => State::Dead(Dead::NotFound),
        _ => State::Dead(Dead::Error),
    }
}

impl Api {
    /// How a link stands for whoever follows it from that address. It changes nothing.
    pub fn look_at_link(
        self: &Arc<Api>,
        link: &'static Link,
        code: &str,
        from: IpAddr,
        id: RequestId,
    ) -> Result<Seen> {
        let snapshot = self.snapshot.load_full();
        self.pool.read(|tx| {
            let Some(Linked { whose, data }) = tx.linked(code, link.purpose)? else {
                let provider = snapshot.provider(&snapshot.server.default_provider);
                let provider = provider.ok_or_else(|| Error::fault("there is no default provider"))?.clone();
                return Ok(seen(&snapshot, link, provider, None, State::Dead(Dead::NotFound)));
            };
            let of = |id| {
                snapshot.provider_by_id(id).cloned().ok_or_else(|| Error::fault("a code's provider is gone"))
            };
            match whose {
                Whose::Gone(provider, language) => {
                    let language = Some(language.as_str());
                    Ok(seen(&snapshot, link, of(provider)?, language, State::Dead(Dead::Already)))
                }
                Whose::User(user) => {
                    let provider = of(user.provider_id)?;
                    let state = self.judged(tx, (&snapshot, &provider), link, code, (from, id))?;
                    let link = match user.password.is_empty() || state != State::Good {
                        true => link,
                        false => link.without_password(),
                    };
                    let mut seen = seen(&snapshot, link, provider, Some(&user.language), state);
                    say(tx, &mut seen.values, link.purpose, &user, &data)?;
                    Ok(seen)
                }
            }
        })
    }

    /// What the link's command would answer, as far as it looks before it changes anything.
    fn judged(
        self: &Arc<Api>,
        tx: &Tx<'_>,
        (snapshot, provider): (&Arc<Snapshot>, &Arc<Provider>),
        link: &Link,
        code: &str,
        (from, request_id): (IpAddr, RequestId),
    ) -> Result<State> {
        let entry = commands::find(link.command).ok_or(Code::InvalidCommand)?;
        let (caller, provider, now) = (Caller::Nobody(from), provider.clone(), self.clock.now());
        let admitted = Admitted { snapshot, caller, provider, entry, now, request_id, replay: None };
        let mut fields = Fields::new();
        fields.push("activationcode", Value::Text(code.into()));
        let performance = self.admitted(admitted, &fields, &mut Known::default())?;
        match performance.would(tx) {
            Ok(()) => Ok(State::Good),
            Err(error @ Error::Refused { .. }) => Ok(state(error.code(), true)),
            Err(fault) => Err(fault),
        }
    }
}

fn seen(
    snapshot: &Snapshot,
    link: &'static Link,
    provider: Arc<Provider>,
    language: Option<&str>,
    state: State,
) -> Seen {
    let language = language.map(|language| provider.addresses(language).to_owned());
    let values = Values::of(snapshot, &provider);
    Seen { link, provider, language, values, state }
}

/// What a link's pages can say of its user.
fn say(tx: &Tx<'_>, values: &mut Values, purpose: Purpose, user: &User, data: &str) -> Result<()> {
    values.set("USERNAME", known_as(user));
    values.set("EMAIL", &user.email);
    match purpose {
        Purpose::Activation | Purpose::Deletion => {}
        Purpose::Email => values.set("NEWEMAIL", data),
        Purpose::GroupJoin | Purpose::GroupRefusal => {
            let group = data.parse().ok().map_or(Ok(None), |group| tx.group(group))?;
            values.set("GROUPNAME", group.as_ref().map_or("", |group| &group.name));
        }
    }
    Ok(())
}
