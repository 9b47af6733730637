//! What holds for every command, proven by walking the table.
//!
//! A new command is under these laws from the moment it stands in the table; nobody has to remember
//! to write its tests for access, tenants, secrets or undone refusals.

mod access;
mod again;
mod belongings;
mod callers;
mod credentials;
mod examples;
mod functions;
mod log;
mod own;
mod random;
mod rights;
mod schema;
mod secrets;
mod store;
mod templates;
mod tenants;
mod wires;

use regserver::access::{Class, OWN};
use regserver::command::{Entry, Example};
use regserver::commands::{self, Field};

use crate::world::{Party, Reply, STRANGE, World};

/// Every example of every command.
fn examples() -> impl Iterator<Item = (&'static Entry, &'static Example)> {
    commands::all().flat_map(|entry| entry.examples.iter().map(move |example| (entry, example)))
}

/// A world in which the calls before the example were made.
fn given(example: &Example) -> World {
    let world = World::new();
    for line in example.given {
        world.call(line).done();
    }
    world
}

/// Who makes the call of an example: the usual service, and the user where nobody else may.
fn asker<'w>(world: &'w World, entry: &Entry, example: &Example) -> Party<'w> {
    match entry.name == "authorisesite" && !example.reply.starts_with("<exception>") {
        true => world.stranger().session("username=carol password=sekret-1234", STRANGE).over_xml(),
        false => world.service(crate::world::USUAL),
    }
}

/// The example's own call, with further fields.
fn ask(world: &World, entry: &Entry, example: &Example, further: &str) -> Reply {
    asker(world, entry, example).ask(entry.name, &format!("{} {further}", example.call))
}

/// The first example that succeeds.
fn success(entry: &Entry) -> &'static Example {
    let good = entry.examples.iter().find(|example| !example.reply.starts_with("<exception>"));
    good.unwrap_or_else(|| panic!("{} has no example that succeeds", entry.name))
}

/// Everything in the database but when keys were used, which is noted later.
fn rows(world: &World) -> Vec<String> {
    let unused = |row: String| match row.starts_with("api_keys: ") {
        true => row.rsplit_once(" | ").map_or_else(String::new, |(rest, _)| rest.to_owned()),
        false => row,
    };
    world.dump().into_iter().map(unused).collect()
}

/// Nothing has changed, else it says what.
#[track_caller]
fn unchanged(before: &[String], after: &[String], of: &str) {
    let (gone, new) = (|row: &&String| !after.contains(row), |row: &&String| !before.contains(row));
    let differ: Vec<&String> = before.iter().filter(gone).chain(after.iter().filter(new)).collect();
    assert!(differ.is_empty(), "{of} changed {differ:#?}");
}

/// The class of a call with those fields: a session is opened by anyone who shows the user's password, some settings are
/// for anybody, a group is answered by anyone who shows the code, and who manages a provider is decided by the server,
/// managers register users of their own account alone, a second factor is taken away without the password by providers
/// alone, and a license is nobody's own.
fn class_of(entry: &Entry, fields: &str) -> Class {
    match entry.name {
        "settotp" if fields.contains("remove=") && !fields.contains("password=") => Class::Provider,
        "createsession" if !fields.contains("password=") => OWN,
        "getsettings" if fields != "settings=PRE_LOGIN_SETTINGS" => Class::Unrestricted,
        "updateprovider" if fields.contains("managedby=") => Class::Server,
        "userjoinedgroup" | "userrejectedgroup" if !fields.contains("activationcode=") => Class::Protected,
        "getlicensedata" if fields.contains("licensekey=") => Class::Protected,
        "registeruser" if !fields.contains("accountkey=") => Class::Protected,
        _ => entry.class,
    }
}

/// The fields of a command that say whom it is about.
const ID: [&str; 4] = ["username", "useroremail", "reference", "authid"];

/// Whether a command takes the identification of a user.
fn takes_id(entry: &Entry) -> bool {
    fields(entry).any(|field| field.name == "useroremail")
}

fn fields(entry: &Entry) -> impl Iterator<Item = &'static Field> {
    commands::fields_of(entry).iter()
}
