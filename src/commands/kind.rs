//! The kind of a field, read from the schema of its type.
//!
//! The manual prints it as a word; the XML Schemas and the table as JSON need what the word leaves
//! out: bounds, the words of a choice, what stands inside. Both are the same value, so they agree.

use std::fmt;

use serde_json::Value;

use super::fields::{Field, members, resolve, texts};

/// What may stand under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is masked in logs.
    Secret,
    /// A whole number, from the first to the second.
    Number(i128, i128),
    /// `true` or `false`.
    Truth,
    /// A moment; in a request also a day.
    Timestamp,
    /// A day.
    Date,
    /// One of these words.
    Words(Vec<String>),
    /// Always this.
    Constant(String),
    /// Any of these.
    Any(Vec<Kind>),
    /// May repeat.
    List(Box<Kind>),
    /// Fields of its own.
    Members(Vec<Field>),
    /// Nothing that is known.
    Nothing,
}

impl Kind {
    /// The kind of that type.
    pub(super) fn of(schema: &Value, root: &Value) -> Kind {
        let schema = resolve(schema, root);
        if let Some(kind) = formatted(schema["format"].as_str().unwrap_or_default()) {
            return kind;
        }
        if schema["enum"].is_array() {
            return Kind::Words(texts(&schema["enum"]));
        }
        if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            return any(choices.iter().map(|choice| Kind::of(choice, root)));
        }
        if let Some(constant) = schema.get("const") {
            return Kind::Constant(constant.as_str().map_or_else(|| constant.to_string(), str::to_owned));
        }
        match named(schema) {
            "string" => Kind::Text,
            "boolean" => Kind::Truth,
            "integer" => number(schema),
            "array" => Kind::List(Box::new(Kind::of(&schema["items"], root))),
            "object" => Kind::Members(members(schema, root)),
            _ => Kind::Nothing,
        }
    }

    /// The word for it, without what the bounds and the choice are.
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Text | Kind::Any(_) => "text",
            Kind::Secret => "secret",
            Kind::Number(..) => "number",
            Kind::Truth => "truth",
            Kind::Timestamp => "timestamp",
            Kind::Date => "date",
            Kind::Words(_) => "choice",
            Kind::Constant(_) => "constant",
            Kind::List(_) => "list",
            Kind::Members(_) => "members",
            Kind::Nothing => "nothing",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Words(words) => f.write_str(&words.join("|")),
            Kind::Constant(text) => f.write_str(text),
            Kind::Any(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Kind::to_string).collect();
                f.write_str(&kinds.join("|"))
            }
            Kind::List(entry) => write!(f, "list of {entry}"),
            Kind::Members(members) => {
                let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
                write!(f, "({})", names.join(" "))
            }
            plain => f.write_str(plain.word()),
        }
    }
}

fn formatted(format: &str) -> Option<Kind> {
    match format {
        "secret" => Some(Kind::Secret),
        "timestamp" => Some(Kind::Timestamp),
        "date" => Some(Kind::Date),
        _ => None,
    }
}

/// The type's name; of a type that may also be absent, the other one.
fn named(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
        }
        other => other.as_str().unwrap_or_default(),
    }
}

/// One kind stays itself, words and constants are words, others stand beside each other.
fn any(kinds: impl Iterator<Item = Kind>) -> Kind {
    let mut kinds: Vec<Kind> = kinds.filter(|kind| *kind != Kind::Nothing).collect();
    let words = |kind: &Kind| match kind {
        Kind::Words(words) => Some(words.clone()),
        Kind::Constant(word) => Some(vec![word.clone()]),
        _ => None,
    };
    match kinds.iter().map(words).collect::<Option<Vec<_>>>() {
        _ if kinds.len() == 1 => kinds.remove(0),
        Some(words) => Kind::Words(words.concat()),
        None => Kind::Any(kinds),
    }
}

fn number(schema: &Value) -> Kind {
    let format = schema["format"].as_str().unwrap_or_default();
    let bits = |text: &str| text.parse::<u32>().ok().filter(|bits| *bits <= 64).unwrap_or(64);
    let (least, most) = match format.strip_prefix("uint") {
        Some(rest) => (0, (1_i128 << bits(rest)) - 1),
        None => {
            let half = 1_i128 << (bits(format.strip_prefix("int").unwrap_or_default()) - 1);
            (-half, half - 1)
        }
    };
    let stated = |name: &str| schema[name].as_i64().map(i128::from);
    Kind::Number(stated("minimum").unwrap_or(least), stated("maximum").unwrap_or(most))
}
