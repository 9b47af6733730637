//! A checksum that is nearly right: which of the usual slips it is, for the log.
//!
//! Whoever signs for the first time signs a line feed that curl does not send, or sends one that was not signed, and
//! then compares two checksums that say nothing. Only the operator is told: the gate tells a caller nothing.

use super::checksum::{Given, Method};

/// Longer bodies are not signed once more for each slip: a wrong call must not cost much more than a right one.
const LONGEST: usize = 16 * 1024;
/// The mark that some editors put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is wrong with the form of a checksum.
pub fn form(method: Method, given: &str) -> String {
    let digits = method.digits();
    let hex = !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_hexdigit());
    let other = Method::ALL.iter().map(|(other, ..)| *other).find(|other| other.digits() == given.len());
    match other {
        _ if !hex => String::new(),
        Some(other) if other.digits() != digits => {
            format!("; these are the {} of {}", given.len(), short(other))
        }
        Some(_) => "; these are in upper case".to_owned(),
        None => format!("; these are {}", given.len()),
    }
}

/// By which slip the checksum comes from the body and one of the keys; blank where it is none of the usual ones.
pub fn slip<'a>(given: &Given, keys: impl Iterator<Item = &'a [u8]>, body: &[u8]) -> &'static str {
    if body.len() > LONGEST {
        return "";
    }
    for key in keys {
        let fits = |body: &[u8]| given.matches(key, body);
        if ends(body).any(fits) {
            return "; it is that of the body without the line feed at its end";
        }
        if ["\n", "\r\n"].iter().any(|end| fits(&[body, end.as_bytes()].concat())) {
            return "; it is that of the body with a line feed at its end, which was not sent";
        }
        if body.strip_prefix(MARK).is_some_and(fits) || fits(&[MARK, body].concat()) {
            return "; of what was signed and what was sent one begins with a byte order mark";
        }
        if given.matches(&[key, b"\n"].concat(), body) {
            return "; it is that of the key with a line feed at its end";
        }
    }
    ""
}

/// The body without its last line feed, and without its last white space.
fn ends(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let trimmed = body.trim_ascii_end();
    [body.strip_suffix(b"\n"), Some(trimmed)].into_iter().flatten().filter(|end| end.len() < body.len())
}

/// The method without its key.
fn short(method: Method) -> &'static str {
    match method {
        Method::Md5Salt | Method::Md5Key => "MD5",
        Method::HmacSha1 => "HMAC-SHA1",
        Method::HmacSha256 => "HMAC-SHA256",
    }
}
