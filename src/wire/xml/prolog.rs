//! What comes before the document: byte order mark, declaration, encoding; out comes text with
//! legal characters.
//!
//! Done on the bytes before anything else looks at them, since the declaration says how to read the
//! rest. `quick-xml` would report the declaration as a token, but only from text, and without
//! checking its order, quotes or version. Three encodings need no library: two are parts of UTF-8,
//! one is the first 256 characters.

use std::borrow::Cow;

use super::super::fields::WHITE;
use super::{NotXml, chars};

const MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Ascii,
    Latin1,
}

/// The text after the declaration, borrowed unless it is ISO-8859-1 with characters beyond ASCII.
pub(super) fn decode(body: &[u8]) -> Result<Cow<'_, str>, NotXml> {
    let unmarked = body.strip_prefix(MARK);
    let (encoding, rest) = declared(unmarked.unwrap_or(body))?;
    if unmarked.is_some() && encoding != Encoding::Utf8 {
        return Err(NotXml("a byte order mark in another encoding than UTF-8"));
    }
    let text = match encoding {
        Encoding::Latin1 if !rest.is_ascii() => rest.iter().copied().map(char::from).collect(),
        Encoding::Ascii if !rest.is_ascii() => return Err(NotXml("bytes beyond US-ASCII")),
        _ => Cow::Borrowed(str::from_utf8(rest).map_err(|_| NotXml("bad UTF-8"))?),
    };
    if text.starts_with('\u{feff}') {
        return Err(NotXml("a byte order mark that is not at the very start"));
    }
    if chars::are_legal(&text) { Ok(text) } else { Err(NotXml("an illegal character")) }
}

/// The encoding, and what follows the declaration; without one the encoding is UTF-8.
fn declared(body: &[u8]) -> Result<(Encoding, &[u8]), NotXml> {
    let Some([white, ..]) = body.strip_prefix(b"<?xml") else {
        return Ok((Encoding::Utf8, body));
    };
    // What only begins with these letters is another instruction, and the tokeniser will find it.
    if !WHITE.contains(&char::from(*white)) {
        return Ok((Encoding::Utf8, body));
    }
    let end = body.windows(2).position(|pair| pair == b"?>");
    let split = end.and_then(|end| Some((body.get(5..end)?, body.get(end + 2..)?)));
    let (inside, rest) = split.ok_or(NotXml("a declaration that does not end"))?;
    let inside = str::from_utf8(inside).ok();
    let encoding = inside.and_then(encoding_in).ok_or(NotXml("a declaration"))?;
    Ok((encoding, rest))
}

/// Reads version, encoding and standalone, of which the first must be there and the order is fixed.
fn encoding_in(declaration: &str) -> Option<Encoding> {
    let (version, rest) = setting(declaration, "version")?;
    let (encoding, rest) = setting(rest, "encoding").unwrap_or(("UTF-8", rest));
    let (standalone, rest) = setting(rest, "standalone").unwrap_or(("no", rest));
    let complete = version == "1.0" && matches!(standalone, "yes" | "no");
    if !complete || !rest.trim_start_matches(WHITE).is_empty() {
        return None;
    }
    match () {
        () if encoding.eq_ignore_ascii_case("UTF-8") => Some(Encoding::Utf8),
        () if encoding.eq_ignore_ascii_case("US-ASCII") => Some(Encoding::Ascii),
        () if encoding.eq_ignore_ascii_case("ISO-8859-1") => Some(Encoding::Latin1),
        () => None,
    }
}

/// The value of ` name = "value"` at the start, and what follows it.
fn setting<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let start = text.trim_start_matches(WHITE);
    if start.len() == text.len() {
        return None;
    }
    let value =
        start.strip_prefix(name)?.trim_start_matches(WHITE).strip_prefix('=')?.trim_start_matches(WHITE);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8]) -> Result<String, &'static str> {
        decode(body).map(Cow::into_owned).map_err(|why| why.0)
    }

    #[test]
    fn declarations() {
        for declaration in [
            "<?xml version='1.0' encoding='UTF-8' ?>",
            "<?xml version=\"1.0\"?>",
            "<?xml\n\tversion = '1.0'\r?>",
            "<?xml version='1.0' standalone='yes'?>",
            "<?xml version='1.0' encoding=\"utf-8\" standalone=\"no\" ?>",
            "<?xml version='1.0' encoding='Us-Ascii'?>",
            "<?xml version='1.0' encoding='iso-8859-1'?>",
        ] {
            assert_eq!(decoded(format!("{declaration}<a/>").as_bytes()), Ok("<a/>".into()), "{declaration}");
        }
        for declaration in [
            "<?xml ?>",
            "<?xml version='1.0'",
            "<?xml version='1.1'?>",
            "<?xml version='1'?>",
            "<?xml version=1.0?>",
            "<?xml version='1.0\"?>",
            "<?xml Version='1.0'?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='1.0' version='1.0'?>",
            "<?xml encoding='UTF-8' version='1.0'?>",
            "<?xml version='1.0'encoding='UTF-8'?>",
            "<?xml version='1.0' standalone='x'?>",
            "<?xml version='1.0' standalone='no' encoding='UTF-8'?>",
            "<?xml version='1.0' encoding='UTF-16'?>",
            "<?xml version='1.0' encoding='utf8'?>",
            "<?xml version='1.0' encoding=''?>",
            "<?xml version='1.0' encoding=' UTF-8'?>",
            "<?xml version='1.0' x='y'?>",
            "<?xml version='1.0' /?>",
            "<?xml version=''1.0'?>",
            "<?xml version='1.0' \u{e4}?>",
        ] {
            assert!(decoded(format!("{declaration}<a/>").as_bytes()).is_err(), "{declaration}");
        }
    }

    #[test]
    fn what_is_no_declaration_is_left_alone() {
        for body in
            ["", " <a/>", "<?xml-stylesheet?>", "<?xml?>", "<?xml", " <?xml version='1.0'?>", "<?XML ?>"]
        {
            assert_eq!(decoded(body.as_bytes()), Ok(body.into()));
        }
    }

    #[test]
    fn marks() {
        let bodies: [(&[u8], bool); 5] = [
            (b"\xef\xbb\xbf<a/>", true),
            (b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>", true),
            (b"\xef\xbb\xbf<?xml version='1.0' encoding='US-ASCII'?><a/>", false),
            (b"\xef\xbb\xbf\xef\xbb\xbf<a/>", false),
            (b"<?xml version='1.0'?>\xef\xbb\xbf<a/>", false),
        ];
        for (body, good) in bodies {
            assert_eq!(decoded(body).is_ok(), good, "{body:?}");
        }
    }

    #[test]
    fn encodings() {
        let latin: &[u8] = b"<?xml version='1.0' encoding='ISO-8859-1'?>\xe4\x80\xff";
        assert_eq!(decoded(latin), Ok("ä\u{80}ÿ".into()));
        assert_eq!(decoded("ä€😀".as_bytes()), Ok("ä€😀".into()));
        let bad: [&[u8]; 9] = [
            b"<?xml version='1.0' encoding='US-ASCII'?>\xe4",
            b"\xe4",
            b"\xc0\x80",
            b"\xed\xa0\x80",
            b"\xf5\x80\x80\x80",
            b"\xff\xfe<\0a\0",
            b"a\0",
            b"\x1b",
            b"\xef\xbf\xbf",
        ];
        for body in bad {
            assert!(decoded(body).is_err(), "{body:?}");
        }
        let borrowed = decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>");
        assert!(matches!(borrowed, Ok(Cow::Borrowed("<a/>"))));
    }
}
