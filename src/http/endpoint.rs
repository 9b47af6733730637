//! The endpoints of the API, from the request's head to the reply.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::oneshot;

use super::limits::Limits;
use super::origin::{self, Origin};
use super::rules::Rules;
use super::{Local, Shared, beside, body, credentials, links, peer, reply};
use crate::api::{Answer, Received, Step, Trace};
use crate::call::{Caller, RequestId};
use crate::error::{Code, Error};
use crate::gate::credentials::Shown;
use crate::gate::{Reason, Refusal};
use crate::mail::links::Link;
use crate::snapshot::Snapshot;
use crate::wire::Wire;

/// The canonical path `[D]` and its aliases.
pub const PATHS: [&str; 6] = [
    "/yvva/api/api.xml",
    "/yvva/td2api/api/api.htm",
    "/pbas/td2api/api/api.htm",
    "/pbas/td2as/api/api.htm",
    "/yvva/api/api.htm",
    "/yvva/td2api/api/api.xml",
];
/// The path of the same commands as JSON.
pub const JSON_PATH: &str = "/yvva/api/api.json";
/// Where a session is opened (seed 003).
pub const SESSION_PATH: &str = "/authentication/session";

/// What lies at a path of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    /// All commands as XML.
    Xml,
    /// The same as JSON.
    Json,
    /// One of them, as JSON.
    Session,
}

impl Endpoint {
    /// What lies there, with the path as it is written here.
    fn at(path: &str) -> Option<(Endpoint, &'static str)> {
        match path {
            JSON_PATH => Some((Endpoint::Json, JSON_PATH)),
            SESSION_PATH => Some((Endpoint::Session, SESSION_PATH)),
            _ => PATHS.iter().find(|known| **known == path).map(|known| (Endpoint::Xml, *known)),
        }
    }

    fn wire(self) -> Wire {
        match self {
            Endpoint::Xml => Wire::Xml,
            Endpoint::Json | Endpoint::Session => Wire::Json,
        }
    }

    /// The command that the path names.
    fn command(self) -> Option<&'static str> {
        match self {
            Endpoint::Xml | Endpoint::Json => None,
            Endpoint::Session => Some("createsession"),
        }
    }
}

/// A request whose head is known.
struct Head {
    endpoint: Endpoint,
    origin: Origin,
    /// The address that counts, or why none could be told.
    seen: Result<IpAddr, Refusal>,
    request_id: RequestId,
    arrival: Arrival,
}

/// What the log says of a request besides what became of it.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    /// The path as it is written here, or as much of it as is no secret.
    pub route: &'static str,
    /// The address for log and limits: the one that counts; where none does, the peer's.
    pub from: Option<IpAddr>,
    /// When it came.
    pub started: Instant,
}

/// Every request comes here.
pub async fn dispatch(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let encrypted = peer::tls(&request).is_some();
    let mut reply = answer(request, payload, &shared).await;
    if encrypted && let Some(how_long) = &shared.rules.load().hsts {
        reply::only_encrypted(&mut reply, how_long);
    }
    reply
}

