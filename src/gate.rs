//! The gate: is this a registered service, and did it sign what it sent?
//!
//! Pure functions over a [`Snapshot`] in memory. An unknown address learns nothing about checksums, a
//! wrong checksum learns nothing about XML: the order of the steps is part of the protocol
//! (`protocol.md` §2), and each step says only what the specification lets it say.

pub mod addresses;
pub mod checksum;
pub mod credentials;
pub mod forwarded;
mod near;
pub mod signature;

use std::net::IpAddr;
use std::sync::Arc;

use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::snapshot::{Service, Snapshot};

/// What keeps a call out before its command is looked at, for the counts: a few words, so that nobody can cause
/// many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The address is no service's.
    Address,
    /// A proxy forwarded what is no address.
    Proxy,
    /// The checksum is missing, malformed or wrong.
    Checksum,
    /// The service has no live key.
    NoKey,
    /// Others could read the credential.
    PlainText,
    /// The credential does not hold.
    Credential,
    /// A secret was wrong, or may not be tried now.
    Guess,
    /// The page of another site.
    Origin,
    /// Not a POST.
    Method,
    /// Too many requests.
    Limit,
    /// The body is too large, too slow or cut off.
    Body,
    /// The server is stopping.
    Stopping,
    /// The server cannot read its database.
    Fault,
}

impl Reason {
    /// All of them, in their order.
    pub const ALL: [Reason; 13] = [
        Reason::Address,
        Reason::Proxy,
        Reason::Checksum,
        Reason::NoKey,
        Reason::PlainText,
        Reason::Credential,
        Reason::Guess,
        Reason::Origin,
        Reason::Method,
        Reason::Limit,
        Reason::Body,
        Reason::Stopping,
        Reason::Fault,
    ];

    /// Whether the caller has proved nothing: not what else kept the call out.
    pub fn is_unproved(self) -> bool {
        use Reason::{Address, Body, Checksum, Credential, Guess, NoKey, PlainText};
        matches!(self, Address | Checksum | NoKey | PlainText | Credential | Guess | Body)
    }

    /// The word in the counts.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Address => "address",
            Reason::Proxy => "proxy",
            Reason::Checksum => "checksum",
            Reason::NoKey => "nokey",
            Reason::PlainText => "plaintext",
            Reason::Credential => "credential",
            Reason::Guess => "guess",
            Reason::Origin => "origin",
            Reason::Method => "method",
            Reason::Limit => "limit",
            Reason::Body => "body",
            Reason::Stopping => "stopping",
            Reason::Fault => "fault",
        }
    }
}

/// Which step of the gate refused, for the log: the caller does not learn it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the caller is told.
    pub code: Code,
    /// The kind of refusal.
    pub reason: Reason,
    /// What the operator is told.
    pub why: String,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        refusal.code.into()
    }
}

/// Steps 1 and 2: the one service that owns the address.
pub fn service(snapshot: &Snapshot, seen: IpAddr) -> Result<&Arc<Service>, Refusal> {
    snapshot.service_at(seen).ok_or_else(|| Refusal {
        code: Code::AccessDenied,
        reason: Reason::Address,
        why: format!("no enabled service is registered for the address {seen}"),
    })
}

/// Step 3: the checksum over the body, by the service's method and one of its live keys. Gives the row of a key that
/// ends, where it is to be written down that it was used.
pub fn signed(
    snapshot: &Snapshot,
    service: &Service,
    checksum: Option<&str>,
    body: &[u8],
    now: Time,
) -> Result<Option<i64>, Refusal> {
    let refuse = |reason, why: String| Err(Refusal { code: Code::InvalidRequest, reason, why });
    let Some(given) = checksum else {
        return refuse(Reason::Checksum, format!("service {}: no checksum in the query", service.name));
    };
    if service.provider.settings.allow_checksum_error {
        return Ok(None);
    }
    let method = service.method;
    let Some(given) = checksum::Given::read(method, given) else {
        let (digits, slip) = (method.digits(), near::form(method, given));
        return refuse(
            Reason::Checksum,
            format!("service {}: {method} gives {digits} lower-case hex digits{slip}", service.name),
        );
    };
    let mut keys = service.signing(now, &snapshot.salt).peekable();
    if keys.peek().is_none() {
        return refuse(Reason::NoKey, format!("service {} has no live key", service.name));
    }
    // Every key is tried, so that the time does not tell which one it was.
    let matching =
        keys.fold(None, |found, (key, own)| if given.matches(key, body) { Some(own) } else { found });
    if let Some(own) = matching {
        return Ok(own.and_then(|key| key.note_use(now)));
    }
    let slip = near::slip(&given, service.signing(now, &snapshot.salt).map(|(key, _)| key), body);
    refuse(
        Reason::Checksum,
        format!("service {}: the checksum is not {method} of the body and its key{slip}", service.name),
    )
}
