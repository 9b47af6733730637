//! Whether a call comes from a page of another site (`access.md` §2).
//!
//! A browser says so in `Origin`, and says it also where a page only makes it send a form. Services
//! and scripts send no such header. So whoever sends one must be our own page, whatever else the
//! request proves; this is asked before any credential is looked at.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use crate::api::Api;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the request names an origin that is not ours.
pub fn is_foreign(request: &HttpRequest, api: &Api) -> bool {
    let headers = request.headers();
    if !headers.contains_key(ORIGIN) {
        return false;
    }
    let trusted = request.peer_addr().is_some_and(|peer| api.trusts(peer.ip().to_canonical()));
    let secure = trusted && only(headers, FORWARDED_PROTO).is_some_and(|it| it.eq_ignore_ascii_case("https"));
    let own = match (only(headers, ORIGIN), only(headers, HOST)) {
        (Some(origin), Some(host)) => is_own(origin, if secure { "https" } else { "http" }, host),
        _ => false,
    };
    !own
}

/// The value of a header that is there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether an origin is that scheme, host and port; the scheme's own port may be left out.
fn is_own(origin: &str, scheme: &str, host: &str) -> bool {
    let port = if scheme == "https" { ":443" } else { ":80" };
    let plain = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    let (named, of) = origin.split_once("://").unwrap_or_default();
    !host.is_empty() && named.eq_ignore_ascii_case(scheme) && plain(of) == plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_must_be_ours() {
        for (origin, scheme, host) in [
            ("http://example.com", "http", "example.com"),
            ("http://example.com", "http", "Example.com:80"),
            ("http://example.com:8080", "http", "example.com:8080"),
            ("https://example.com", "https", "example.com:443"),
            ("http://[::1]:8080", "http", "[::1]:8080"),
        ] {
            assert!(is_own(origin, scheme, host), "{origin}");
        }
        for (origin, scheme, host) in [
            ("https://example.com", "http", "example.com"),
            ("http://example.com", "https", "example.com"),
            ("http://example.com", "http", "example.com:8080"),
            ("http://example.com:443", "http", "example.com"),
            ("http://example.com.evil.org", "http", "example.com"),
            ("http://example.com/", "http", "example.com"),
            ("http://user@example.com", "http", "example.com"),
            ("null", "http", "example.com"),
            ("", "http", ""),
            ("http://", "http", ""),
            ("example.com", "http", "example.com"),
        ] {
            assert!(!is_own(origin, scheme, host), "{origin}");
        }
    }
}
