//! Who may do what: one engine over the class of a command, the caller and whom the call is about
//! (`access.md` §3).
//!
//! It is asked twice. [`may`] decides as soon as command and caller are known. Whom a Restricted command is
//! about is known only once the row is found, so [`about`] decides there, in the transaction that reads or
//! changes it; a Restricted command that never asks is refused ([`settled`]).

mod rule;
mod scope;

use std::sync::Arc;

use crate::call::{Call, Caller, Person};
use crate::command::Entry;
use crate::domain::rights::{Right, Rights};
use crate::error::{Code, Error, Result, forbidden};
use crate::snapshot::{Provider, Service, Snapshot};
pub use rule::{Class, MANAGED, MANAGED_MEMBER, OWN, OWN_OR_MANAGED, Power, Reason, Standing, Tie};
pub use scope::{Scope, views};

/// The provider that a caller acts for (`protocol.md` §2.7): its own, or the one that it names and may
/// switch to.
pub fn authorised(snapshot: &Snapshot, caller: &Caller, named: Option<&str>) -> Result<Arc<Provider>> {
    let known = |code: &str| snapshot.provider(&code.to_ascii_uppercase()).ok_or(Code::ProviderUnknown);
    let own = match caller {
        Caller::Service(service) => &service.provider,
        Caller::Person(person) => &person.provider,
        Caller::Site(site) => &site.provider,
        Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => {
            return Ok(known(named.unwrap_or(&snapshot.server.default_provider))?.clone());
        }
    };
    let Some(code) = named.filter(|code| !code.eq_ignore_ascii_case(&own.code)) else {
        return Ok(own.clone());
    };
    let refused = || Code::AccessDenied.say("Access denied to specified Provider");
    if !matches!(caller, Caller::Service(_)) || !snapshot.may_switch(own) {
        return Err(refused());
    }
    let other = known(code)?;
    if !snapshot.may_act_for(own, other) {
        return Err(refused());
    }
    Ok(other.clone())
}

/// Commands that decide about other callers' power: a service with a list of commands never has
/// them, even where the list names them.
pub const NEVER_BY_LIST: &[&str] = &[
    "createprovider",
    "createservice",
    "createsite",
    "deleteservice",
    "deletesite",
    "grantright",
    "revokeright",
    "rotateservicekey",
    "rotatesitekey",
    "setprovidersetting",
    "setserversetting",
    "showservicekey",
    "showsitekey",
    "updateprovider",
    "updateservice",
    "updatesite",
];

/// Whether the caller may use a command of that class; the refusal says what is missing and who can
/// grant it.
pub fn may(snapshot: &Snapshot, caller: &Caller, entry: &Entry, class: Class) -> Result<()> {
    let power = match caller {
        Caller::Operator | Caller::Task(_) => return Ok(()),
        Caller::Nobody(_) => Power::Nobody,
        Caller::Service(service) => {
            listed(service, entry)?;
            service_power(snapshot, service)
        }
        Caller::Person(person) => {
            within(person, entry)?;
            // Whose data it is about is not known yet.
            if matches!(class, Class::Restricted(_)) {
                return Ok(());
            }
            person.power()
        }
        Caller::Site(_) if entry.name == "registeruser" => return Ok(()),
        Caller::Site(site) => {
            return Err(forbidden(format!(
                "Access denied: the site {} calls {} for a user alone, whose public key stands in the header that \
                 ends in USER; without it, it may call registeruser",
                site.name, entry.name
            )));
        }
    };
    let standing = Standing { power, manager: false, ties: &[] };
    class.judge(standing).map_err(|reason| refusal(snapshot, entry, reason))
}

fn refusal(snapshot: &Snapshot, entry: &Entry, reason: Reason) -> Error {
    let text = reason.text(entry.name, &snapshot.server.default_provider);
    match reason {
        // Who is not known has no access that could be insufficient.
        Reason::NoCredential => Code::AccessDenied.say(text),
        _ => forbidden(text),
    }
}

/// What a service's list of commands lacks.
fn listed(service: &Service, entry: &Entry) -> Result<()> {
    if service.commands.is_empty() {
        return Ok(());
    }
    let (name, command) = (&service.name, entry.name);
    if !service.commands.contains(command) {
        return Err(forbidden(format!(
            "Access denied: the service {name} may not call {command}; its provider can add it to the allowed commands"
        )));
    }
    if NEVER_BY_LIST.contains(&command) {
        return Err(forbidden(format!(
            "Access denied: a service with a list of allowed commands never calls {command}"
        )));
    }
    Ok(())
}

