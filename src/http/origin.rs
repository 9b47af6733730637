//! Whether a call comes from a page of another site (`access.md` §2).
//!
//! A browser says so in `Origin`, and says it also where a page only makes it send a form. Services
//! and scripts send no such header. So whoever sends one must be our own page, or one that the operator
//! has listed, whatever else the request proves; this is asked before any credential is looked at.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderValue, ORIGIN};

use super::peer::{is_encrypted, only};
use super::rules::Rules;

/// Where a call comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Origin {
    /// From no page, or from our own.
    Own,
    /// From a page of this site, which is listed.
    Listed(HeaderValue),
    /// From a page of another site.
    Foreign,
}

/// Where the request comes from; `listed` has the other sites whose pages may call there.
pub fn of(request: &HttpRequest, rules: &Rules, listed: &[HeaderValue]) -> Origin {
    let headers = request.headers();
    if !headers.contains_key(ORIGIN) {
        return Origin::Own;
    }
    let (Some(origin), Some(host)) = (only(headers, ORIGIN), only(headers, HOST)) else {
        return Origin::Foreign;
    };
    let encrypted = is_encrypted(request, rules);
    if is_own(origin, if encrypted { "https" } else { "http" }, host) {
        return Origin::Own;
    }
    let listed = listed.iter().find(|listed| listed.as_bytes() == origin.as_bytes());
    listed.map_or(Origin::Foreign, |origin| Origin::Listed(origin.clone()))
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
