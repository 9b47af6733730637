//! What a request shows besides a checksum: in its headers, its query and its form (`access.md` §1).
//!
//! Two programs could disagree about which of two credentials counts, so only a request with exactly
//! one of them can prove anybody.

use std::borrow::Cow;

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderName};

use crate::gate::credentials::{Shown, Signed};
use crate::wire::{Wire, form};

/// A session's token as an argument, in the query or the form.
const SESS: &[u8] = b"SESS";
const TWICE: &str = "more than one credential";
const NO_TEXT: &str = "the header of a credential is not visible ASCII";

/// The names of the headers that begin with the configured prefix.
pub struct Names {
    session: HeaderName,
    site: HeaderName,
    user: HeaderName,
    key: HeaderName,
}

impl Names {
    /// The names with that prefix.
    pub fn new(prefix: &str) -> Result<Names, InvalidHeaderName> {
        let name = |end: &str| format!("{prefix}-{end}").parse();
        Ok(Names { session: name("SESSION")?, site: name("SITE")?, user: name("USER")?, key: name("KEY")? })
    }
}

/// What a request without a checksum shows; the body is looked into on the JSON wire alone.
pub fn shown<'a>(
    headers: &'a HeaderMap,
    query: &'a str,
    body: &'a [u8],
    wire: Wire,
    names: &Names,
) -> Shown<'a> {
    let keys = headers.get_all(AUTHORIZATION).map(|value| header(value, Shown::Authorization));
    let sessions = headers.get_all(&names.session).map(|value| header(value, Shown::Session));
    let signed = signed(headers, names).unwrap_or_else(|why| Some(Shown::Nobodys(why)));
    let (query, form) = match wire {
        Wire::Xml => ("", None),
        Wire::Json => (query, form::inside(body)),
    };
    let arguments = [query.as_bytes(), form.unwrap_or_default()];
    let arguments = arguments.into_iter().flat_map(|text| form::values(text, SESS)).map(argument);
    let mut all = keys.chain(sessions).chain(arguments).chain(signed);
    let first = all.next().unwrap_or(Shown::Nothing);
    match all.next() {
        None => first,
        Some(_) => Shown::Nobodys(TWICE),
    }
}

/// What the three headers of a signature show together; each may be there once.
fn signed<'a>(headers: &'a HeaderMap, names: &Names) -> Result<Option<Shown<'a>>, &'static str> {
    let one = |name: &HeaderName| {
        let mut values = headers.get_all(name);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(TWICE);
        }
        value.to_str().map(|text| Some(Cow::Borrowed(text))).map_err(|_| NO_TEXT)
    };
    match (one(&names.site)?, one(&names.user)?, one(&names.key)?) {
        (None, None, None) => Ok(None),
        (None, None, Some(_)) => Err("a signature by no key that is named"),
        (_, _, None) => Err("a key is named but nothing is signed with it"),
        (site, user, Some(signature)) => Ok(Some(Shown::Signed(Signed { site, user, signature }))),
    }
}

fn header<'a>(value: &'a HeaderValue, shown: fn(Cow<'a, str>) -> Shown<'a>) -> Shown<'a> {
    match value.to_str() {
        Ok(text) => shown(Cow::Borrowed(text)),
        Err(_) => Shown::Nobodys(NO_TEXT),
    }
}

