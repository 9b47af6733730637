//! Who may do what: one function over the class of a command and the caller (`access.md` §3).

mod rule;

use std::sync::Arc;

use crate::call::Caller;
use crate::error::{Code, Result, forbidden};
use crate::snapshot::{Provider, Service, Snapshot};
pub use rule::{Class, OWN, OWN_OR_MANAGED, Power, Reason, Standing, Tie};

/// The provider that a caller acts for (`protocol.md` §2.7): its own, or the one that it names and may
/// switch to.
pub fn authorised(snapshot: &Snapshot, caller: &Caller, named: Option<&str>) -> Result<Arc<Provider>> {
    let known = |code: &str| snapshot.provider(&code.to_ascii_uppercase()).ok_or(Code::ProviderUnknown);
    let Caller::Service(service) = caller else {
        return Ok(known(named.unwrap_or(&snapshot.server.default_provider))?.clone());
    };
    let own = &service.provider;
    let Some(code) = named.filter(|code| !code.eq_ignore_ascii_case(&own.code)) else {
        return Ok(own.clone());
    };
    let refused = || Code::AccessDenied.say("Access denied to specified Provider");
    if !snapshot.may_switch(own) {
        return Err(refused());
    }
    let other = known(code)?;
    if !snapshot.may_act_for(own, other) {
        return Err(refused());
    }
    Ok(other.clone())
}

/// Commands that decide about other services' power: a service with a list of commands never has
/// them, even where the list names them.
pub const NEVER_BY_LIST: &[&str] = &[
    "createprovider",
    "createservice",
    "rotateservicekey",
    "setserversetting",
    "showservicekey",
    "updateservice",
];

/// Whether the caller may use a command of that class; the refusal says what is missing and who can
/// grant it.
pub fn may(snapshot: &Snapshot, caller: &Caller, command: &str, class: Class) -> Result<()> {
    let Caller::Service(service) = caller else { return Ok(()) };
    if !service.commands.is_empty() {
        if !service.commands.contains(command) {
            return Err(forbidden(format!(
                "Access denied: the service {} may not call {command}; its provider can add it to the allowed commands",
                service.name
            )));
        }
        if NEVER_BY_LIST.contains(&command) {
            return Err(forbidden(format!(
                "Access denied: a service with a list of allowed commands never calls {command}"
            )));
        }
    }
    let standing = Standing { power: power(snapshot, service), manager: false, ties: &[] };
    class.judge(standing).map_err(|why| forbidden(why.text(command, &snapshot.server.default_provider)))
}

/// A service has its provider's whole power.
fn power(snapshot: &Snapshot, service: &Service) -> Power {
    if snapshot.is_default(&service.provider) { Power::Server } else { Power::Provider }
}
