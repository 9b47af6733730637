//! The one notation of calls: `username=carol department='Human Resources'`.
//!
//! Examples in the manual, the tests' worlds and `regserver call` are all written in it, so that a
//! line can be copied from one to the other. It is the notation of a shell, as far as a line of
//! fields needs it: white space separates, quotes and the backslash keep it together, nothing is
//! ever expanded. A name may be repeated, which is how lists are sent. `parameter.name=X parameter.value=Y` is one
//! element with two inside; the next `parameter.name` begins the next one.

use serde_json::{Map, Value};

use crate::wire::{Wire, xml};

/// What every body begins with, as the clients in use write it `[C]`.
const DECLARATION: &str = "<?xml version='1.0' encoding='UTF-8' ?>";

/// Reads a line of fields: `name=value name2='two words'`.
pub fn fields(text: &str) -> Result<Vec<(String, String)>, String> {
    pairs(words(text)?.into_iter())
}

/// Reads fields that a shell has split already.
pub fn pairs(args: impl Iterator<Item = String>) -> Result<Vec<(String, String)>, String> {
    args.map(|word| pair(&word)).collect()
}

/// The body of a call on that wire; a `requesttime` among the fields counts instead of the one given here.
pub fn body(wire: Wire, command: &str, pairs: &[(String, String)], requesttime: i64) -> String {
    match wire {
        Wire::Xml => xml(command, pairs, requesttime),
        Wire::Json => json(command, pairs, requesttime),
    }
}

/// The same as JSON: a name that is repeated is a list.
pub fn json(command: &str, pairs: &[(String, String)], requesttime: i64) -> String {
    let mut members = Map::new();
    members.insert("command".to_owned(), command.into());
    if !pairs.iter().any(|(name, _)| name == "requesttime") {
        members.insert("requesttime".to_owned(), requesttime.into());
    }
    for (name, value) in elements(pairs) {
        let value = match value {
            Content::Text(text) => Value::from(text),
            Content::Inner(inner) => inner
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.into()))
                .collect::<Map<_, _>>()
                .into(),
        };
        match members.get_mut(name) {
            None => drop(members.insert(name.to_owned(), value)),
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(members).to_string()
}

/// The same as XML.
pub fn xml(command: &str, pairs: &[(String, String)], requesttime: i64) -> String {
    let mut body = format!("{DECLARATION}<teamdrive>");
    element(&mut body, "command", command);
    if !pairs.iter().any(|(name, _)| name == "requesttime") {
        element(&mut body, "requesttime", &requesttime.to_string());
    }
    for (name, value) in elements(pairs) {
        match value {
            Content::Text(text) => element(&mut body, name, text),
            Content::Inner(inner) => {
                body.push_str(&format!("<{name}>"));
                inner.into_iter().for_each(|(name, text)| element(&mut body, name, text));
                body.push_str(&format!("</{name}>"));
            }
        }
    }
    body.push_str("</teamdrive>");
    body
}

/// What stands in an element.
enum Content<'a> {
    Text(&'a str),
    Inner(Vec<(&'a str, &'a str)>),
}

/// The elements of a line: neighbours with the same name before the dot are in one, until a name comes again.
fn elements(pairs: &[(String, String)]) -> Vec<(&str, Content<'_>)> {
    let mut elements: Vec<(&str, Content<'_>)> = Vec::new();
    for (name, value) in pairs {
        let Some((outer, inner)) = name.split_once('.') else {
            elements.push((name, Content::Text(value)));
            continue;
        };
        match elements.last_mut() {
            Some((last, Content::Inner(have)))
                if *last == outer && have.iter().all(|(name, _)| *name != inner) =>
            {
                have.push((inner, value));
            }
            _ => elements.push((outer, Content::Inner(vec![(inner, value)]))),
        }
    }
    elements
}

fn element(body: &mut String, name: &str, value: &str) {
    body.push_str(&format!("<{name}>"));
    xml::escape(body, value);
    body.push_str(&format!("</{name}>"));
}

fn pair(word: &str) -> Result<(String, String), String> {
    let named = word.split_once('=').filter(|(name, _)| match name.split_once('.') {
        Some((outer, inner)) => is_name(outer) && is_name(inner),
        None => is_name(name),
    });
    let (name, value) = named.ok_or_else(|| format!("`{word}` is no field: write name=value"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Names of fields are plain words, so that nothing else gets between the tags.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain)
}

/// Splits a line into words like a shell: single quotes keep everything, double quotes and plain
/// text take a backslash before the next character.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = characters.next().ok_or("a backslash at the end stands for nothing")?;
                word.get_or_insert_default().push(next);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(format!("a quote {open} is not closed"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let shown = |(name, value): &(String, String)| format!("{name}[{value}]");
        fields(text).map(|fields| fields.iter().map(shown).collect())
    }

    #[test]
    fn words_and_quotes() {
        for (text, expected) in [
            ("", ""),
            (" a=1\n b=2\t", "a[1]b[2]"),
            ("a=1 a=2", "a[1]a[2]"),
            ("a= b=", "a[]b[]"),
            ("a='two words' b=\"x 'y' z\"", "a[two words]b[x 'y' z]"),
            ("a=un'quo'ted", "a[unquoted]"),
            ("a=x=y", "a[x=y]"),
            (r#"a=\'\ b b="\"\\" c='\'"#, r#"a[' b]b["\]c[\]"#),
            ("a=$true b=* c=<x>", "a[$true]b[*]c[<x>]"),
            ("a=''", "a[]"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn complaints_say_what_is_expected() {
        for (text, complaint) in [
            ("bob", "`bob` is no field: write name=value"),
            ("=1", "`=1` is no field: write name=value"),
            ("a>b=1", "`a>b=1` is no field: write name=value"),
            ("1a=1", "`1a=1` is no field: write name=value"),
            ("a='x", "a quote ' is not closed"),
            ("a=x\\", "a backslash at the end stands for nothing"),
        ] {
            assert_eq!(read(text), Err(complaint.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_dot_leads_into_an_element() {
        let fields = fields("a=0 p.name=x p.value=1 p.name=y p.value=<").unwrap_or_default();
        assert!(xml("c", &fields, 7).ends_with(
            "<a>0</a><p><name>x</name><value>1</value></p><p><name>y</name><value>&lt;</value></p></teamdrive>"
        ));
        let expected = r#""a":"0","p":[{"name":"x","value":"1"},{"name":"y","value":"<"}]}"#;
        assert!(json("c", &fields, 7).ends_with(expected));
        assert!(read("p.=1").is_err() && read(".p=1").is_err() && read("p.a.b=1").is_err());
    }

    #[test]
    fn a_body_is_escaped() {
        let fields = fields("username='a<b>&c' username=").unwrap_or_default();
        assert_eq!(
            xml("getuserdata", &fields, 7),
            "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>getuserdata</command>\
             <requesttime>7</requesttime><username>a&lt;b&gt;&amp;c</username><username></username></teamdrive>"
        );
        assert_eq!(
            json("getuserdata", &fields, 7),
            r#"{"command":"getuserdata","requesttime":7,"username":["a<b>&c",""]}"#
        );
        let own = [("requesttime".to_owned(), "x".to_owned())];
        assert!(xml("getversion", &own, 7).contains("<requesttime>x</requesttime></teamdrive>"));
    }
}
