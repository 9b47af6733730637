//! Requests that are meant to hurt: too large, too deep, too many, and SQL wherever a text can stand.

use std::time::{Duration, Instant};

use regserver::commands;
use regserver::error::Code;

use crate::world::World;

const SQL: [&str; 9] = [
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "1; DELETE FROM users",
    "alice' --",
    "*' UNION SELECT password FROM users --",
    "name:\"alice\" OR provider:\"ACME\"",
    "abc\" OR name : \"ali",
    "%_%",
];

fn with(inner: &str) -> String {
    format!(
        "<teamdrive><command>getversion</command><requesttime>1767225600</requesttime>{inner}</teamdrive>"
    )
}

#[test]
fn sql_in_every_field_is_a_text_like_any_other() {
    let world = World::new();
    let before = world.dump();
    let users = before.iter().filter(|row| row.starts_with("users: ")).count();
    for entry in commands::all() {
        for field in commands::fields_of(entry) {
            for text in SQL {
                let mut fields = vec![(field.name.clone(), text.to_owned())];
                let needed = commands::fields_of(entry).iter().filter(|other| other.required);
                fields.extend(
                    needed.filter(|other| other.name != field.name).map(|o| (o.name.clone(), "x".into())),
                );
                let body = regserver::cli::notation::xml(entry.name, &fields, world.seconds());
                let reply = world.service("portal").body(body.as_bytes());
                assert!(reply.code().is_none_or(|code| code <= -30_000), "{}: {}", entry.name, reply.body());
            }
        }
    }
    let after = world.dump();
    let gone = before.iter().filter(|row| row.starts_with("users: ") && !after.contains(row)).count();
    assert_eq!(gone, 0, "of {users} users");
}

#[test]
fn sql_in_a_search_finds_nothing_that_is_not_so_called() {
    let world = World::new();
    for text in SQL {
        for field in ["username", "email", "reference", "department"] {
            for pattern in [text.to_owned(), format!("*{text}*"), format!("{text}*")] {
                let body = regserver::cli::notation::xml(
                    "searchuser",
                    &[(field.to_owned(), pattern)],
                    world.seconds(),
                );
                let reply = world.service("portal").body(body.as_bytes());
                assert!(reply.texts("userid").is_empty(), "{field}: {}", reply.body());
            }
        }
    }
}

#[test]
fn a_user_who_is_called_like_that_is_found() {
    let world = World::new();
    for (n, text) in SQL.iter().enumerate().filter(|(_, text)| text.len() >= 5) {
        let fields = [("username", *text), ("useremail", &format!("p{n}@example.com"))];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body = regserver::cli::notation::xml("registeruser", &fields, world.seconds());
        let id = world.service("portal").body(body.as_bytes()).done().text("userid");
        for pattern in [text.trim_matches('*').to_owned(), format!("*{}*", text.trim_matches('*'))] {
            let fields = [("username".to_owned(), pattern)];
            let body = regserver::cli::notation::xml("searchuser", &fields, world.seconds());
            let found = world.service("portal").body(body.as_bytes()).done().texts("userid");
            assert!(text.starts_with('*') || found == [id.clone()], "{text}: {found:?}");
        }
    }
}

#[test]
fn sizes_have_their_limits() {
    let world = World::new();
    let party = world.service("portal");
    let field = |length: usize| with(&format!("<x>{}</x>", "x".repeat(length)));
    party.body(field(64 << 10).as_bytes()).done();
    party.body(field((64 << 10) + 1).as_bytes()).plainly(Code::InvalidXml);
    let many = |count: usize| with(&"<x/>".repeat(count));
    // The root, the command and the time are three of them.
    party.body(many(1_997).as_bytes()).done();
    party.body(many(1_998).as_bytes()).plainly(Code::InvalidXml);
    let deep = |depth: usize| with(&format!("{}1{}", "<x>".repeat(depth), "</x>".repeat(depth)));
    party.body(deep(3).as_bytes()).done();
    party.body(deep(4).as_bytes()).plainly(Code::InvalidXml);
    let csv = with(&format!("<csv>{}</csv>", "x".repeat(512 << 10)));
    party.body(csv.as_bytes()).done();
}

#[test]
fn what_is_huge_is_refused_quickly() {
    let world = World::new();
    let before = world.dump();
    let party = world.service("portal");
    let bodies = [
        with(&format!("<x>{}</x>", "x".repeat(10 << 20))),
        with(&"<x>".repeat(100_000)),
        format!("{}{}", "<x>".repeat(100_000), "</x>".repeat(100_000)),
        with(&"<x/>".repeat(1_000_000)),
        with(&format!("<x {}>1</x>", "a='1' ".repeat(100_000))),
        with(&format!("<x>{}</x>", "&#65;".repeat(1_000_000))),
        with(&"<!-- -->".repeat(100_000)).replace("</teamdrive>", ""),
    ];
    for body in bodies {
        let started = Instant::now();
        party.body(body.as_bytes()).plainly(Code::InvalidXml);
        assert!(started.elapsed() < Duration::from_secs(2), "{}…", &body[..120]);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_list_has_its_limit() {
    let world = World::new();
    let list = |count: usize| vec!["192.0.2.1"; count].join(",");
    world.call(&format!("createservice servicename=tickets addresses={}", list(1_000))).done();
    let reply = world.call(&format!("createservice servicename=tickets2 addresses={}", list(1_001)));
    reply.refused(Code::InvalidRequest).says("Invalid Request: addresses has too many values");
}
