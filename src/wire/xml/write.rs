//! The writer of replies: serde through quick-xml's serialiser, the members one after another
//! without a root.
//!
//! The reply is written with a root of our own, whose tags are then cut off. Writing member by
//! member would need no cutting but a `Serializer` of thirty methods; `to_string` and pasting would
//! copy every reply.
//!
//! In the names of a JSON object `@x` and `$text` mean something to the serialiser: keep them out
//! of replies.

use std::fmt;

use quick_xml::se::Serializer;
use serde::Serialize;

use super::chars;

/// The root around the members. It is no field of any reply, so a second one shows that a list was
/// given.
const ROOT: &str = "_reply_";
const OPENED: &str = "<_reply_>";
const CLOSED: &str = "</_reply_>";

/// Why a reply cannot be written as elements. A mistake in the reply's type, never in its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwritable(pub String);

impl fmt::Display for Unwritable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the reply cannot be written as XML: {}", self.0)
    }
}

impl std::error::Error for Unwritable {}

/// Appends the reply's members as elements, in their order, without a root.
///
/// Lists become repeated elements, empty values an open and a close tag, and characters that XML
/// cannot hold are dropped. An empty reply writes nothing. If it fails, `out` is as it was.
pub fn write<T: Serialize + ?Sized>(out: &mut String, reply: &T) -> Result<(), Unwritable> {
    let start = out.len();
    let written = serialize(out, reply).and_then(|()| without_root(out, start));
    if written.is_err() {
        out.truncate(start);
    }
    written
}

fn serialize<T: Serialize + ?Sized>(out: &mut String, reply: &T) -> Result<(), Unwritable> {
    let unwritable = |error: quick_xml::se::SeError| Unwritable(error.to_string());
    let mut legal = Legal(out);
    let mut serializer = Serializer::with_root(&mut legal, Some(ROOT)).map_err(unwritable)?;
    serializer.expand_empty_elements(true);
    reply.serialize(serializer).map_err(unwritable)?;
    Ok(())
}

/// Cuts the root's tags off what was written since `start`.
fn without_root(out: &mut String, start: usize) -> Result<(), Unwritable> {
    let written = out.get(start..).unwrap_or_default();
    // `None` and an empty list write not even a root.
    if written.is_empty() {
        return Ok(());
    }
    let members = written.strip_prefix(OPENED).and_then(|rest| rest.strip_suffix(CLOSED));
    if !members.is_some_and(are_elements) {
        return Err(Unwritable("it is not a list of named members".to_owned()));
    }
    out.truncate(out.len() - CLOSED.len());
    out.drain(start..start + OPENED.len());
    Ok(())
}

/// Whether that is nothing but elements with names; `<` in texts is escaped, so tags cannot be
/// mistaken.
fn are_elements(members: &str) -> bool {
    let framed = members.is_empty() || (members.starts_with('<') && members.ends_with('>'));
    framed && !members.contains(CLOSED) && !members.contains("<>")
}

/// Passes on what XML can hold.
struct Legal<'a>(&'a mut String);

impl fmt::Write for Legal<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        chars::push_legal(self.0, text);
        Ok(())
    }
}

