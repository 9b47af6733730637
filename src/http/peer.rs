//! The other end of the connection: whose address counts, and whether anybody on the way can read.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};

use super::Shared;
use super::rules::Rules;
use crate::error::Code;
use crate::gate::{Reason, Refusal, forwarded};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Seconds between two warnings about forwarding headers of strangers.
const WARN_EVERY: i64 = 60;

/// The names are read once: for each request that would cost more than the search for them.
static CLAIMS: LazyLock<Vec<HeaderName>> =
    LazyLock::new(|| forwarded::CLAIMS.iter().map(|name| HeaderName::from_static(name)).collect());

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The address at the other end.
pub fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|address| address.ip().to_canonical())
}

/// The address that counts. Forwarding headers of anybody but a trusted proxy change nothing.
pub fn seen(request: &HttpRequest, shared: &Shared, rules: &Rules) -> Result<IpAddr, Refusal> {
    let nobody = || Refusal {
        code: Code::AccessDenied,
        reason: Reason::Address,
        why: "the connection has no peer address".into(),
    };
    let peer = peer(request).ok_or_else(nobody)?;
    if !rules.trusts(peer) {
        if CLAIMS.iter().any(|name| request.headers().contains_key(name)) {
            warn_of_claim(shared, peer);
        }
        return Ok(peer);
    }
    let lines = request.headers().get_all(&rules.proxy_header);
    // A line that is no text names nobody; it is refused like any entry that is no address.
    forwarded::seen(peer, &rules.proxies, lines.map(|line| line.to_str().unwrap_or("?")))
}

/// Whether nobody on the way can read what is shown: over TLS, or within this machine (`access.md` §1).
pub fn is_private(request: &HttpRequest, shared: &Shared, rules: &Rules) -> bool {
    if rules.plaintext {
        return true;
    }
    let Some(peer) = peer(request) else { return false };
    let headers = request.headers();
    if rules.trusts(peer) {
        return says_https(headers);
    }
    if !peer.is_loopback() {
        return false;
    }
    // A proxy on this machine that is not listed speaks for somebody who is elsewhere.
    let claims = forwards(headers, &rules.proxy_header);
    if claims {
        warn_of_claim(shared, peer);
    }
    !claims
}

/// Whether the call came over TLS: to this server, or to a trusted proxy that says so.
pub fn is_encrypted(request: &HttpRequest, rules: &Rules) -> bool {
    match peer(request).is_some_and(|peer| rules.trusts(peer)) {
        true => says_https(request.headers()),
        false => request.app_config().secure(),
    }
}

/// Whether the peer forwards for somebody who is elsewhere, without being listed as a proxy.
pub fn speaks_for_others(request: &HttpRequest, rules: &Rules) -> bool {
    let trusted = peer(request).is_some_and(|peer| rules.trusts(peer));
    !trusted && forwards(request.headers(), &rules.proxy_header)
}

/// Whether a trusted proxy says that the call came to it over TLS.
pub fn says_https(headers: &HeaderMap) -> bool {
    only(headers, FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The value of a header that is there once.
pub fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether there is any header that only proxies send.
fn forwards(headers: &HeaderMap, proxy_header: &HeaderName) -> bool {
    CLAIMS.iter().chain([&FORWARDED_PROTO, proxy_header]).any(|name| headers.contains_key(name))
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

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(given: &[(&str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name.parse().unwrap(), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_proxy_says_https_once() {
        for value in ["https", "HTTPS"] {
            assert!(says_https(&headers(&[("x-forwarded-proto", value)])), "{value}");
        }
        for given in [
            &[][..],
            &[("x-forwarded-proto", "http")],
            &[("x-forwarded-proto", "https,http")],
            &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "https")],
            &[("x-forwarded-scheme", "https")],
        ] {
            assert!(!says_https(&headers(given)), "{given:?}");
        }
    }

    #[test]
    fn every_forwarding_header_is_one() {
        let own = HeaderName::from_static("cf-connecting-ip");
        let names = forwarded::CLAIMS.iter().chain(&["x-forwarded-proto", "cf-connecting-ip"]);
        for name in names {
            assert!(forwards(&headers(&[(name, "")]), &own), "{name}");
        }
        assert!(!forwards(&headers(&[("host", "x"), ("user-agent", "x")]), &own));
    }
}
