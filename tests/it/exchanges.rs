//! Pairs of a request and its reply, byte for byte, one file each in `fixtures/exchanges/`.
//!
//! A file says what it shows, who calls and what came before; then the body as it is sent, a line
//! `---`, the HTTP status and the reply. They are files and not code because they are the protocol:
//! somebody who writes a client reads them. `REGSERVER_BLESS=1` writes the replies anew; what then
//! differs is to be held against the specification.

pub mod file;

use std::path::{Path, PathBuf};

use base64::Engine;
use file::Exchange;
use regserver::gate::credentials::Shown;

use crate::world::{Party, STRANGE, World};

/// The files of all exchanges.
pub fn all() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exchanges");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let entries = std::fs::read_dir(folder.unwrap().path()).unwrap();
        files.extend(entries.map(|file| file.unwrap().path()));
    }
    files.sort();
    files
}

/// Status and body of what comes back.
fn perform(exchange: &Exchange) -> String {
    let mut world = World::with(|config| {
        for (provider, name, value) in &exchange.settings {
            match provider.as_str() {
                "" => config.server(name, value),
                code => config.provider(code, name, value),
            };
        }
    });
    let shown = exchange.shows.as_deref().map(|shows| made(&world, shows));
    before(&mut world, exchange);
    let party = party(&world, exchange, shown);
    let body = exchange.bytes();
    if exchange.shows.is_some() {
        let answer = party.body(&body).answer;
        return format!("{}\n{}\n", answer.status, answer.body);
    }
    let right = party.checksum(&body);
    let checksum = match exchange.checksum.as_str() {
        "right" => Some(right),
        "missing" => None,
        "upper case" => Some(right.to_uppercase()),
        "short" => Some(right[1..].to_owned()),
        "long" => Some(format!("{right}0")),
        other => Some(other.to_owned()),
    };
    let answer = party.signed(&body, checksum.as_deref()).answer;
    format!("{}\n{}\n", answer.status, answer.body)
}

/// The key or session that the words name, as it is shown.
fn made(world: &World, shows: &str) -> Shown<'static> {
    let words: Vec<&str> = shows.split(' ').collect();
    let basic = |key: &str, secret: &str| {
        let encoded = base64::prelude::BASE64_STANDARD.encode(format!("{key}:{secret}"));
        Shown::Authorization(format!("Basic {encoded}").into())
    };
    match words[..] {
        ["nobody"] => Shown::Nothing,
        ["key", user, ref rest @ ..] => {
            let scope = rest.iter().find(|word| **word != "wrong").unwrap_or(&"");
            let made = world.call(&format!("createapikey username={user} kind=basic scope={scope}")).done();
            let secret = if rest.contains(&"wrong") { "wrong".to_owned() } else { made.text("secret") };
            basic(&made.text("key"), &secret)
        }
        ["session", user, ref rest @ ..] => {
            let made = world.call(&format!("createsession username={user} IP={STRANGE}")).done();
            let token = if rest.contains(&"wrong") { "wrong".to_owned() } else { made.text("session") };
            Shown::Session(token.into())
        }
        _ => panic!("what is this: {shows}"),
    }
}

/// The calls made before.
fn before(world: &mut World, exchange: &Exchange) {
    for step in &exchange.before {
        match step.split_once(' ') {
            Some(("pass", seconds)) => world.pass(seconds.parse().unwrap()),
            Some(("by", call)) => {
                let (service, call) = call.split_once(' ').unwrap();
                let (command, fields) = call.split_once(' ').unwrap_or((call, ""));
                world.service(service).ask(command, fields);
            }
            None if step == "restart" => world.restart(),
            _ => drop(world.call(step)),
        }
    }
}

/// Who calls.
fn party<'w>(world: &'w World, exchange: &Exchange, shown: Option<Shown<'static>>) -> Party<'w> {
    let mut party = match shown {
        Some(shown) => Party::showing(world, shown).over_xml(),
        None => world.service(&exchange.service),
    };
    if let Some(address) = &exchange.address {
        party = party.from(address);
    }
    if let Some((peer, header)) = &exchange.through {
        let lines: Vec<&str> = header.iter().map(String::as_str).collect();
        party = party.through(peer, &lines);
    }
    if let Some(key) = &exchange.key {
        party = party.with_key(key);
    }
    if exchange.json {
        party = party.over_json();
    }
    if exchange.session { party.at_the_session_endpoint() } else { party }
}

#[test]
fn every_exchange_holds_to_the_byte() {
    let bless = std::env::var_os("REGSERVER_BLESS").is_some();
    let files = all();
    assert!(files.len() > 100, "only {} exchanges were found", files.len());
    let mut faults = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let exchange = Exchange::read(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let reply = perform(&exchange);
        if reply == exchange.reply {
            continue;
        }
        if bless {
            std::fs::write(&path, exchange.with_reply(&reply)).unwrap();
        }
        faults.push(format!("{}\n  expected {}  but got  {reply}", path.display(), exchange.reply));
    }
    assert!(bless || faults.is_empty(), "{}", faults.join("\n"));
}
