//! What lies beside the API: how the server is, for those who watch it, and the pages that lead elsewhere.
//!
//! Who watches must be answered when the server has most to do; so none of this waits in a queue of calls or
//! counts against a limit of calls. What it may cost is bounded in another way: the short answers come from
//! memory and have a limit of their own, and the numbers are gathered for one at a time.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use ipnet::IpNet;

use super::reply::{self, Text};
use super::rules::Rules;
use super::{Shared, metrics, peer, redirect, trial};
use crate::call::RequestId;
use crate::config;

/// The documented answer `[D]`.
const PING: &str = "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><intresult>0</intresult></teamdrive>";
/// A writer that has not gone round for so long hangs, most likely on its disk.
const HANGS: Duration = Duration::from_secs(30);

/// What those who watch may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Health,
    Ready,
    Metrics,
    Ping,
}

impl Question {
    fn at(path: &str) -> Option<Question> {
        match path {
            "/healthz" => Some(Question::Health),
            "/readyz" => Some(Question::Ready),
            "/metrics" => Some(Question::Metrics),
            "/ping.xml" => Some(Question::Ping),
            _ => None,
        }
    }

    /// The key of the configuration that says who may ask, and what it says.
    fn allowed(self, watch: &config::Watch) -> (&'static str, &[IpNet]) {
        match self {
            Question::Health => ("watch.healthz", &watch.healthz),
            Question::Ready => ("watch.readyz", &watch.readyz),
            Question::Metrics => ("watch.metrics", &watch.metrics),
            Question::Ping => ("watch.ping", &watch.ping),
        }
    }
}

/// The answer to a request that is for no path of the API.
pub async fn answer(request: &HttpRequest, shared: &web::Data<Shared>, id: RequestId) -> HttpResponse {
    let rules = shared.rules.load_full();
    let (question, name) = (Question::at(request.path()), redirect::name(request.path()));
    let tries = request.path() == trial::PATH;
    if question.is_none() && name.is_none() && !tries {
        return reply::not_found(request.path(), id);
    }
    if !tries && ![Method::GET, Method::HEAD].contains(request.method()) {
        return reply::get_only(id);
    }
    let seen = peer::seen(request, shared, &rules);
    let from = seen.as_ref().ok().copied().or_else(|| peer::peer(request));
    let Some(question) = question else {
        let snapshot = shared.api.snapshot();
        return match from.map(|from| rules.limits.admit(&snapshot, from)) {
            Some(Err(seconds)) => reply::too_many(seconds, id),
            _ if tries => match seen {
                Ok(seen) => trial::answer(request, seen, id),
                Err(refusal) => {
                    reply::text(StatusCode::FORBIDDEN, Text::Plain, format!("{}\n", refusal.why), id)
                }
            },
            _ => redirect::reply(&snapshot, request, id),
        };
    };
    let from = seen.ok().filter(|_| !peer::speaks_for_others(request, &rules));
    // Whoever's address is not known is let in only where everybody is.
    let from = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if let Some(refused) = turned_away(question, from, &rules, id) {
        return refused;
    }
    match question {
        Question::Health => reply::text(StatusCode::OK, Text::Plain, "alive\n".to_owned(), id),
        Question::Ping => reply::text(StatusCode::OK, Text::Xml, PING.to_owned(), id),
        Question::Ready => ready(shared, id),
        Question::Metrics => metrics::reply(shared, id).await,
    }
}

/// The answer to who may not ask, or not so often.
fn turned_away(question: Question, from: IpAddr, rules: &Rules, id: RequestId) -> Option<HttpResponse> {
    let (key, allowed) = question.allowed(&rules.watch);
    if !allowed.iter().any(|range| range.contains(&from)) {
        let why = format!("not for this address: {key} in the configuration lists those that may ask\n");
        return Some(reply::text(StatusCode::FORBIDDEN, Text::Plain, why, id));
    }
    rules.limits.admit_watcher(from).err().map(|seconds| reply::too_many(seconds, id))
}

/// Whether calls may be sent here.
fn ready(shared: &Shared, id: RequestId) -> HttpResponse {
    match why_not_ready(shared) {
        None => reply::text(StatusCode::OK, Text::Plain, "ready\n".to_owned(), id),
        Some(why) => reply::text(StatusCode::SERVICE_UNAVAILABLE, Text::Plain, format!("{why}\n"), id),
    }
}

/// Why calls should rather be sent elsewhere.
pub fn why_not_ready(shared: &Shared) -> Option<&'static str> {
    if shared.leaving.load(Ordering::Relaxed) {
        return Some("the server is stopping");
    }
    if !is_moving(shared) {
        return Some("the writer does not answer: see whether the disk does");
    }
    (!shared.api.pulse().writable())
        .then_some("the database cannot be written: see the log, and whether the disk is full")
}

/// Whether the thread that writes goes round.
pub fn is_moving(shared: &Shared) -> bool {
    shared.api.pulse().quiet() < HANGS
}
