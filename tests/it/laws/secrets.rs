//! What is secret stands in no file of the database and in no repeated reply.

use std::path::Path;

use regserver::call::Program;
use regserver::cli::notation;
use regserver::command::{Effect, Entry, Example};
use regserver::commands;

use super::{ask, examples, given};
use crate::world::{Reply, World};

/// Shorter texts would be found by accident.
const SHORTEST: usize = 8;

/// The secret values in the fields of a call.
pub fn sent(command: &str, fields: &str) -> Vec<String> {
    let Some(entry) = commands::find(command) else { return Vec::new() };
    let known = commands::fields_of(entry);
    let secret = |name: &str| known.iter().any(|field| field.secret && field.name == name);
    let fields = notation::fields(fields).unwrap();
    fields.into_iter().filter(|(name, _)| secret(name)).map(|(_, value)| value).collect()
}

/// The secret values in a reply, on every level.
pub fn shown(entry: &Entry, reply: &Reply) -> Vec<String> {
    names_of(entry).iter().flat_map(|name| reply.texts(name)).collect()
}

/// What its reply's schema calls secret.
pub fn names_of(entry: &Entry) -> Vec<String> {
    let mut names = Vec::new();
    secret_names((entry.reply)().as_value(), &mut names);
    names
}

/// The names of the properties that are secret, anywhere in a schema.
fn secret_names(schema: &serde_json::Value, to: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if property["format"] == "secret" || property["items"]["format"] == "secret" {
            to.push(name.clone());
        }
    }
    match schema {
        serde_json::Value::Object(members) => members.values().for_each(|inner| secret_names(inner, to)),
        serde_json::Value::Array(items) => items.iter().for_each(|inner| secret_names(inner, to)),
        _ => {}
    }
}

/// Every secret that went in or out in an example and the calls before it.
fn secrets(entry: &'static Entry, example: &Example) -> (World, Vec<String>) {
    let world = World::new();
    let mut found = Vec::new();
    let own = format!("{} {}", entry.name, example.call);
    for line in example.given.iter().copied().chain([own.as_str()]) {
        let line =
            if line.contains("{code}") { line.replace("{code}", &world.code()) } else { line.to_owned() };
        let (command, fields) = line.split_once(' ').unwrap_or((&line, ""));
        found.extend(sent(command, fields));
        let reply = world.call(&line);
        found.extend(commands::find(command).map(|entry| shown(entry, &reply)).unwrap_or_default());
    }
    found.extend(world.mails().iter().filter_map(|mail| mail.code().map(str::to_owned)));
    found.extend(
        world
            .config
            .services
            .iter()
            .flat_map(|service| service.keys.iter().map(|key| key.key.reveal().to_owned())),
    );
    found.push(world.config.settings.get("APIChecksumSalt").unwrap().to_owned());
    found.retain(|secret| secret.len() >= SHORTEST);
    (world, found)
}

pub fn holds(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_file_holds_a_secret() {
    let mut seen = 0;
    for (entry, example) in examples() {
        let (world, secrets) = secrets(entry, example);
        world.api().log().catch_up();
        let names = [
            "regserver.db",
            "regserver.db-wal",
            "regserver.db-shm",
            "regserver.db.lock",
            "regserver.db.apilog",
            "regserver.db.apilog-wal",
        ];
        let files: Vec<_> = names.iter().map(|name| world.file(name)).filter(|file| file.exists()).collect();
        assert!(files.len() >= 3, "the program is running");
        for (file, secret) in files.iter().flat_map(|file| secrets.iter().map(move |secret| (file, secret))) {
            assert!(!holds(file, secret), "{}: {secret} stands in {}", entry.name, file.display());
            seen += 1;
        }
    }
    assert!(seen > 100, "the law looked at {seen} pairs only");
}

#[test]
fn a_user_name_is_found_in_a_file() {
    // So that the law above does not hold merely because it looks in the wrong place.
    let world = World::new();
    world.call("registeruser username=findmehere useremail=findmehere@example.com").done();
    assert!(
        ["regserver.db", "regserver.db-wal"]
            .iter()
            .any(|name| holds(&world.file(name), "findmehere@example.com"))
    );
}

#[test]
fn a_repeated_reply_is_the_first_one_without_its_secrets() {
    let key = "idempotencykey=once-and-again";
    for (entry, example) in examples().filter(|(entry, _)| entry.effect == Effect::Writes) {
        let world = given(example);
        let code = if example.call.contains("{code}") { world.code() } else { String::new() };
        let fields = format!("{} {key}", example.call.replace("{code}", &code));
        let first = world.service("portal").ask(entry.name, &fields);
        if first.code().is_some() {
            continue;
        }
        let before = world.dump();
        world.pass(60);
        let again = world.service("portal").ask(entry.name, &fields).done();
        let mut expected = first.inner().to_owned();
        let mut secrets = shown(entry, &first);
        // One may stand in another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            expected = expected.replace(&secret.replace('&', "&amp;"), "");
        }
        assert_eq!(again.inner(), expected, "{}: {}", entry.name, example.shows);
        assert_eq!(world.dump(), before, "{}: {}", entry.name, example.shows);
    }
}

#[test]
fn errors_repeat_no_value_that_was_sent() {
    for (entry, example) in examples() {
        let world = given(example);
        for field in commands::fields_of(entry).iter().filter(|field| field.secret) {
            let fields = format!("{}={}", field.name, "sekret-9876".repeat(200));
            let reply = world.service("portal").ask(entry.name, &fields);
            assert!(!reply.body().contains("sekret-9876"), "{}: {}", entry.name, reply.body());
            assert!(!format!("{:?}", reply.answer.trace).contains("sekret-9876"));
        }
        ask(&world, entry, example, "");
    }
}
