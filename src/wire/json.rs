//! The JSON wire: a strict reader of requests and the writer of replies.
//!
//! A member is what an element is on the XML wire, and nothing gets in here that could not get in
//! there: names are XML's names, texts have XML's characters, and depth, number and length have the
//! same limits. The parser is `serde_json`; what it lets through and the protocol does not, such as a
//! member that is given twice, is checked here.
//!
//! Reading into a `serde_json::Value` first would be shorter, but of a repeated member it keeps only
//! the last, and of a long number only what fits into a float.

use std::borrow::Cow;

use super::fields::Fields;

pub mod form;
mod parts;
mod walk;
mod write;

pub use self::write::{END, begin, refuse, write};

/// Why a body is not the JSON of this protocol; for the log only, never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJson(pub &'static str);

/// Reads a request's fields: one JSON object, alone or as the variable `data` of a form.
///
/// Texts are borrowed from the body unless they have escapes or came in a form.
pub fn read(body: &[u8]) -> Result<Fields<'_>, NotJson> {
    match form::unwrapped(body)? {
        Cow::Borrowed(bytes) => walk::read(text(bytes)?),
        Cow::Owned(bytes) => walk::read(text(&bytes)?).map(Fields::into_owned),
    }
}

fn text(bytes: &[u8]) -> Result<&str, NotJson> {
    str::from_utf8(bytes).map_err(|_| NotJson("bad UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::super::fields::Value;
    use super::*;

    fn shown(fields: &Fields<'_>) -> String {
        let member = |(name, value): (&str, &Value<'_>)| match value {
            Value::Text(text) => format!("{name}[{text}]"),
            Value::Fields(inner) => format!("{name}({})", shown(inner)),
        };
        fields.iter().map(member).collect()
    }

    fn members(text: &str) -> Result<String, &'static str> {
        read(text.as_bytes()).map(|fields| shown(&fields)).map_err(|why| why.0)
    }

    #[test]
    fn members_are_fields() {
        for (text, expected) in [
            ("{}", ""),
            (" \r\n\t{ \"a\" : \" x \" , \"b\" : \"\" }\n", "a[ x ]b[]"),
            (r#"{"a":true,"b":false,"c":null,"d":"null"}"#, "a[true]b[false]d[null]"),
            (
                r#"{"a":7,"b":-0,"c":1.50,"d":1e3,"e":123456789012345678901234567890}"#,
                "a[7]b[-0]c[1.50]d[1e3]e[123456789012345678901234567890]",
            ),
            (r#"{"a":{"b":{"c":"1"},"b2":2},"d":{}}"#, "a(b(c[1])b2[2])d()"),
            (r#"{"a":"\"\\\/\n\r\tü\u00e4\ud83d\ude00<&>"}"#, "a[\"\\/\n\r\tüä😀<&>]"),
            (r#"{"\u0061b":"1"}"#, "ab[1]"),
        ] {
            assert_eq!(members(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn lists_are_repeated_fields() {
        for (text, expected) in [
            (r#"{"a":["1",2,true,null,""]}"#, "a[1]a[2]a[true]a[]"),
            (r#"{"a":[{"n":"1"},{"n":"2"}]}"#, "a(n[1])a(n[2])"),
            (r#"{"a":["1"],"b":"2,3"}"#, "a[1]b[2,3]"),
            // These would be split, or taken for something else, if they stood alone.
            (r#"{"a":["1,2"]}"#, "a(entry[1,2])"),
            (r#"{"a":[" [] "]}"#, "a(entry[ [] ])"),
            (r#"{"a":[{"n":{"m":"1"}}]}"#, "a(entry(n(m[1])))"),
            (r#"{"a":[]}"#, "a(entry[])"),
            (r#"{"a":[null]}"#, "a(entry[])"),
        ] {
            assert_eq!(members(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_common_request_is_borrowed() {
        let fields = read(br#"{"command":"removeuser","requesttime":1767225600,"x":["a","b"]}"#).unwrap();
        assert_eq!(fields.iter().count(), 4);
        assert!(fields.iter().all(|(_, value)| matches!(value, Value::Text(Cow::Borrowed(_)))));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "null",
            "1",
            "\"x\"",
            "[]",
            "[{}]",
            "{",
            "}",
            "{}}",
            "{}{}",
            "{} x",
            "{}\0",
            "\u{feff}{}",
            "{a:1}",
            "{'a':1}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[1}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":+1}"#,
            r#"{"a":NaN}"#,
            r#"{"a":-}"#,
            r#"{"a":True}"#,
            r#"{"a":nul}"#,
            r#"{"a":"x}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\n\"}",
            "{\"a\":1}//x",
            "/**/{}",
            r#"{"a":"\u12"}"#,
            "<teamdrive/>",
        ] {
            assert!(members(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_xml_could_not_bring_is_refused() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":null,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"a":"\u0000"}"#,
            r#"{"a":"\u0001"}"#,
            r#"{"a":"\b"}"#,
            r#"{"a":"\f"}"#,
            r#"{"a":"\uffff"}"#,
            "{\"a\":\"\u{fffe}\"}",
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\udc00x"}"#,
            r#"{"a":"\ud800\ud800"}"#,
            r#"{"":1}"#,
            r#"{"a b":1}"#,
            r#"{"1":1}"#,
            r#"{"a=b":1}"#,
            r#"{"a/b":1}"#,
            r#"{"\ud800":1}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":[[]]}"#,
        ] {
            assert!(members(text).is_err(), "{text:?}");
        }
        assert!(read(b"{\"a\":\"\xff\"}").is_err() && read(b"{\"a\":\"\xed\xa0\x80\"}").is_err());
        assert!(members(r#"{"a":1,"x":{"a":1},"y":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn limits() {
        let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        assert!(members(&nested(3)).is_ok() && members(&nested(4)).is_err());
        assert!(members(&nested(100_000)).is_err() && members(&"{\"a\":".repeat(100_000)).is_err());
        assert!(members(&format!("{{\"a\":{}", "[".repeat(500_000))).is_err());
        let many = |count: usize| {
            let members: Vec<String> = (0..count).map(|n| format!("\"a{n}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(members(&many(1_999)).is_ok() && members(&many(2_000)).is_err());
        let list = |count: usize| format!("{{\"a\":[{}]}}", vec!["1"; count].join(","));
        assert!(members(&list(1_999)).is_ok() && members(&list(2_000)).is_err());
        assert!(
            members(&format!("{{\"a\":{},\"b\":[{}]}}", list(1_000), vec!["1"; 1_000].join(","))).is_err()
        );
        let long = |name: &str, length: usize| format!("{{\"{name}\":\"{}\"}}", "x".repeat(length));
        assert!(members(&long("a", 64 << 10)).is_ok() && members(&long("a", (64 << 10) + 1)).is_err());
        assert!(members(&long("csv", 1 << 20)).is_ok());
        assert!(members(&format!("{{\"a\":{}}}", "1".repeat((64 << 10) + 1))).is_err());
    }

    #[test]
    fn forms() {
        for (form, expected) in [
            ("data={\"a\":\"b\"}", "a[b]"),
            ("data=%7B%22a%22%3a%22b%20c+d%2B%26%22%7d\n", "a[b c d+&]"),
            ("x=%zz&data={}&SESS=abc&y", ""),
            ("d%61ta={\"a\":\"%C3%BC\"}", "a[ü]"),
            (" data={\"a\":\"x=y\"}", "a[x=y]"),
        ] {
            assert_eq!(members(form).as_deref(), Ok(expected), "{form}");
        }
        for form in [
            "data=",
            "data",
            "Data={}",
            "x={}",
            "data={}&data={}",
            "data={}&d%61ta={}",
            "data=%7B%7",
            "data=%7B%zz}",
            "data=[]",
            "data={\"a\":\"%ff\"}",
            "data=data%3D%7B%7D",
            "data={\"a\":\"b&c\"}",
            "--x\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{}\r\n--x--\r\n",
            "--x\r\n\r\n&data={}&\r\n--x--",
        ] {
            assert!(members(form).is_err(), "{form}");
        }
    }
}
