//! Keys, tokens and passwords go in and out, and stand afterwards in no file, audit row or error.

use base64::Engine;
use regserver::command::Entry;

use super::secrets::{holds, sent, shown};
use super::{examples, rows};
use crate::world::{Party, Reply, STRANGE, World};

/// What may stand nowhere, with the calls in which it went in or out.
#[derive(Default)]
pub struct Secrets(pub Vec<String>);

impl Secrets {
    /// A key's secret, in each form in which it travels.
    pub fn key(&mut self, key: &str, secret: &str) -> String {
        let header = base64::prelude::BASE64_STANDARD.encode(format!("{key}:{secret}"));
        self.0.extend([secret.to_owned(), format!("{key}:{secret}"), header.clone()]);
        header
    }

    fn call(&mut self, entry: &Entry, fields: &str, reply: &Reply) {
        let new = sent(entry.name, fields).into_iter().chain(shown(entry, reply));
        self.0.extend(new);
        self.0.sort_unstable();
        self.0.dedup();
    }

    /// Shorter texts would be found by accident; the names in examples are no secrets.
    pub fn each(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|secret| secret.len() >= 8 && *secret != "nonsense")
    }
}

#[test]
fn no_file_and_no_error_holds_what_proves_a_person() {
    let world = World::new();
    for right in ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let mut secrets = Secrets::default();
    let made = world.call("createapikey username=alice kind=basic").done();
    secrets.key(&made.text("key"), &made.text("secret"));
    let key = world.key(&made.text("key"), &made.text("secret"));
    secrets.key(&made.text("key"), "a-wrong-secret-of-somebody");
    // Key and secret the wrong way round.
    secrets.key(&made.text("secret"), &made.text("key"));
    secrets.0.retain(|secret| *secret != made.text("key"));
    let opened = key.ask("createsession", &format!("IP={STRANGE}")).done().text("session");
    secrets.0.push(opened.clone());
    let session = world.showing(regserver::gate::credentials::Shown::Session(opened.into()));
    let wrong = [
        world.key(&made.text("key"), "a-wrong-secret-of-somebody"),
        world.key(&made.text("secret"), &made.text("key")),
    ];
    let parties: Vec<Party<'_>> = [key.clone(), key.over_xml(), session].into_iter().chain(wrong).collect();
    for (entry, example) in examples() {
        let fields = example.call.replace("{code}", "a-code-that-nobody-got");
        for party in &parties {
            let reply = party.ask(entry.name, &fields);
            secrets.call(entry, &fields, &reply);
            let (shown, trace) = (shown(entry, &reply), format!("{:?}", reply.answer.trace));
            for secret in secrets.each() {
                let said = !shown.contains(secret) && reply.body().contains(secret.as_str());
                assert!(!said, "{}: {}", entry.name, reply.body());
                assert!(!trace.contains(secret.as_str()), "{}: {trace}", entry.name);
            }
        }
    }
    // A password in the place of a name, as people mistype it.
    world.stranger().ask("loginuser", "username=wonder-2026 password=wonder-2027");
    world.stranger().at_the_session_endpoint().ask("", "username=wonder-2026 password=wonder-2027");
    secrets.0.extend(["wonder-2026", "wonder-2027"].map(str::to_owned));
    let rows = rows(&world).join("\n");
    assert!(
        rows.contains("counters: pair:")
            && rows.contains("audit: ")
            && rows.contains("user:alice (session 1")
    );
    let names = ["regserver.db", "regserver.db-wal", "regserver.db-shm"];
    let files: Vec<_> = names.iter().map(|name| world.file(name)).filter(|file| file.exists()).collect();
    let mut seen = 0;
    for secret in secrets.each() {
        assert!(!rows.contains(secret.as_str()), "a row holds {secret}");
        seen += files.iter().filter(|file| !holds(file, secret)).count();
        assert!(!files.iter().any(|file| holds(file, secret)), "a file holds {secret}");
    }
    assert!(seen > 40, "{seen}");
}
