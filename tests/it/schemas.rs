//! The XML Schemas that the program prints, held by a real validator against everything that is known
//! to be right and to be wrong: all examples, all exchanges, and both of them spoiled.
//!
//! The validator is xmllint, called once for each schema with all its documents, because it is the
//! start of a program that costs.

mod spoiled;

use std::collections::BTreeMap;
use std::path::Path;

use regserver::api::standard;
use regserver::cli::notation;
use regserver::command::Entry;
use regserver::commands::{self, Kind};

use crate::exchanges::{self, file::Exchange};
use crate::program::Folder;

/// Exchanges in which the server takes more than the schema, and why the schema does not.
const LENIENT: [(&str, &str); 3] = [
    ("values/blank-is-absent", "constraints count elements, blank ones too"),
    ("values/blank-then-given", "a field stands once"),
    ("values/twice", "a field stands once"),
];

const TIME: i64 = 1_767_225_600;
/// A reply to a call that names no command has the exception alone, which is the same in every schema.
const ANY: &str = "getversion";

/// Documents by the schema that they are held against.
#[derive(Default)]
struct Pile(BTreeMap<String, Vec<Document>>);

struct Document {
    name: String,
    text: Vec<u8>,
    valid: bool,
}

impl Pile {
    fn add(&mut self, command: &str, side: &str, name: &str, text: &[u8], valid: bool) {
        let document = Document { name: name.to_owned(), text: text.to_vec(), valid };
        self.0.entry(format!("{command}.{side}")).or_default().push(document);
    }

    /// What the validator says otherwise.
    fn faults(&self) -> Vec<String> {
        let folder = Folder::new();
        let run = folder.run(&["commands", "--xsd", "all", "--out", "."], "");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        self.0.iter().flat_map(|(schema, documents)| judge(&folder.0, schema, documents)).collect()
    }
}

fn judge(folder: &Path, schema: &str, documents: &[Document]) -> Vec<String> {
    let files: Vec<String> = (0..documents.len()).map(|number| format!("{number}.xml")).collect();
    for (file, document) in files.iter().zip(documents) {
        std::fs::write(folder.join(file), &document.text).unwrap();
    }
    let mut command = std::process::Command::new("xmllint");
    command.current_dir(folder).args(["--noout", "--nonet", "--schema"]).arg(format!("{schema}.xsd"));
    let run = command.args(&files).output();
    let run = run.unwrap_or_else(|error| panic!("xmllint: {error}; tests/run installs what is missing"));
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(!said.contains("failed to compile"), "{schema}: {said}");
    let mut faults = Vec::new();
    for (file, document) in files.iter().zip(documents) {
        let valid = said.lines().any(|line| line == format!("{file} validates"));
        if valid != document.valid {
            let about = said.lines().filter(|line| line.starts_with(&format!("{file}:")));
            let about: Vec<&str> = about.collect();
            let text = String::from_utf8_lossy(&document.text);
            faults.push(format!("{schema}: {}: valid {valid}\n  {text}\n  {about:?}", document.name));
        }
    }
    faults
}

/// Whether a request must be valid, by what was answered.
fn must_be_valid(entry: &Entry, name: &str, reply: &str) -> bool {
    let wrong =
        reply.split_once("<message>Invalid Request: ").and_then(|(_, rest)| rest.split_once("</message>"));
    match wrong {
        Some((message, _)) => !is_seen(entry, message),
        None => !LENIENT.iter().any(|(known, _)| *known == name),
    }
}

/// Whether what the server complains of is a matter of names and kinds, and so of the schema; not what
/// stands in a list, and not what a value would have to be for this world, this caller or this moment.
fn is_seen(entry: &Entry, message: &str) -> bool {
    let choice = message.starts_with("only one of ") || message.ends_with(", not both");
    if choice || message == "activationcode is needed, or a group and a user" {
        return true;
    }
    // Of fields that may all be missing, the schema does not know that one must be there.
    let needed = message.strip_prefix("one of ").and_then(|rest| rest.strip_suffix(" is needed"));
    if let Some(names) = needed {
        let known = commands::fields_of(entry);
        return names.split(", ").all(|name| known.iter().any(|field| field.name == name && field.one_of));
    }
    let Some((name, says)) = message.split_once(' ') else { return false };
    let mut fields = standard::FIELDS.iter().chain(commands::fields_of(entry));
    let Some(field) = fields.find(|field| field.names().any(|known| known == name)) else { return false };
    match (&field.kind, says) {
        (Kind::List(_), _) => false,
        (_, "is missing") => field.required,
        (_, "is given twice") => true,
        (Kind::Number(..), says) => {
            ["must be a whole number", "is too large", "is too small"].contains(&says)
        }
        (Kind::Truth, says) => says == "must be true or false",
        (Kind::Words(_), says) => says.starts_with("must be one of "),
        (Kind::Date | Kind::Timestamp, says) => says.starts_with("must be a da"),
        (_, says) => says == "must be text",
    }
}

fn body_of(entry: &Entry, call: &str) -> String {
    notation::xml(entry.name, &notation::fields(call).unwrap(), TIME)
}

fn reply_of(inner: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8' ?>\n<teamdrive><regversion>4.7.1</regversion>{inner}</teamdrive>"
    )
}

#[test]
fn every_example_is_as_its_schemas_say() {
    let mut pile = Pile::default();
    for entry in commands::all() {
        for example in entry.examples {
            let name = format!("{}: {}", entry.name, example.shows);
            let valid = must_be_valid(entry, &name, example.reply);
            pile.add(entry.name, "request", &name, body_of(entry, example.call).as_bytes(), valid);
            pile.add(entry.name, "reply", &name, reply_of(example.reply).as_bytes(), true);
        }
    }
    let faults = pile.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_exchange_is_as_its_schemas_say() {
    let mut pile = Pile::default();
    for path in exchanges::all() {
        let exchange = Exchange::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut parts = path.components().rev().map(|part| part.as_os_str().to_str().unwrap());
        let (file, folder) = (parts.next().unwrap(), parts.next().unwrap());
        let name = format!("{folder}/{}", file.trim_end_matches(".txt"));
        let (_, reply) = exchange.reply.split_once('\n').unwrap();
        if !reply.starts_with("<?xml") {
            continue;
        }
        let body = exchange.bytes();
        let command = command(&body);
        pile.add(command.map_or(ANY, |entry| entry.name), "reply", &name, reply.as_bytes(), true);
        // What is not the protocol's XML is its reader's matter, and it is refused as a whole.
        if let Some(entry) = command.filter(|_| !reply.contains("<primarycode>-30003<")) {
            let valid = must_be_valid(entry, &name, reply);
            pile.add(entry.name, "request", &name, &timed(&exchange, body), valid);
        }
    }
    assert!(pile.0.values().map(Vec::len).sum::<usize>() > 500);
    let faults = pile.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The known command that a body names.
fn command(body: &[u8]) -> Option<&'static Entry> {
    let text = String::from_utf8_lossy(body);
    let document = roxmltree::Document::parse(&text).ok()?;
    let given = document.root_element().children().filter(|node| node.has_tag_name("command"));
    let name = given.filter_map(|node| node.text()).map(str::trim).find(|name| !name.is_empty())?;
    commands::find(name)
}

/// A key or a session need not send the time; the schema asks everybody for it.
fn timed(exchange: &Exchange, body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body).into_owned();
    match exchange.shows.is_some() && !text.contains("<requesttime>") {
        true => {
            text.replace("</command>", &format!("</command><requesttime>{TIME}</requesttime>")).into_bytes()
        }
        false => body,
    }
}