async fn answer(request: HttpRequest, payload: web::Payload, shared: &web::Data<Shared>) -> HttpResponse {
    let request_id = shared.ids.next();
    let Some((endpoint, route)) = Endpoint::at(request.path()) else {
        return match Link::at(request.path()) {
            Some(link) => links::answer(link, &request, payload, shared, request_id).await,
            None => beside::answer(&request, shared, request_id).await,
        };
    };
    let rules = shared.rules.load();
    let started = Instant::now();
    let seen = peer::seen(&request, shared, &rules);
    let from = seen.as_ref().ok().copied().or_else(|| peer::peer(&request));
    let listed = if endpoint == Endpoint::Json { rules.pages.origins.as_slice() } else { &[] };
    let origin = origin::of(&request, &rules, listed);
    if let Origin::Listed(origin) = &origin
        && request.method() == Method::OPTIONS
    {
        return reply::preflight(origin.clone(), rules.pages.headers.clone(), request_id);
    }
    let arrival = Arrival { route, from, started };
    let head = Head { endpoint, origin, seen, request_id, arrival };
    let answer = match take(&request, payload, (shared, &rules), &head).await {
        Err(answer) => {
            let answer = counted(*answer, &rules.limits, shared, head.endpoint.wire(), from);
            note(shared, &answer.trace, request_id, arrival);
            answer
        }
        Ok(body) => {
            let step = begin(&request, (shared, &rules), &head, &body);
            finish(step, shared.clone(), &rules.limits, (endpoint.wire(), request_id), arrival).await
        }
    };
    match head.origin {
        Origin::Listed(origin) => reply::readable_by(reply::of(answer, request_id), origin),
        Origin::Own | Origin::Foreign => reply::of(answer, request_id),
    }
}

/// Method, limit and body; else the answer.
async fn take(
    request: &HttpRequest,
    payload: web::Payload,
    (shared, rules): (&Shared, &Rules),
    head: &Head,
) -> Result<web::Bytes, Box<Answer>> {
    let snapshot = shared.api.snapshot();
    let wire = head.endpoint.wire();
    let refuse = |status, error: Error, why| Box::new(Answer::http(wire, status, &snapshot, &error, why));
    let foreign = || refuse(403, Code::AccessDenied.into(), (Reason::Origin, "the Origin is another site"));
    if request.method() != Method::POST {
        // A browser that asks for a page of another site gets the answer that its call would get.
        let asks = head.endpoint == Endpoint::Json && request.method() == Method::OPTIONS;
        return Err(match asks && head.origin == Origin::Foreign {
            true => foreign(),
            false => refuse(405, Code::InvalidRequest.into(), (Reason::Method, "the method is not POST")),
        });
    }
    if shared.draining.load(Ordering::Relaxed) {
        return Err(refuse(503, Error::Busy, (Reason::Stopping, "the server is stopping")));
    }
    limit(rules, &snapshot, wire, head.arrival.from)?;
    if head.origin == Origin::Foreign {
        return Err(foreign());
    }
    if snapshot.server.force_encryption && !peer::is_unread(request, shared, rules) {
        let why = "the call came in plain text, and ForceHTTPSUsage is True";
        return Err(refuse(403, Code::AccessDenied.into(), (Reason::PlainText, why)));
    }
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let read = body::read(payload, declared, &rules.body).await;
    read.map_err(|no_body| match no_body {
        body::NoBody::TooLarge => {
            refuse(413, Code::InvalidRequest.into(), (Reason::Body, "the body is too large"))
        }
        body::NoBody::TooSlow => {
            refuse(408, Code::InvalidRequest.into(), (Reason::Body, "the body came too slowly"))
        }
        body::NoBody::Broken => {
            refuse(400, Code::InvalidRequest.into(), (Reason::Body, "the body was cut off"))
        }
    })
}

fn limit(rules: &Rules, snapshot: &Snapshot, wire: Wire, from: Option<IpAddr>) -> Result<(), Box<Answer>> {
    let Some(from) = from else { return Ok(()) };
    rules.limits.admit(snapshot, from).map_err(|seconds| Box::new(too_many(snapshot, wire, seconds)))
}

fn too_many(snapshot: &Snapshot, wire: Wire, seconds: i64) -> Answer {
    let error = Error::from(Code::Overloaded).with(seconds);
    Answer::http(wire, 429, snapshot, &error, (Reason::Limit, "too many requests"))
}

/// Counts a call from a service's address that has proved nothing as a stranger's. Other addresses' were counted
/// before anything was read of them.
fn counted(answer: Answer, limits: &Limits, shared: &Shared, wire: Wire, from: Option<IpAddr>) -> Answer {
    if !answer.trace.reason.is_some_and(Reason::is_unproved) {
        return answer;
    }
    stranger(limits, shared, wire, from).unwrap_or(answer)
}

