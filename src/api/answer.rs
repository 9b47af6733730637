//! What goes back to the caller, and what of it goes into the log.

use std::net::IpAddr;

use crate::call::{Caller, RequestId};
use crate::domain::settings::Logging;
use crate::domain::time::Time;
use crate::error::{Code, Error};
use crate::gate::Reason;
use crate::snapshot::Snapshot;
use crate::wire::Wire;

/// A reply of usual length fits without growing.
const USUAL: usize = 1024;
/// So much of a refusal's text is logged, in characters.
const SAID: usize = 300;
/// How long an overloaded caller is asked to wait, in seconds.
const WAIT: i64 = 1;

/// The documented page for a fault that was not foreseen `[D]`.
const PAGE: &str = "<HTML><HEAD><TITLE>Execution Error</TITLE></HEAD><BODY>\n<H2>Execution Error</H2>\
    An error occurred while processing your request:<BR>\nPrimary error code: <B>-100</B>, \
    Secondary error code: <B>0</B>\n</BODY></HTML>\n";
/// The same for a reader of JSON. Neither has anything that would have to be asked for after a panic.
const FAULT: &str = r#"{"exception":{"primarycode":-100,"secondarycode":0,"message":"Internal error"}}"#;

/// The kind of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The protocol's XML.
    Xml,
    /// The same as JSON.
    Json,
    /// A page of the documented shape.
    Html,
}

impl From<Wire> for Kind {
    fn from(wire: Wire) -> Kind {
        match wire {
            Wire::Xml => Kind::Xml,
            Wire::Json => Kind::Json,
        }
    }
}

/// A finished reply.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status: 200 for success and every application error `[C]`.
    pub status: u16,
    /// The kind of the body.
    pub kind: Kind,
    /// The body.
    pub body: String,
    /// Seconds after which to try again.
    pub retry_after: Option<i64>,
    /// For the log.
    pub trace: Trace,
}

/// What the log says about a call.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// Who calls, once it is known.
    pub caller: Option<Caller>,
    /// The command, once it is known.
    pub command: Option<&'static str>,
    /// 0, or the primary code.
    pub code: i64,
    /// Whether the command writes.
    pub writes: bool,
    /// What kept the call out before its command was looked at.
    pub reason: Option<Reason>,
    /// Why the gate refused; the caller does not learn it.
    pub why: Option<String>,
    /// The refusal's own text, which the caller is told.
    pub said: Option<String>,
    /// Whether something was changed, or a secret shown.
    pub changed: bool,
    /// When the call began.
    pub began: Option<Time>,
    /// The address that counts, once it is known.
    pub address: Option<IpAddr>,
    /// The provider that the call is for, once it is known.
    pub provider: Option<i64>,
    /// Whom the call is about, as far as that was found out.
    pub user: Option<i64>,
    /// The fields, secrets masked; blank where nobody will read them.
    pub fields: String,
    /// Length and SHA-256 of a body that was refused before its command was known: all that is kept of it.
    pub body: Option<(usize, String)>,
    /// Which calls the API log keeps.
    pub logging: Logging,
}

/// The head of a reply: everything before its own data.
pub fn head(wire: Wire, snapshot: &Snapshot, api_version: Option<&str>) -> String {
    let mut head = String::with_capacity(USUAL);
    wire.begin(&mut head, &snapshot.server.reg_version, api_version);
    head
}

impl Answer {
    /// A success: head and reply.
    pub fn done(wire: Wire, mut body: String, trace: Trace) -> Answer {
        wire.end(&mut body);
        Answer { status: 200, kind: wire.into(), body, retry_after: None, trace }
    }

    /// An error behind its head.
    pub fn error(wire: Wire, mut head: String, error: &Error, mut trace: Trace) -> Answer {
        trace.code = error.code();
        if matches!(error, Error::Panicked) {
            return Answer { trace, ..Answer::execution_error(wire) };
        }
        let (code, secondary, text) = shown(error);
        if matches!(error, Error::Refused { text: Some(_), .. }) {
            trace.said = Some(text.chars().take(SAID).collect());
        }
        wire.refuse(&mut head, code as i64, secondary, text);
        wire.end(&mut head);
        let busy = code == Code::Overloaded;
        let status = if busy { 503 } else { 200 };
        Answer { status, kind: wire.into(), body: head, retry_after: secondary.filter(|_| busy), trace }
    }

    /// The refusal of a credential, or of none: HTTP 403 (`protocol.md` §1).
    pub fn forbidden(mut self) -> Answer {
        if [Code::AccessDenied as i64, Code::TooManyAttempts as i64].contains(&self.trace.code) {
            self.status = 403;
        }
        self
    }

    /// Another HTTP status with the exception of that code (`protocol.md` §1).
    pub fn http(
        wire: Wire,
        status: u16,
        snapshot: &Snapshot,
        error: &Error,
        (reason, why): (Reason, &str),
    ) -> Answer {
        let (reason, why) = (Some(reason), Some(why.to_owned()));
        let trace = Trace { reason, why, logging: snapshot.server.api_log, ..Trace::default() };
        let answer = Answer::error(wire, head(wire, snapshot, None), error, trace);
        let retry_after = answer.retry_after.filter(|_| matches!(status, 429 | 503));
        Answer { status, retry_after, ..answer }
    }

    /// The documented page for a fault that was not foreseen `[D]`, on the JSON wire the exception; the
    /// cause is in the log alone.
    pub fn panicked(wire: Wire, request_id: RequestId) -> Answer {
        log::error!("{} a panic was caught", request_id.as_str());
        Answer::execution_error(wire)
    }

    fn execution_error(wire: Wire) -> Answer {
        let (kind, body) = match wire {
            Wire::Xml => (Kind::Html, PAGE),
            Wire::Json => (Kind::Json, FAULT),
        };
        let trace = Trace { code: Code::Internal as i64, ..Trace::default() };
        Answer { status: 500, kind, body: body.to_owned(), retry_after: None, trace }
    }
}

/// Code, second number and text as the caller sees them; causes of our faults stay here.
fn shown(error: &Error) -> (Code, Option<i64>, &str) {
    match error {
        Error::Refused { code, secondary, text, .. } => {
            (*code, *secondary, text.as_deref().unwrap_or_else(|| code.text()))
        }
        Error::Again | Error::Busy => (Code::Overloaded, Some(WAIT), Code::Overloaded.text()),
        Error::Down(_) => (Code::Unavailable, None, Code::Unavailable.text()),
        Error::Failed(_) | Error::Panicked => (Code::Internal, None, Code::Internal.text()),
    }
}
