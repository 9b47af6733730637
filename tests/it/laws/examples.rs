//! The table and its examples: complete, in their places, and true to the byte.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use regserver::command::Entry;
use regserver::commands::{self, Kind, NOUNS};
use regserver::error::Code;

use super::{ask, examples, given};
use crate::world::{CALLS, World};

#[test]
fn every_example_holds_to_the_byte() {
    let mut faults = String::new();
    for (entry, example) in examples() {
        let world = given(example);
        let reply = ask(&world, entry, example, "");
        if reply.inner() != example.reply {
            faults.push_str(&format!("\n{}: {}\n{}", entry.name, example.shows, reply.inner()));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_refusal_of_an_example_is_declared() {
    for (entry, example) in examples() {
        let Some(code) = primary_code(example.reply) else { continue };
        let mut declared = entry.refuses.iter().chain(Code::COMMON);
        assert!(declared.any(|known| *known as i64 == code), "{}: {code} is not declared", entry.name);
    }
}

#[test]
fn every_command_shows_a_success_and_a_refusal() {
    for entry in commands::all() {
        super::success(entry);
        let refused = entry.examples.iter().any(|example| primary_code(example.reply).is_some());
        assert!(refused || entry.refuses.is_empty(), "{} shows no refusal", entry.name);
        assert!(entry.examples.iter().all(|example| !example.shows.is_empty()), "{}", entry.name);
    }
}

#[test]
fn no_refusal_is_declared_twice_or_among_the_common_ones() {
    for entry in commands::all() {
        let mut seen = HashSet::new();
        for code in entry.refuses {
            assert!(seen.insert(*code), "{}: {code:?} stands twice", entry.name);
            assert!(!Code::COMMON.contains(code), "{}: {code:?} is common to all", entry.name);
        }
    }
}

#[test]
fn every_command_stands_once_in_the_table_and_in_a_file_of_its_name() {
    let mut names = HashSet::new();
    for entry in commands::all() {
        assert!(names.insert(entry.name), "{} stands twice", entry.name);
        assert!(commands::find(entry.name).is_some_and(|found| std::ptr::eq(found, entry)));
    }
    for (noun, entries) in NOUNS {
        let in_table: HashSet<String> = entries.iter().map(|entry| entry.name.to_owned()).collect();
        assert_eq!(in_table, commands_in(noun), "{noun}");
    }
    assert!(commands::find("GetVersion").is_none(), "names are compared exactly");
}

#[test]
fn every_field_says_what_it_is() {
    for entry in commands::all() {
        for field in commands::fields_of(entry).iter().chain(&commands::reply_of(entry)) {
            assert!(!field.help.is_empty(), "{}: {} has no help", entry.name, field.name);
            assert!(field.kind != Kind::Nothing, "{}: {}", entry.name, field.name);
        }
    }
}

#[test]
fn the_world_is_made_by_the_product_itself() {
    let world = World::new();
    let calls = CALLS.lines().filter(|line| line.contains("registeruser")).count();
    let users = world.dump().iter().filter(|row| row.starts_with("users: ")).count();
    assert_eq!(users, calls);
    world.service("portal").ask("loginuser", "username=alice password=wonder-2026").done();
    world.service("shop").ask("loginuser", "username=sheila password=queen-2026").done();
    world.service("branch").ask("loginuser", "username=bruno password=steady-2026").done();
}

/// The names of the files of a noun that hold a command.
fn commands_in(noun: &str) -> HashSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands").join(noun);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(holds_command).map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn holds_command(path: &PathBuf) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.contains("impl Command for "))
}

fn primary_code(reply: &str) -> Option<i64> {
    let rest = reply.strip_prefix("<exception><primarycode>")?;
    rest.split_once('<')?.0.parse().ok()
}

/// Kept so that a command cannot pass the laws by having none of its fields read.
#[test]
fn every_required_field_is_really_needed() {
    let world = World::new();
    for entry in commands::all().filter(|entry| needs_something(entry)) {
        let reply = world.service("portal").ask(entry.name, "").refused(Code::InvalidRequest);
        let message = reply.text("message");
        assert!(message.starts_with("Invalid Request: "), "{}: {message}", entry.name);
    }
}

fn needs_something(entry: &Entry) -> bool {
    commands::fields_of(entry).iter().any(|field| field.required) || super::takes_id(entry)
}