/// The answer to a stranger at a service's address who asks too often.
fn stranger(limits: &Limits, shared: &Shared, wire: Wire, from: Option<IpAddr>) -> Option<Answer> {
    let (snapshot, from) = (shared.api.snapshot(), from?);
    snapshot.service_at(from)?;
    let seconds = limits.stranger(from).err()?;
    Some(too_many(&snapshot, wire, seconds))
}

fn begin(request: &HttpRequest, (shared, rules): (&Shared, &Rules), head: &Head, body: &[u8]) -> Step {
    let received = received(request, (shared, rules), head, body);
    if matches!(head.origin, Origin::Listed(_)) && !matches!(received.shown, Shown::Session(_)) {
        let why = (Reason::Origin, "a page of a listed Origin shows no session");
        let denied = Code::AccessDenied.into();
        return Step::Answer(Answer::http(received.wire, 403, &shared.api.snapshot(), &denied, why));
    }
    // Whoever shows nothing is nobody; where that is no refusal, it may cost more than a look.
    if received.checksum.is_none()
        && received.shown == Shown::Nothing
        && head.endpoint != Endpoint::Xml
        && let Some(answer) = stranger(&rules.limits, shared, received.wire, head.arrival.from)
    {
        return Step::Answer(answer);
    }
    start(request, shared, received)
}

/// The first step of a call, with the worker's own reader.
pub(super) fn start(request: &HttpRequest, shared: &Shared, received: Received<'_>) -> Step {
    let (wire, request_id) = (received.wire, received.request_id);
    let Some(Local(local)) = request.app_data::<Local>() else {
        return Step::Answer(Answer::panicked(wire, request_id));
    };
    let mut reader = local.borrow_mut();
    if reader.as_ref().is_none_or(crate::store::Reader::broken) {
        *reader = shared.api.reader().ok();
    }
    match reader.as_ref() {
        Some(reader) => shared.api.begin(received, reader),
        None => {
            let why = "no reader can be opened";
            let down = Error::Down(anyhow::anyhow!(why));
            Step::Answer(Answer::http(wire, 200, &shared.api.snapshot(), &down, (Reason::Fault, why)))
        }
    }
}

/// The request for the api. Where there is a checksum, nothing else is looked at.
fn received<'a>(
    request: &'a HttpRequest,
    (shared, rules): (&Shared, &Rules),
    head: &Head,
    body: &'a [u8],
) -> Received<'a> {
    let (wire, query) = (head.endpoint.wire(), request.query_string());
    let signed = Received::signed(head.seen.clone(), checksum(query), wire, body, head.request_id);
    let shown = match signed.checksum {
        Some(_) => Shown::Nothing,
        None => credentials::shown(request.headers(), query, body, wire, &rules.credentials),
    };
    let command = head.endpoint.command();
    let private = (shown != Shown::Nothing || wire == Wire::Json) && peer::is_private(request, shared, rules);
    let encrypted = matches!(shown, Shown::Signed(_)) && peer::is_encrypted(request, rules);
    Received { shown, private, encrypted, command, ..signed }
}

/// `checksum` of the query; given twice it is malformed, because two programs could read it two ways.
fn checksum(query: &str) -> Option<&str> {
    let mut given = query.split('&').filter_map(|pair| pair.strip_prefix("checksum="));
    let first = given.next()?;
    Some(if given.next().is_some() { "" } else { first })
}

/// Carries the call to its end. Off the worker it runs in a task of its own, so that it is finished
/// and noted even where nobody waits for it any more.
pub(super) async fn finish(
    step: Step,
    shared: web::Data<Shared>,
    limits: &Arc<Limits>,
    (wire, request_id): (Wire, RequestId),
    arrival: Arrival,
) -> Answer {
    if let Step::Answer(answer) = step {
        let answer = counted(answer, limits, &shared, wire, arrival.from);
        note(&shared, &answer.trace, request_id, arrival);
        return answer;
    }
    let limits = limits.clone();
    let task = actix_web::rt::spawn(async move {
        let answer = carry(step, &shared, wire, request_id).await;
        let answer = counted(answer, &limits, &shared, wire, arrival.from);
        note(&shared, &answer.trace, request_id, arrival);
        answer
    });
    task.await.unwrap_or_else(|_| Answer::panicked(wire, request_id))
}

