//! Places in the network as values of settings: URLs, e-mail addresses, hosts.
//!
//! URLs and hosts are checked coarsely: what cannot work is refused, and what would break out of a link or a header; the
//! rest is left to the server at the other end. A parser for them would be a dependency for a dozen settings that a
//! person pastes from a browser.

use super::kinds::only_if;
use crate::domain::email;

/// An address that begins with `http://` or `https://`, or blank.
pub(super) fn url(value: &str) -> Result<String, String> {
    let after = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let named = after.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['));
    let broken = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '"');
    let fits = named && value.len() <= 2000 && !value.contains(broken);
    only_if(value.is_empty() || fits, value, "an address that begins with https:// or http://")
}

/// One e-mail address, or blank.
pub(super) fn email(value: &str) -> Result<String, String> {
    let fits = value.is_empty() || email::valid(value);
    only_if(fits, value, "one e-mail address such as office@example.com")
}

/// The name or address of a host, with a port if one may follow, or blank.
pub(super) fn host(value: &str, port: bool) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let is_name = |name: &str| !name.is_empty() && name.len() <= 253 && name.chars().all(plain);
    let is_host = |name: &str| is_name(name) || name.parse::<std::net::IpAddr>().is_ok();
    let with_port = || {
        value.rsplit_once(':').is_some_and(|(name, number)| {
            let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
            number.parse::<u16>().is_ok_and(|number| number > 0) && bare.map_or(is_name(name), is_host)
        })
    };
    let fits = value.is_empty() || is_host(value) || (port && with_port());
    let must = if port { "a host name or address, or one with :port" } else { "a host name or address" };
    only_if(fits, value, must)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(check: fn(&str) -> Result<String, String>, values: &[&str]) -> Vec<String> {
        values.iter().filter_map(|value| check(value).ok()).collect()
    }

    #[test]
    fn urls() {
        let values = ["", "https://a.b/c", "http://[::1]:8", "ftp://a", "http://", "http://a b", "a"];
        assert_eq!(accepted(url, &values), values[..3]);
    }

    #[test]
    fn emails() {
        let values = ["", "a@b.cd", "A <a@b.cd>", "a@b@c", "a", "@b", "a@b\r\nBcc: c@d"];
        assert_eq!(accepted(email, &values), values[..2]);
    }

    #[test]
    fn hosts() {
        let values = ["", "mail.b.c", "::1", "a:25", "[::1]:25", "a:0", "a b"];
        assert_eq!(accepted(|value| host(value, false), &values), values[..3]);
        assert_eq!(accepted(|value| host(value, true), &values), values[..5]);
    }
}
