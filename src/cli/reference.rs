//! The reference of all commands as Markdown: `regserver commands --markdown`.
//!
//! It is printed from the table of commands, so it cannot say anything else than what the program does;
//! the examples in it are the ones that the tests run.

use std::fmt::Write;

use super::{call, json, notation};
use crate::api::standard;
use crate::command::{Entry, Example};
use crate::commands::{Field, NOUNS, about, fields_of, groups, reply_of};
use crate::error::Code;
use crate::wire::xml;

/// A time for the bodies of examples; a server without `RequestTimeWindow` accepts any.
const TIME: i64 = 1_767_225_600;
const URL: &str = "http://127.0.0.1:8080/yvva/api/api.xml";

/// The whole document.
pub fn markdown() -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# The commands of regserver {}\n", env!("CARGO_PKG_VERSION"));
    text.push_str(
        "A call is one XML document, POSTed to `/yvva/api/api.xml?checksum=…`, or one JSON object, POSTed to\n\
         `/yvva/api/api.json?checksum=…`; `regserver checksum` computes the checksum. Marks: **[D]** documented in the public reference of the original, **[C]** proven by a client in\n\
         use, **[O]** this program's own choice.\n\n## Contents\n\n",
    );
    for (noun, entries) in NOUNS {
        let links = entries.iter().map(|entry| format!("[`{0}`](#{0})", entry.name));
        let _ = writeln!(text, "* {noun}: {}", links.collect::<Vec<_>>().join(" "));
    }
    text.push_str("\n## Fields of every call\n\n| field | kind | meaning |\n|---|---|---|\n");
    standard::FIELDS.iter().for_each(|field| row(&mut text, field, None));
    text.push_str("\n## Codes that every call may answer\n\n| code | message |\n|---|---|\n");
    for code in Code::COMMON {
        let _ = writeln!(text, "| {} | `{}` |", *code as i64, code.text());
    }
    for (noun, entries) in NOUNS {
        let _ = writeln!(text, "\n## {noun}");
        entries.iter().for_each(|entry| section(&mut text, entry));
    }
    text
}

/// One command.
pub fn section(text: &mut String, entry: &Entry) {
    let _ = writeln!(text, "\n### {}\n\n{}\n", entry.name, about(entry));
    let _ = writeln!(
        text,
        "**{}{}** ({}) · [{}] · {}\n",
        entry.class.name(),
        entry.class.level().map_or(String::new(), |level| format!(", level {level}")),
        entry.class.rule(),
        entry.mark.letter(),
        super::commands::effect(entry)
    );
    let fields = fields_of(entry);
    if fields.is_empty() {
        text.push_str("It has no fields of its own.\n");
    } else {
        text.push_str("| field | kind | needed | meaning |\n|---|---|---|---|\n");
        fields.iter().for_each(|field| row(text, field, Some(&needed(field, fields))));
    }
    text.push_str("\nReply:\n\n| element | kind | meaning |\n|---|---|---|\n");
    reply_of(entry).iter().for_each(|field| row(text, field, None));
    if !entry.refuses.is_empty() {
        text.push_str("\n| code | message |\n|---|---|\n");
        for code in entry.refuses {
            let _ = writeln!(text, "| {} | `{}` |", *code as i64, code.text());
        }
    }
    entry.examples.iter().for_each(|shown| example(text, entry, shown));
}

/// Whether the call needs the field, or one of those that name the same thing.
fn needed(field: &Field, all: &[Field]) -> String {
    match groups(all).iter().find(|group| group.contains(&field)) {
        Some(group) => super::commands::choice(group),
        None if field.required => "yes".to_owned(),
        None => String::new(),
    }
}

fn row(text: &mut String, field: &Field, needed: Option<&str>) {
    let names = field.names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let needed = needed.map_or(String::new(), |needed| format!(" {needed} |"));
    let _ = writeln!(text, "| {names} | {} |{needed} {} |", cell(&field.kind.to_string()), cell(&field.help));
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn example(text: &mut String, entry: &Entry, example: &Example) {
    let _ = writeln!(text, "\nExample: {}.\n", example.shows);
    if !example.given.is_empty() {
        text.push_str("After\n\n```sh\n");
        for given in example.given {
            let _ = writeln!(text, "regserver call {given}");
        }
        text.push_str("```\n\n");
    }
    let fields = notation::fields(example.call).unwrap_or_default();
    let body = notation::xml(entry.name, &fields, TIME);
    let _ = writeln!(text, "```xml\n{body}\n```\n");
    let _ = writeln!(
        text,
        "```sh\nBODY={}\ncurl -d \"$BODY\" \"{URL}?checksum=$(printf '%s' \"$BODY\" | regserver checksum)\"\n```\n",
        call::quoted(&body)
    );
    let _ = writeln!(text, "answers, behind `<regversion>`,\n\n```xml\n{}\n```\n", example.reply);
    let body = notation::json(entry.name, &fields, TIME);
    let reply = json_reply(entry, example);
    let _ = writeln!(text, "and as JSON\n\n```json\n{body}\n```\n\nanswers\n\n```json\n{reply}\n```");
}

/// The reply of an example as the JSON endpoint gives it, without `regversion`.
pub fn json_reply(entry: &Entry, example: &Example) -> String {
    json_value(entry, example).to_string()
}

/// The same as a value.
pub fn json_value(entry: &Entry, example: &Example) -> serde_json::Value {
    let root = xml::tree(&format!("<teamdrive>{}</teamdrive>", example.reply)).unwrap_or_default();
    json::of(entry.name, &root.members)
}