async fn carry(mut step: Step, shared: &web::Data<Shared>, wire: Wire, request_id: RequestId) -> Answer {
    loop {
        let (sender, receiver) = oneshot::channel();
        // Where the receiver is gone, so is the server.
        let then = move |next| drop(sender.send(next));
        match step {
            Step::Answer(answer) => return answer,
            Step::Read(go) => read(go, shared, wire, request_id, then),
            step => shared.api.carry(step, wire, request_id, then),
        }
        step = receiver.await.unwrap_or_else(|_| Step::Answer(Answer::panicked(wire, request_id)));
    }
}

/// A search, on a thread that may wait; when too many wait already it is turned away.
fn read(
    go: crate::api::Reading,
    shared: &web::Data<Shared>,
    wire: Wire,
    request_id: RequestId,
    then: impl FnOnce(Step) + Send + 'static,
) {
    if shared.reading.fetch_add(1, Ordering::Relaxed) >= shared.most_reading {
        shared.reading.fetch_sub(1, Ordering::Relaxed);
        shared.reads_refused.fetch_add(1, Ordering::Relaxed);
        return then(go(Err(Error::Busy)));
    }
    let shared = shared.clone().into_inner();
    actix_web::rt::task::spawn_blocking(move || {
        let counted = shared.clone();
        shared.api.carry(Step::Read(go), wire, request_id, move |next| {
            counted.reading.fetch_sub(1, Ordering::Relaxed);
            then(next);
        });
    });
}

/// The counts, the API log, and the log line of a call: changes always, refusals up to a number, quick reads only
/// where they are asked for. Of the request it has the route, and never a query.
fn note(shared: &Shared, trace: &Trace, request_id: RequestId, arrival: Arrival) {
    let Arrival { route, from, started } = arrival;
    let took = started.elapsed();
    shared.api.count(trace, took);
    shared.api.note(trace, request_id, from);
    let level = if trace.code == 0 && !trace.writes { log::Level::Debug } else { log::Level::Info };
    if !log::log_enabled!(target: "call", level)
        || (is_refused(trace) && !shared.lines.admit(is_known(trace)))
    {
        return;
    }
    let caller = trace.caller.as_ref().map_or_else(|| "-".to_owned(), Caller::name);
    let service = trace.service().map_or("-", |service| service.name.as_str());
    let command = trace.command.unwrap_or("-");
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let address = from.map(|from| from.to_string()).unwrap_or_default();
    let said = trace.why.as_deref().or(trace.said.as_deref()).unwrap_or("");
    let id = request_id.as_str();
    match &trace.body {
        None => log::log!(
            target: "call", level,
            request = id, route = route, address = address.as_str(), caller = caller.as_str(),
            service = service, command = command, code = trace.code, micros = micros; "{said}"
        ),
        Some((length, hash)) => log::log!(
            target: "call", level,
            request = id, route = route, address = address.as_str(), caller = caller.as_str(),
            service = service, command = command, code = trace.code, micros = micros,
            bodybytes = length, bodysha256 = hash.as_str(); "{said}"
        ),
    }
}

/// Whether a call was turned down; one that failed by a fault of ours always has its line.
fn is_refused(trace: &Trace) -> bool {
    ![0, Code::Internal as i64, Code::Unavailable as i64].contains(&trace.code)
}

/// Whether somebody proved to have made it.
fn is_known(trace: &Trace) -> bool {
    trace.caller.as_ref().is_some_and(|caller| !matches!(caller, Caller::Nobody(_)))
}
