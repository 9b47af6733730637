//! The table of commands as JSON, `regserver commands --json`: the facts of the reference, for programs
//! that make clients, forms or pages of them.

use serde_json::{Map, Value, json};

use super::{commands as manual, reference};
use crate::api::standard;
use crate::command::{Entry, Example};
use crate::commands::jobs::many;
use crate::commands::{Field, Kind, NOUNS, about, fields_of, groups, noun_of, reply_of};
use crate::error::Code;

/// All commands, with what holds for every call.
pub fn all() -> String {
    let commands: Vec<Value> = NOUNS.iter().flat_map(|(_, entries)| entries.iter()).map(command).collect();
    let table = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "fields": fields(&standard::FIELDS),
        "codes": codes(Code::COMMON),
        "commands": commands,
    });
    format!("{table:#}\n")
}

/// One command.
pub fn one(entry: &Entry) -> String {
    format!("{:#}\n", command(entry))
}

fn command(entry: &Entry) -> Value {
    let own = fields_of(entry);
    let choices = |or_none: bool| -> Vec<Vec<&str>> {
        let asked =
            groups(own).into_iter().filter(|group| group.iter().any(|field| field.or_none) == or_none);
        asked.map(|group| group.iter().map(|field| field.name.as_str()).collect()).collect()
    };
    json!({
        "name": entry.name,
        "noun": noun_of(entry.name),
        "about": about(entry),
        "class": entry.class.name(),
        "ties": entry.class.ties().iter().map(|tie| tie.name()).collect::<Vec<_>>(),
        "level": entry.class.level(),
        "rule": entry.class.rule(),
        "mark": entry.mark.letter(),
        "effect": manual::effect(entry),
        "bulk": many::names().contains(&entry.name),
        "fields": fields(own),
        "exactlyoneof": choices(false),
        "oneatmostof": choices(true),
        "reply": fields(&reply_of(entry)),
        "codes": codes(entry.refuses),
        "examples": entry.examples.iter().map(|shown| example(entry, shown)).collect::<Vec<_>>(),
    })
}

fn fields(fields: &[Field]) -> Vec<Value> {
    fields.iter().map(field).collect()
}

fn field(field: &Field) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), field.name.as_str().into());
    object.insert("aliases".into(), field.aliases.clone().into());
    kind(&field.kind, &mut object);
    object.insert("required".into(), field.required.into());
    object.insert("help".into(), field.help.as_str().into());
    Value::Object(object)
}

/// The kind's word, and what else there is to know of it.
fn kind(kind: &Kind, object: &mut Map<String, Value>) {
    object.insert("kind".into(), kind.word().into());
    match kind {
        Kind::Number(least, most) => {
            object.insert("least".into(), bound(*least));
            object.insert("most".into(), bound(*most));
        }
        Kind::Words(words) => drop(object.insert("words".into(), words.clone().into())),
        Kind::Constant(text) => drop(object.insert("value".into(), text.as_str().into())),
        Kind::List(entry) => {
            let mut inner = Map::new();
            self::kind(entry, &mut inner);
            object.insert("entry".into(), Value::Object(inner));
        }
        Kind::Members(members) => drop(object.insert("members".into(), fields(members).into())),
        _ => {}
    }
}

fn bound(bound: i128) -> Value {
    i64::try_from(bound)
        .map(Value::from)
        .or_else(|_| u64::try_from(bound).map(Value::from))
        .unwrap_or(Value::Null)
}

fn codes(codes: &[Code]) -> Vec<Value> {
    codes.iter().map(|code| json!({ "code": *code as i64, "message": code.text() })).collect()
}

fn example(entry: &Entry, example: &Example) -> Value {
    json!({
        "shows": example.shows,
        "given": example.given,
        "call": format!("{} {}", entry.name, example.call).trim_end(),
        "reply": example.reply,
        "json": reference::json_value(entry, example),
    })
}