/// Appends a text with `&`, `<` and `>` escaped, and without the characters that XML cannot hold.
///
/// A carriage return is escaped too: unescaped, every reader turns it into a line feed.
pub fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        let (plain, special) = rest.split_at(at);
        chars::push_legal(out, plain);
        out.push_str(match special.as_bytes() {
            [b'&', ..] => "&amp;",
            [b'<', ..] => "&lt;",
            [b'>', ..] => "&gt;",
            _ => "&#13;",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    chars::push_legal(out, rest);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written<T: Serialize + ?Sized>(reply: &T) -> Result<String, Unwritable> {
        let mut out = String::from("<teamdrive>");
        let result = write(&mut out, reply);
        let members = out.strip_prefix("<teamdrive>").map(str::to_owned);
        result.map(|()| members.unwrap_or_default())
    }

    #[derive(Serialize)]
    struct User {
        userid: i64,
        username: &'static str,
        reference: String,
        disabled: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<String>,
        group: Vec<Group>,
        language: Option<String>,
        kind: Kind,
    }

    #[derive(Serialize)]
    struct Group {
        name: char,
        nothing: Nothing,
        numbers: [u8; 2],
    }

    #[derive(Serialize)]
    struct Nothing {}

    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Api,
    }

    fn user() -> User {
        let group = |name| Group { name, nothing: Nothing {}, numbers: [1, 2] };
        User {
            userid: -7,
            username: "a<b>&\"'\r\n\0\u{ffff}ü",
            reference: String::new(),
            disabled: false,
            email: None,
            group: vec![group('x'), group('&')],
            language: None,
            kind: Kind::Api,
        }
    }

    const USER: &str = "<userid>-7</userid><username>a&lt;b&gt;&amp;\"'&#13;\nü</username>\
        <reference></reference>\
        <disabled>false</disabled>\
        <group><name>x</name><nothing></nothing><numbers>1</numbers><numbers>2</numbers></group>\
        <group><name>&amp;</name><nothing></nothing>\
        <numbers>1</numbers><numbers>2</numbers></group>\
        <language></language><kind>api</kind>";

    #[test]
    fn structs() {
        assert_eq!(written(&user()).as_deref(), Ok(USER));
    }

    #[test]
    fn json_objects_are_written_like_structs() {
        let value = serde_json::to_value(user()).unwrap();
        assert_eq!(written(&value).as_deref(), Ok(USER));
        for (value, expected) in [
            (
                json!({"b": 1, "a": 18_446_744_073_709_551_615u64, "c": -1.5}),
                "<b>1</b><a>18446744073709551615</a><c>-1.5</c>",
            ),
            (json!({"a": [], "b": {}, "c": "", "d": null}), "<b></b><c></c><d></d>"),
            (json!({"a": ["", "  ", "\u{1}"]}), "<a></a><a>  </a><a></a>"),
            (
                json!({"l": {"u": [{"a": true}, {"a": {"b": [1, 2]}}]}}),
                "<l><u><a>true</a></u><u><a><b>1</b><b>2</b></a></u></l>",
            ),
            (
                json!({"größe": "<_reply_>", "x": "</_reply_>"}),
                "<größe>&lt;_reply_&gt;</größe><x>&lt;/_reply_&gt;</x>",
            ),
        ] {
            assert_eq!(written(&value).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn empty_replies_write_nothing() {
        assert_eq!(written(&Nothing {}).as_deref(), Ok(""));
        assert_eq!(written(&json!({})).as_deref(), Ok(""));
        assert_eq!(written(&()).as_deref(), Ok(""));
        assert_eq!(written(&json!([])).as_deref(), Ok(""));
        assert_eq!(written(&None::<User>).as_deref(), Ok(""));
        assert_eq!(written(&Some(Nothing {})).as_deref(), Ok(""));
    }

    #[test]
    fn what_has_no_names_is_refused() {
        for value in [
            json!("text"),
            json!(1),
            json!([1]),
            json!([{"a": 1}, {"b": 2}]),
            json!({"": 1}),
            json!({"a b": 1}),
            json!({"1": 1}),
            json!({"<": 1}),
            json!({"a": {"": 1}}),
            json!({"@a": 1}),
            json!({"$text": 1}),
        ] {
            assert!(written(&value).is_err(), "{value}");
        }
        let mut out = String::from("before");
        assert!(write(&mut out, &json!([{"a": 1}, 2])).is_err());
        assert_eq!(out, "before");
    }

    #[test]
    fn escaping() {
        for (text, expected) in [
            ("", ""),
            ("plain ü", "plain ü"),
            ("<a href=\"x\">&amp;</a>", "&lt;a href=\"x\"&gt;&amp;amp;&lt;/a&gt;"),
            ("]]>", "]]&gt;"),
            ("\r\n\t", "&#13;\n\t"),
            ("\0a\u{b}&\u{fffe}b", "a&amp;b"),
            ("&", "&amp;"),
        ] {
            let mut out = String::from("+");
            escape(&mut out, text);
            assert_eq!(out.strip_prefix('+'), Some(expected), "{text:?}");
        }
    }
}
