//! The writer of replies as JSON: the envelope, and the members of the reply inside it.
//!
//! A reply's struct says already what is a number, a truth or a list. Two habits of the protocol are
//! a formatter of ours: nothing is the empty text, as an empty element is, and characters that XML
//! cannot hold are dropped, so that a reply says the same on both wires.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use super::super::Unwritable;
use super::super::xml::chars;

/// What ends every reply.
pub const END: &str = "}";

/// Begins a reply: everything before its own members.
pub fn begin(out: &mut String, reg_version: &str, api_version: Option<&str>) {
    out.push_str("{\"regversion\":");
    out.push_str(&text(reg_version).unwrap_or_default());
    if let Some(version) = api_version {
        out.push_str(",\"apiversion\":");
        out.push_str(&text(version).unwrap_or_default());
    }
}

/// Appends the reply's members, in their order.
pub fn write<T: Serialize + ?Sized>(out: &mut String, reply: &T) -> std::result::Result<(), Unwritable> {
    let object = text(reply)?;
    match object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("") => {}
        Some(members) => {
            out.push(',');
            out.push_str(members);
        }
        None if object == "\"\"" => {}
        None => return Err(Unwritable("it is not a list of named members".to_owned())),
    }
    Ok(())
}

/// The exception in place of the members.
pub fn refuse(out: &mut String, code: i64, secondary: Option<i64>, message: &str) {
    #[derive(Serialize)]
    struct Refusal<'a> {
        exception: Exception<'a>,
    }
    #[derive(Serialize)]
    struct Exception<'a> {
        primarycode: i64,
        secondarycode: Option<i64>,
        message: &'a str,
    }
    let exception = Exception { primarycode: code, secondarycode: secondary, message };
    // Numbers and a text can always be written.
    let _ = write(out, &Refusal { exception });
}

fn text<T: Serialize + ?Sized>(value: &T) -> std::result::Result<String, Unwritable> {
    let mut bytes = Vec::with_capacity(256);
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, Plain));
    written.map_err(|error| Unwritable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Unwritable(error.to_string()))
}

/// Compact, with the protocol's habits.
struct Plain;

impl Formatter for Plain {
    fn write_null<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b"\"\"")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> Result<()> {
        if chars::are_legal(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut legal = String::with_capacity(fragment.len());
        chars::push_legal(&mut legal, fragment);
        writer.write_all(legal.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> Result<()> {
        match escape {
            CharEscape::AsciiControl(_) | CharEscape::Backspace | CharEscape::FormFeed => Ok(()),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written<T: Serialize + ?Sized>(reply: &T) -> std::result::Result<String, Unwritable> {
        let mut out = String::new();
        begin(&mut out, "4.7.1", None);
        write(&mut out, reply)?;
        out.push_str(END);
        Ok(out)
    }

    #[test]
    fn members_stand_behind_the_level() {
        for (reply, expected) in [
            (json!({"intresult": 0}), r#"{"regversion":"4.7.1","intresult":0}"#),
            (
                json!({"b": {"a": [], "c": [1, "x"]}, "a": true}),
                r#"{"regversion":"4.7.1","b":{"a":[],"c":[1,"x"]},"a":true}"#,
            ),
            (json!({"a": null, "b": [null]}), r#"{"regversion":"4.7.1","a":"","b":[""]}"#),
            (json!({}), r#"{"regversion":"4.7.1"}"#),
            (Value::Null, r#"{"regversion":"4.7.1"}"#),
        ] {
            assert_eq!(written(&reply).as_deref(), Ok(expected));
        }
        assert!(written("text").is_err() && written(&[1]).is_err() && written(&1).is_err());
    }

    #[test]
    fn texts_are_those_of_the_xml_wire() {
        let reply = json!({"a": "a\0\u{8}\u{c}\u{1f}b\u{ffff}c\"\\\r\n\t\u{7f}ü</>"});
        let expected = "{\"regversion\":\"4.7.1\",\"a\":\"abc\\\"\\\\\\r\\n\\t\u{7f}ü</>\"}";
        assert_eq!(written(&reply).as_deref(), Ok(expected));
    }

    #[test]
    fn refusals() {
        for (secondary, shown) in [(None, "\"\""), (Some(-6), "-6")] {
            let mut out = String::new();
            begin(&mut out, "4", Some("1\"0"));
            refuse(&mut out, -30000, secondary, "no \"x\"");
            let expected = format!(
                r#"{{"regversion":"4","apiversion":"1\"0","exception":{{"primarycode":-30000,"secondarycode":{shown},"message":"no \"x\""}}"#
            );
            assert_eq!(out, expected);
        }
    }
}
