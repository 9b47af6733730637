//! `/test`: a client tries its way here before it goes live (`access.md` §2).
//!
//! It tells the version of TLS that the two have agreed on and the address that counts for the caller, which is what
//! most often goes wrong between a new client and its first call; and nothing else, because anyone may ask.

use std::net::IpAddr;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

use super::reply::{self, Text};
use super::{peer, tls};
use crate::call::RequestId;

/// Where it is asked.
pub const PATH: &str = "/test";

/// The answer to whoever asks from there.
pub fn answer(request: &HttpRequest, from: IpAddr, id: RequestId) -> HttpResponse {
    if ![Method::GET, Method::HEAD, Method::POST].contains(request.method()) {
        return reply::trial_only(id);
    }
    let version = peer::tls(request).map_or("none", tls::Version::name);
    reply::text(StatusCode::OK, Text::Json, format!("{{\"tls\":\"{version}\",\"address\":\"{from}\"}}\n"), id)
}
