//! Which commands are run for many users at once: changes about one user, with nothing secret in them or in their
//! replies, that strangers may not make. The table says so by itself; a list beside it would grow wrong.

use std::sync::LazyLock;

use crate::access::Class;
use crate::command::{Effect, Entry};
use crate::commands;
use crate::error::{Result, invalid};

static FIT: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| commands::all().filter(|entry| fits(entry)).map(|entry| entry.name).collect());

/// Their names, in the order of the manual.
pub fn names() -> &'static [&'static str] {
    &FIT
}

/// The command of that name, if it may be run for many users.
pub fn in_bulk(name: &str) -> Result<&'static Entry> {
    let entry = commands::find(name).ok_or_else(|| {
        invalid("bulkcommand is no command; `getcommands` marks those that runbulk takes with bulk")
    })?;
    match names().contains(&name) {
        true => Ok(entry),
        false => Err(invalid(
            "bulkcommand must be a change about one user without anything secret, such as disableuser or \
             setdepartment; `getcommands` marks them with bulk",
        )),
    }
}

fn fits(entry: &Entry) -> bool {
    let fields = commands::fields_of(entry);
    let id = fields.iter().any(|field| field.name == "useroremail" && field.one_of && !field.or_none);
    let secret = fields.iter().any(|field| field.secret)
        || commands::reply_of(entry).iter().any(|field| field.kind.to_string().contains("secret"));
    entry.effect == Effect::Writes && id && !secret && entry.class != Class::Public
}