/// What the key that proved a person, or the service that opened the session, may not call.
fn within(person: &Person, entry: &Entry) -> Result<()> {
    if let Some(service) = &person.service {
        listed(service, entry)?;
    }
    match &person.key {
        Some(key) if !key.scope.has(entry) => Err(forbidden(format!(
            "Access denied: the scope of the key {} does not have {}; its user can make a key that has it",
            key.name, entry.name
        ))),
        _ => Ok(()),
    }
}

/// A service has its provider's whole power.
fn service_power(snapshot: &Snapshot, service: &Service) -> Power {
    if snapshot.is_default(&service.provider) { Power::Server } else { Power::Provider }
}

/// The rights that a caller has over users of that provider: to grant, and to use on those who have them.
///
/// A provider that manages another has it as its users' provider, not as its own: with EDIT-PROVIDER over
/// there it would soon be one of its services, and reach the ones that are managed by it in turn.
pub fn rights(snapshot: &Snapshot, caller: &Caller, over: i64) -> Rights {
    match caller {
        Caller::Operator | Caller::Task(_) => Rights::ALL,
        Caller::Site(_) | Caller::Nobody(_) => Rights::NONE,
        Caller::Person(person) => person.rights,
        // What it could do in such a user's name would be more than its list allows.
        Caller::Service(service) if !service.commands.is_empty() => Rights::NONE,
        Caller::Service(service) if snapshot.is_default(&service.provider) => Rights::ALL,
        Caller::Service(service) if service.provider.id == over => Rights::ALL.without(Right::SuperUser),
        Caller::Service(_) => Rights::ALL.without(Right::SuperUser).without(Right::EditProvider),
    }
}

/// What joins a person to the one whom a call is about, as the store found it.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// The ties that there are.
    pub ties: Vec<Tie>,
    /// Whether the person manages any company account.
    pub manager: bool,
}

/// The person whose ties decide about the call: API access, or a command that is anybody's, needs none.
pub fn tied(call: &Call) -> Option<&Person> {
    match &call.caller {
        Caller::Person(person) if call.class != Class::Public && person.power() < Power::Full => Some(person),
        _ => None,
    }
}

/// Judges the caller by what joins it to the one whom the call is about.
pub fn judge(call: &Call, ties: &Ties) -> Result<()> {
    let Caller::Person(person) = &call.caller else { return Ok(()) };
    if call.class == Class::Public {
        return Ok(());
    }
    let standing = Standing { power: person.power(), manager: ties.manager, ties: &ties.ties };
    call.class.judge(standing).map_err(|reason| refusal(&call.snapshot, call.entry, reason))
}

/// Whether the caller, joined to a user of that provider by those ties, may use the call's command on that user,
/// who holds those rights.
///
/// Nobody uses a command on someone who holds a right they lack: whoever may set such a user's password
/// would soon have that right. A service may still look at such a user.
pub fn about(call: &Call, user: i64, provider: i64, rights_of_user: Rights, ties: &Ties) -> Result<()> {
    judge(call, ties)?;
    if call.class == Class::Public || call.is_own(user) {
        return Ok(());
    }
    let looks = views(call.entry) && matches!(call.caller, Caller::Service(_));
    let own = rights(&call.snapshot, &call.caller, provider);
    match rights_of_user.beyond(own).filter(|_| !looks) {
        Some(right) => Err(forbidden(format!(
            "Access denied: this user holds the right {}, which the caller lacks",
            right.name()
        ))),
        None => Ok(()),
    }
}

/// Whether the caller is a person who sees nobody's data but their own.
pub fn alone(call: &Call) -> bool {
    matches!(&call.caller, Caller::Person(person) if person.power() < Power::Full)
}

/// The answer where nobody is found: a caller without API access, whom nothing joins to nobody, does not
/// learn whether someone else exists.
pub fn absent(call: &Call, manager: bool, otherwise: Error) -> Error {
    judge(call, &Ties { ties: Vec::new(), manager }).err().unwrap_or(otherwise)
}

/// After a command has run: where it never said whom it is about, it needs API access.
pub fn settled(call: &Call, asked: bool) -> Result<()> {
    match call.class {
        Class::Restricted(_) if !asked => judge(call, &Ties::default()),
        _ => Ok(()),
    }
}
