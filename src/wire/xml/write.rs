//! The writer of replies: members one after another, without a root.
//!
//! A reply is written once, straight behind the envelope's head; the one that is kept for a
//! repetition is JSON and comes back the same way.

use serde::Serialize;
use serde_json::Value;

use super::super::Unwritable;
use super::chars;
use super::elements::Element;

/// Appends the reply's members as elements, in their order, without a root.
///
/// Lists become repeated elements, empty values an open and a close tag, and characters that XML
/// cannot hold are dropped. An empty reply writes nothing. If it fails, `out` is as it was.
pub fn write<T: Serialize + ?Sized>(out: &mut String, reply: &T) -> Result<(), Unwritable> {
    let start = out.len();
    let written = reply.serialize(Element { out, name: None });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// The same for a reply that was kept as JSON.
pub fn write_kept(out: &mut String, reply: &Value) {
    if let Value::Object(members) = reply {
        for (name, value) in members {
            write_member(out, name, value);
        }
    }
}

fn write_member(out: &mut String, name: &str, value: &Value) {
    if let Value::Array(values) = value {
        return values.iter().for_each(|value| write_member(out, name, value));
    }
    open(out, name);
    match value {
        Value::String(text) => escape(out, text),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::Object(_) => write_kept(out, value),
        Value::Null | Value::Array(_) => {}
    }
    close(out, name);
}

pub(super) fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

pub(super) fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
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
    fn what_was_kept_as_json_is_written_like_the_struct() {
        let kept = |value: &Value| {
            let mut out = String::new();
            write_kept(&mut out, value);
            out
        };
        assert_eq!(kept(&serde_json::to_value(user()).unwrap()), USER);
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
        ] {
            assert_eq!(kept(&value), expected, "{value}");
        }
    }

    #[test]
    fn empty_replies_write_nothing() {
        assert_eq!(written(&Nothing {}).as_deref(), Ok(""));
        assert_eq!(written(&()).as_deref(), Ok(""));
        assert_eq!(written(&None::<User>).as_deref(), Ok(""));
        assert_eq!(written(&Some(Nothing {})).as_deref(), Ok(""));
    }

    #[test]
    fn what_has_no_names_is_refused() {
        #[derive(Serialize)]
        struct Half {
            a: u8,
            b: std::collections::BTreeMap<String, u8>,
        }
        assert!(written("text").is_err());
        assert!(written(&1).is_err());
        assert!(written(&[1]).is_err());
        assert!(written(&[user(), user()]).is_err());
        let mut out = String::from("before");
        assert!(write(&mut out, &Half { a: 1, b: [("c".to_owned(), 1)].into() }).is_err());
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
