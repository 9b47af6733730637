//! The table of commands: the nouns, and in each of them a file for every command.
//!
//! From this one table come dispatch, the manual, the audit row's fields and the tests that run every
//! example. Adding a command is its file, a `mod` line and a line in its noun's table.

pub mod accounts;
pub mod blank;
pub mod depots;
pub mod devices;
pub mod fields;
pub mod groups;
pub mod jobs;
pub mod kind;
pub mod licenses;
pub mod mail;
pub mod providers;
pub mod server;
pub mod users;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::command::Entry;
pub use fields::{Field, about, fields_of, groups, reply_of};
pub use kind::Kind;

/// The nouns, in the order of the manual.
pub static NOUNS: &[(&str, &[Entry])] = &[
    ("users", users::ALL),
    ("devices", devices::ALL),
    ("licenses", licenses::ALL),
    ("depots", depots::ALL),
    ("groups", groups::ALL),
    ("accounts", accounts::ALL),
    ("providers", providers::ALL),
    ("jobs", jobs::ALL),
    ("mail", mail::ALL),
    ("server", server::ALL),
];

static BY_NAME: LazyLock<HashMap<&'static str, (usize, &'static Entry)>> =
    LazyLock::new(|| all().enumerate().map(|(number, entry)| (entry.name, (number, entry))).collect());

/// All commands, in the order of the manual.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    NOUNS.iter().flat_map(|(_, entries)| entries.iter())
}

/// The noun of a command.
pub fn noun_of(name: &str) -> Option<&'static str> {
    NOUNS.iter().find(|(_, entries)| entries.iter().any(|entry| entry.name == name)).map(|(noun, _)| *noun)
}

/// The command of that exact name.
pub fn find(name: &str) -> Option<&'static Entry> {
    BY_NAME.get(name).map(|(_, entry)| *entry)
}

/// The place of that command among all of them.
pub fn number(name: &str) -> Option<usize> {
    BY_NAME.get(name).map(|(number, _)| *number)
}
