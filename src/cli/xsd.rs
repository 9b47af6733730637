//! The XML Schemas of a command, `regserver commands --xsd`: one of its request, one of its reply.
//!
//! Both are made from the table's facts, so a command has them from the moment it stands there. A
//! reply is a sequence, which a schema says exactly. A request is not: its fields come in any order
//! and unknown ones are ignored, and XML Schema 1.0, which is what validators know, has no content
//! model for that (`xs:all` takes no wildcard, and a wildcard beside known elements is ambiguous). So
//! the root takes anything, `processContents="lax"` holds each known field to its global declaration,
//! and identity constraints over the root say which must be there and which not twice.
//!
//! The rule for a request is that what its schema accepts can be read by the server. The server reads
//! more: a blank field beside the one that counts, the same field again, attributes.

mod types;

use std::path::Path;

use self::types::{Lines, Side};
use super::{Failure, REFUSED};
use crate::api::standard;
use crate::command::{Effect, Entry};
use crate::commands::{Field, Kind, about, fields_of, groups, reply_of};

/// The field that only commands that write take.
const REPEATABLE: &str = "idempotencykey";

/// Writes both schemas of each command into the folder, which is made, and says how many files.
pub fn write(folder: &Path, entries: &[&'static Entry]) -> Result<usize, Failure> {
    let cannot = |path: &Path, error: std::io::Error| {
        Failure(REFUSED, format!("cannot write {}: {error}; name another folder with --out", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
    for entry in entries {
        for (of, text) in [("request", request(entry)), ("reply", reply(entry))] {
            let path = folder.join(format!("{}.{of}.xsd", entry.name));
            std::fs::write(&path, text).map_err(|error| cannot(&path, error))?;
        }
    }
    Ok(2 * entries.len())
}

/// The schema of a command's requests.
pub fn request(entry: &Entry) -> String {
    let mut lines = Lines::new(Side::Request);
    lines.document(&format!(
        "A request of {0}: {1} The fields stand in any order; others are ignored, save that below them the names of \
         this schema keep their kinds. A list is the element repeated, one with commas between the values, or one with \
         an element for each value; its values are not looked at here, nor whether it is there. What is valid here the \
         server can read; it also takes a blank field, one repeated (the first counts) and attributes.",
        entry.name,
        about(entry)
    ));
    let own = fields_of(entry);
    let standard = || {
        let taken = |field: &&Field| field.name != REPEATABLE || entry.effect == Effect::Writes;
        standard::FIELDS.iter().filter(taken).filter(|field| !own.iter().any(|o| o.name == field.name))
    };
    root(&mut lines, own, standard());
    for field in standard() {
        match field.name.as_str() {
            "command" => lines.given(field, &field.name, &Kind::Words(vec![entry.name.to_owned()])),
            name => lines.given(field, name, &field.kind),
        }
    }
    for field in own {
        field.names().for_each(|name| lines.given(field, name, &field.kind));
    }
    lines.end()
}

/// The root of a request, with what must be there and what not twice.
fn root<'a>(lines: &mut Lines, own: &'a [Field], standard: impl Iterator<Item = &'a Field>) {
    lines.open("xs:element name=\"teamdrive\"");
    lines.open("xs:complexType");
    lines.anything("lax");
    lines.close("xs:complexType");
    for group in groups(own) {
        let names: Vec<&str> = group.iter().flat_map(|field| field.names()).collect();
        match group.iter().any(|field| field.or_none) {
            true => lines.constraint("xs:unique", "one-at-most-of", &names),
            false => lines.constraint("xs:key", "exactly-one-of", &names),
        }
    }
    for field in standard.chain(own).filter(|field| !field.one_of) {
        let names: Vec<&str> = field.names().collect();
        match (&field.kind, field.required) {
            // What has elements inside, or may be repeated, can be no part of a constraint.
            (Kind::List(_) | Kind::Members(_) | Kind::Nothing, _) => {}
            (_, true) => lines.constraint("xs:key", "needed", &names),
            (_, false) => lines.constraint("xs:unique", "once-at-most", &names),
        }
    }
    lines.close("xs:element");
}

/// The schema of a command's replies.
pub fn reply(entry: &Entry) -> String {
    let mut lines = Lines::new(Side::Reply);
    lines.document(&format!(
        "A reply to {}: its elements in the order in which they are written, or the exception in their place.",
        entry.name
    ));
    lines.open("xs:element name=\"teamdrive\"");
    lines.open("xs:complexType");
    lines.open("xs:sequence");
    lines.line("<xs:element name=\"regversion\" type=\"xs:string\"/>");
    lines.line("<xs:element name=\"apiversion\" type=\"xs:string\" minOccurs=\"0\"/>");
    lines.open("xs:choice");
    exception(&mut lines);
    lines.open("xs:sequence");
    reply_of(entry).iter().for_each(|member| lines.written(member));
    lines.close("xs:sequence");
    lines.close("xs:choice");
    lines.close("xs:sequence");
    lines.close("xs:complexType");
    lines.close("xs:element");
    lines.end()
}

fn exception(lines: &mut Lines) {
    lines.open("xs:element name=\"exception\"");
    lines.open("xs:complexType");
    lines.open("xs:sequence");
    lines.line("<xs:element name=\"primarycode\" type=\"xs:int\"/>");
    lines.typed("<xs:element name=\"secondarycode\"", &Kind::Number(i64::MIN.into(), i64::MAX.into()), true);
    lines.line("<xs:element name=\"message\" type=\"xs:string\"/>");
    lines.close("xs:sequence");
    lines.close("xs:complexType");
    lines.close("xs:element");
}
