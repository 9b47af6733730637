//! The fields that every call may have (`protocol.md` §4).

use std::net::IpAddr;
use std::sync::LazyLock;

use crate::call::{Caller, Origin};
use crate::commands::Field;
use crate::commands::fields::read;
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Error, Result, invalid};
use crate::gate::addresses::plain;
use crate::snapshot::Snapshot;
use crate::wire::fields::Fields;

/// The fields that are no command's own, described as a command's are.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "each is read where it is needed; this says what they are")]
struct Standard {
    /// the command's name
    command: String,
    /// the time of the request, UNIX seconds; services must send it, and whoever signs with a key in plain text; whoever sends it must be right
    requesttime: i64,
    /// the provider to act for, if not the service's own
    distributor: Option<String>,
    /// echoed in the reply
    apiversion: Option<String>,
    /// where the call comes from
    origin: Option<Origin>,
    /// whether the call may send a mail
    sendmail: Option<bool>,
    /// the address of the person behind the call, for counting wrong passwords
    clientip: Option<String>,
    /// commands that write, from callers with a credential: the same key and fields within 24 hours get the
    /// first reply
    idempotencykey: Option<String>,
    /// ignored
    randtoken: Option<String>,
}

/// The fields that every call may have.
pub static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| read(schemars::schema_for!(Standard).as_value()));

/// Fields that do not count when two calls with one idempotency key are compared.
pub const VARYING: &[&str] = &["requesttime", "randtoken", "apiversion"];

const LONGEST_KEY: usize = 100;

/// How far the time of a call that is signed in plain text may be off, in seconds.
pub const SIGNED_WINDOW: i64 = 300;

/// The `requesttime` of a call that is signed by a key and came in plain text. What was read before the program's
/// start is forgotten, so a read from before it may be one that is sent again.
pub fn signed_time(fields: &Fields<'_>, writes: bool, now: Time, started: Time) -> Result<i64> {
    let time = written_time(fields)?;
    within(time, now, SIGNED_WINDOW)?;
    if !writes && Time(time.saturating_mul(SECOND)) < started {
        return Err(before_start());
    }
    Ok(time)
}

/// `requesttime`, checked against the window and, under replay protection, the program's start.
pub fn request_time(fields: &Fields<'_>, snapshot: &Snapshot, now: Time, started: Time) -> Result<i64> {
    let time = written_time(fields)?;
    let window = snapshot.server.request_window;
    if window > 0 {
        within(time, now, window)?;
    }
    // Reads from before the start are forgotten, also those of the second in which it began.
    if snapshot.server.replay_protection && Time(time.saturating_mul(SECOND)) < started {
        return Err(before_start());
    }
    Ok(time)
}

fn written_time(fields: &Fields<'_>) -> Result<i64> {
    let text = fields.text("requesttime").ok_or_else(|| invalid("requesttime is missing"))?;
    text.parse().map_err(|_| invalid("requesttime must be a whole number"))
}

fn within(time: i64, now: Time, window: i64) -> Result<()> {
    if now.seconds().abs_diff(time) > window.unsigned_abs() {
        let off = i128::from(time) - i128::from(now.seconds());
        return Err(invalid(format!("requesttime is {off} seconds off; {window} are allowed")));
    }
    Ok(())
}

fn before_start() -> Error {
    invalid("requesttime is before the start of the server; send the call again")
}

/// When a request of that time can no longer be sent again.
pub fn replay_ends(time: i64, window: i64) -> Time {
    Time(time.saturating_add(window + 1).saturating_mul(SECOND))
}

/// What a call says about itself; it counts from services alone (`commands.md` §9).
pub struct Said {
    /// Where the call comes from.
    pub origin: Origin,
    /// Whether it may send a mail.
    pub send_mail: Option<bool>,
    /// The person behind it.
    pub client_ip: Option<IpAddr>,
}

impl Said {
    /// From the fields; what does not count is not looked at.
    pub fn read(fields: &Fields<'_>, caller: &Caller) -> Result<Said> {
        match caller {
            Caller::Service(_) | Caller::Operator | Caller::Task(_) => Ok(Said {
                origin: origin(fields)?,
                send_mail: send_mail(fields)?,
                client_ip: client_ip(fields)?,
            }),
            Caller::Person(_) | Caller::Site(_) | Caller::Nobody(_) => {
                Ok(Said { origin: Origin::ApiCall, send_mail: Some(true), client_ip: None })
            }
        }
    }
}

/// `origin`.
fn origin(fields: &Fields<'_>) -> Result<Origin> {
    match fields.text("origin") {
        None => Ok(Origin::ApiCall),
        Some(text) => Origin::parse(text).ok_or_else(|| {
            invalid("origin must be one of API-CALL, LOGIN-PORTAL, ADMIN-CONSOLE, CLIENT-CALL, USER-IMPORT")
        }),
    }
}

/// `sendmail`.
fn send_mail(fields: &Fields<'_>) -> Result<Option<bool>> {
    #[derive(serde::Deserialize)]
    struct SendMail {
        sendmail: Option<bool>,
    }
    if fields.text("sendmail").is_none() {
        return Ok(None);
    }
    let read = fields.read::<SendMail>().map_err(|error| invalid(&*error.0))?;
    Ok(read.sendmail)
}

/// `clientip`.
fn client_ip(fields: &Fields<'_>) -> Result<Option<IpAddr>> {
    let Some(text) = fields.text("clientip") else { return Ok(None) };
    let address = text.parse().map_err(|_| invalid("clientip must be an IPv4 or IPv6 address"))?;
    Ok(Some(plain(address)))
}

/// `idempotencykey`.
pub fn idempotency_key<'a>(fields: &'a Fields<'_>) -> Result<Option<&'a str>> {
    match fields.text("idempotencykey") {
        Some(key) if key.chars().count() > LONGEST_KEY => {
            Err(invalid(format!("idempotencykey is longer than {LONGEST_KEY} characters")))
        }
        key => Ok(key),
    }
}

/// The refusal of a request that was already accepted.
pub fn replayed() -> Error {
    Code::InvalidRequest.say("Invalid Request: this request was already accepted; send a new requesttime")
}