fn argument(value: &[u8]) -> Shown<'_> {
    match form::decoded(value).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(token) => Shown::Session(Cow::Owned(token)),
        None => Shown::Nobodys("SESS is badly escaped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Shown<'static> = Shown::Nobodys(TWICE);

    fn read(given: &[(&str, &[u8])], query: &str, body: &str, wire: Wire) -> Shown<'static> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap());
        }
        let names = Names::new("X-VEHMAN").unwrap();
        shown(&headers, query, body.as_bytes(), wire, &names).into_owned()
    }

    fn session(token: &'static str) -> Shown<'static> {
        Shown::Session(token.into())
    }

    #[test]
    fn one_credential_is_shown() {
        for wire in [Wire::Xml, Wire::Json] {
            assert_eq!(
                read(&[("Cookie", b"SESS=a"), ("X-OTHER-SESSION", b"a")], "", "", wire),
                Shown::Nothing
            );
            let basic = Shown::Authorization("Basic x".into());
            assert_eq!(read(&[("authorization", b"Basic x")], "", "", wire), basic);
            assert_eq!(read(&[("x-vehman-session", b"tok")], "", "", wire), session("tok"));
            for name in ["X-VEHMAN-SITE", "X-VEHMAN-USER", "X-Vehman-Key"] {
                assert!(matches!(read(&[(name, b"x")], "", "", wire), Shown::Nobodys(_)));
            }
            let (site, user, key) =
                (("X-VEHMAN-SITE", &b"s"[..]), ("x-vehman-user", &b"u"[..]), ("X-Vehman-Key", &b"k"[..]));
            for (given, site, user) in [
                (&[site, user, key][..], Some("s"), Some("u")),
                (&[key, site], Some("s"), None),
                (&[user, key], None, Some("u")),
            ] {
                let (site, user) = (site.map(Cow::Borrowed), user.map(Cow::Borrowed));
                let signed = Signed { site, user, signature: "k".into() };
                assert_eq!(read(given, "", "", wire), Shown::Signed(signed));
            }
            for given in [&[site, user][..], &[site], &[user, ("X-VEHMAN-KEY", b"k\xc3")]] {
                assert!(matches!(read(given, "", "", wire), Shown::Nobodys(_)), "{given:?}");
            }
            assert!(matches!(read(&[("X-VEHMAN-SESSION", b"t\xc3")], "", "", wire), Shown::Nobodys(_)));
        }
    }

    #[test]
    fn sess_counts_on_the_json_wire_alone() {
        for (query, body, expected) in [
            ("SESS=a%2Bb", "{}", session("a+b")),
            ("x=1&S%45SS=a&y", "", session("a")),
            ("", "data={}&SESS=a-_\n", session("a-_")),
            ("SESS", "", session("")),
            ("sess=a&SESSION=b", "sess=a", Shown::Nothing),
            ("", r#"{"SESS":"a"}"#, Shown::Nothing),
            ("", r#"{"a":"&SESS=a"}"#, Shown::Nothing),
            ("", "--x\r\n\r\n&SESS=a&\r\n--x--", Shown::Nothing),
            ("SESS=%zz", "", Shown::Nobodys("SESS is badly escaped")),
            ("SESS=%ff", "", Shown::Nobodys("SESS is badly escaped")),
        ] {
            assert_eq!(read(&[], query, body, Wire::Json), expected, "{query} {body}");
            assert_eq!(read(&[], query, body, Wire::Xml), Shown::Nothing, "{query} {body}");
        }
    }

    #[test]
    fn two_prove_nobody() {
        let (basic, token) = (("authorization", &b"Basic x"[..]), ("x-vehman-session", &b"tok"[..]));
        let (user, key) = (("x-vehman-user", &b"u"[..]), ("x-vehman-key", &b"k"[..]));
        for given in [
            &[basic, basic][..],
            &[token, token],
            &[basic, token],
            &[user, basic],
            &[token, key],
            &[user, user, key],
            &[user, key, key],
            &[user, key, basic],
            &[user, key, token],
        ] {
            assert_eq!(read(given, "", "", Wire::Xml), TWO, "{given:?}");
        }
        for (given, query, body) in [
            (&[token][..], "SESS=tok", ""),
            (&[basic], "", "SESS=tok"),
            (&[user], "SESS=tok", ""),
            (&[], "SESS=a&SESS=a", ""),
            (&[], "SESS=a", "data={}&SESS=a"),
            (&[], "", "SESS=a&SESS=b"),
        ] {
            assert_eq!(read(given, query, body, Wire::Json), TWO, "{given:?} {query} {body}");
        }
        assert_eq!(read(&[token], "SESS=tok", "", Wire::Xml), session("tok"));
    }

    #[test]
    fn the_prefix_is_configured() {
        let names = Names::new("X-Acme").unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-vehman-session".parse().unwrap(), HeaderValue::from_static("a"));
        assert_eq!(shown(&headers, "", b"", Wire::Json, &names), Shown::Nothing);
        headers.append("x-acme-session".parse().unwrap(), HeaderValue::from_static("b"));
        assert_eq!(shown(&headers, "", b"", Wire::Json, &names), session("b"));
    }
}
