//! The endpoints of the API, from the request's head to the reply.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::oneshot;

use super::{Local, Shared, body, origin, reply};
use crate::api::{Answer, Received, Step, Trace};
use crate::call::{Caller, RequestId};
use crate::error::{Code, Error};
use crate::gate::{Refusal, forwarded};
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
/// Seconds between two warnings about forwarding headers of strangers.
const WARN_EVERY: i64 = 60;

/// The names are read once: for each request that would cost more than the search for them.
static CLAIMS: LazyLock<Vec<HeaderName>> =
    LazyLock::new(|| forwarded::CLAIMS.iter().map(|name| HeaderName::from_static(name)).collect());

/// Every request comes here.
pub async fn dispatch(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let request_id = shared.ids.next();
    let Some(wire) = wire_at(request.path()) else {
        return reply::not_found(request.path(), request_id);
    };
    let started = Instant::now();
    let seen = seen(&request, &shared);
    let from = seen.as_ref().ok().copied().or_else(|| peer(&request));
    match take(&request, payload, &shared, wire, from).await {
        Err(answer) => {
            note(&shared, &answer.trace, request_id, from, started);
            reply::of(*answer, request_id)
        }
        Ok(body) => {
            let step = begin(&request, &shared, seen, wire, &body, request_id);
            let answer = finish(step, shared, wire, request_id, from, started).await;
            reply::of(answer, request_id)
        }
    }
}

/// The wire that is spoken at a path of the API.
fn wire_at(path: &str) -> Option<Wire> {
    match path {
        path if PATHS.contains(&path) => Some(Wire::Xml),
        JSON_PATH => Some(Wire::Json),
        _ => None,
    }
}

fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| address.ip().to_canonical())
}

/// The address that counts. Forwarding headers of anybody but a trusted proxy change nothing.
fn seen(request: &HttpRequest, shared: &Shared) -> Result<IpAddr, Refusal> {
    let nobody = || Refusal { code: Code::AccessDenied, why: "the connection has no peer address".into() };
    let peer = peer(request).ok_or_else(nobody)?;
    if !shared.api.trusts(peer) {
        if CLAIMS.iter().any(|name| request.headers().contains_key(name)) {
            warn_of_claim(shared, peer);
        }
        return Ok(peer);
    }
    let lines = request.headers().get_all(&shared.proxy_header);
    // A line that is no text names nobody; it is refused like any entry that is no address.
    shared.api.seen(peer, lines.map(|line| line.to_str().unwrap_or("?")))
}

fn warn_of_claim(shared: &Shared, peer: IpAddr) {
    let now = i64::try_from(Instant::now().duration_since(*STARTED).as_secs()).unwrap_or(0) + WARN_EVERY;
    let last = shared.warned.load(Ordering::Relaxed);
    let mine = now - last >= WARN_EVERY
        && shared.warned.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
    if mine {
        log::warn!("{peer} sent a forwarding header but is not in server.trusted_proxies; it was ignored");
    }
}

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Method, limit and body; else the answer.
async fn take(
    request: &HttpRequest,
    payload: web::Payload,
    shared: &Shared,
    wire: Wire,
    from: Option<IpAddr>,
) -> Result<web::Bytes, Box<Answer>> {
    let snapshot = shared.api.snapshot();
    let refuse =
        |status, error: Error, why: &str| Box::new(Answer::http(wire, status, &snapshot, &error, why));
    if request.method() != Method::POST {
        return Err(refuse(405, Code::InvalidRequest.into(), "the method is not POST"));
    }
    if shared.draining.load(Ordering::Relaxed) {
        return Err(refuse(503, Error::Busy, "the server is stopping"));
    }
    limit(shared, &snapshot, wire, from)?;
    if origin::is_foreign(request, &shared.api) {
        return Err(refuse(403, Code::AccessDenied.into(), "the Origin is another site"));
    }
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    body::read(payload, declared, &shared.body).await.map_err(|no_body| match no_body {
        body::NoBody::TooLarge => refuse(413, Code::InvalidRequest.into(), "the body is too large"),
        body::NoBody::TooSlow => refuse(408, Code::InvalidRequest.into(), "the body came too slowly"),
        body::NoBody::Broken => refuse(400, Code::InvalidRequest.into(), "the body was cut off"),
    })
}

fn limit(shared: &Shared, snapshot: &Snapshot, wire: Wire, from: Option<IpAddr>) -> Result<(), Box<Answer>> {
    let Some(from) = from else { return Ok(()) };
    shared.limits.admit(snapshot, from).map_err(|seconds| {
        let error = Error::from(Code::Overloaded).with(seconds);
        Box::new(Answer::http(wire, 429, snapshot, &error, "too many requests"))
    })
}

fn begin(
    request: &HttpRequest,
    shared: &Shared,
    seen: Result<IpAddr, Refusal>,
    wire: Wire,
    body: &[u8],
    request_id: RequestId,
) -> Step {
    let received = Received::signed(seen, checksum(request.query_string()), wire, body, request_id);
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
            let error = Error::Down(anyhow::anyhow!("no reader can be opened"));
            Step::Answer(Answer::http(wire, 200, &shared.api.snapshot(), &error, "no reader can be opened"))
        }
    }
}

/// `checksum` of the query; given twice it is malformed, because two programs could read it two ways.
fn checksum(query: &str) -> Option<&str> {
    let mut given = query.split('&').filter_map(|pair| pair.strip_prefix("checksum="));
    let first = given.next()?;
    Some(if given.next().is_some() { "" } else { first })
}

/// Carries the call to its end. Off the worker it runs in a task of its own, so that it is finished
/// and noted even where nobody waits for it any more.
async fn finish(
    step: Step,
    shared: web::Data<Shared>,
    wire: Wire,
    request_id: RequestId,
    from: Option<IpAddr>,
    started: Instant,
) -> Answer {
    if let Step::Answer(answer) = step {
        note(&shared, &answer.trace, request_id, from, started);
        return answer;
    }
    let task = actix_web::rt::spawn(async move {
        let answer = carry(step, &shared, wire, request_id).await;
        note(&shared, &answer.trace, request_id, from, started);
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

/// The API log, and the log line of a call: refusals and changes always, quick reads only where they are
/// asked for.
fn note(shared: &Shared, trace: &Trace, request_id: RequestId, from: Option<IpAddr>, started: Instant) {
    shared.api.note(trace, request_id, from);
    let level = if trace.code == 0 && !trace.writes { log::Level::Debug } else { log::Level::Info };
    if !log::log_enabled!(target: "call", level) {
        return;
    }
    let caller = trace.caller.as_ref().map_or_else(|| "-".to_owned(), Caller::name);
    let command = trace.command.unwrap_or("-");
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let address = from.map(|from| from.to_string()).unwrap_or_default();
    log::log!(
        target: "call", level,
        request = request_id.as_str(), address = address.as_str(), caller = caller.as_str(), command = command,
        code = trace.code, micros = micros; "{}", trace.why.as_deref().unwrap_or("")
    );
}
