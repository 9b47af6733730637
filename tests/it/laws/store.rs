//! What calls leave behind: reads nothing, refusals nothing, changes a row in the audit log.

use std::collections::BTreeSet;

use regserver::command::Effect;
use regserver::commands;
use regserver::error::Code;

use super::{ask, asker, examples, given};
use crate::world::{World, fields};

/// Refusals that keep what they counted: the command, the refusal, the table.
const COUNTED: [(&str, Code, &str); 3] = [
    ("loginuser", Code::WrongPassword, "counters"),
    ("createsession", Code::WrongPassword, "counters"),
    ("settotp", Code::WrongPassword, "counters"),
];

/// What is measured again and again, and nobody has decided on: the audit log does not tell of it.
const MEASURED: [(&str, &str); 1] = [("setdepotusage", "depots")];

/// The tables in which the rows differ.
fn changed(before: &[String], after: &[String]) -> BTreeSet<String> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let table = |row: &&String| row.split_once(": ").map_or_else(String::new, |(table, _)| table.to_owned());
    before.symmetric_difference(&after).map(table).collect()
}

#[test]
fn reads_change_nothing() {
    for (entry, example) in examples().filter(|(entry, _)| entry.effect != Effect::Writes) {
        let world = given(example);
        let before = world.dump();
        ask(&world, entry, example, "");
        ask(&world, entry, example, "idempotencykey=one");
        assert_eq!(world.dump(), before, "{}: {}", entry.name, example.shows);
    }
}

#[test]
fn a_refusal_changes_nothing_unless_it_counts() {
    for (entry, example) in examples() {
        let world = given(example);
        let before = world.dump();
        let Some(code) = ask(&world, entry, example, "").code() else { continue };
        let counted =
            COUNTED.iter().find(|(name, refusal, _)| *name == entry.name && *refusal as i64 == code);
        let expected: BTreeSet<String> = counted.iter().map(|(_, _, table)| (*table).to_owned()).collect();
        assert_eq!(changed(&before, &world.dump()), expected, "{}: {}", entry.name, example.shows);
    }
}

#[test]
fn a_change_leaves_an_audit_row() {
    for (entry, example) in examples().filter(|(entry, _)| entry.effect == Effect::Writes) {
        let world = given(example);
        let party = asker(&world, entry, example);
        let before = world.dump();
        if party.ask(entry.name, example.call).code().is_some() {
            continue;
        }
        let after = world.dump();
        if changed(&before, &after).is_empty() {
            // A login and a contact are written later; nobody has guessed carol's password yet, nor has she let a site
            // act for her.
            let quiet = ["loginuser", "touchdevice", "unlockuser", "revokesite"];
            assert!(quiet.contains(&entry.name), "{} changed nothing", example.shows);
            continue;
        }
        let audit: Vec<_> =
            after.iter().filter(|row| row.starts_with("audit: ") && !before.contains(row)).collect();
        if let Some((_, table)) = MEASURED.iter().find(|(name, _)| *name == entry.name) {
            assert_eq!(changed(&before, &after), BTreeSet::from([(*table).to_owned()]), "{}", entry.name);
            continue;
        }
        assert_eq!(audit.len(), 1, "{}: {audit:?}", entry.name);
        let caller = match entry.name {
            "authorisesite" => "user:carol (session 1)",
            _ => "service:portal",
        };
        let expected = format!("| 1 | {caller} | API-CALL | {} |", entry.name);
        assert!(audit[0].contains(&expected), "{audit:?}");
        let mut kinds = after.iter().filter(|row| row.starts_with("audit: ") && row.contains("  "));
        assert!(kinds.next().is_none());
    }
}

#[test]
fn an_undone_registration_leaves_no_trace() {
    let world = World::with(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", "DEMO-0000-0000-0000");
    });
    let before = world.dump();
    world.call("registeruser username=carol useremail=carol@example.com").refused(Code::LicenseLimit);
    assert_eq!(world.dump(), before);
    world.call("searchuser username=carol").done().expect(
        "<searchresult><current>0</current><maximum>50</maximum><total>0</total></searchresult><userlist></userlist>",
    );
}

#[test]
fn the_audit_row_has_the_fields_that_the_command_knows() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com password=sekret-1234 nonsense=1 activate=1").done();
    let row =
        world.dump().into_iter().rfind(|row| row.contains("carol@example.com") && row.starts_with("audit"));
    let row = row.unwrap();
    assert!(
        row.contains(
            r#"{"username":"carol","useremail":"carol@example.com","password":"•••","activate":"1"}"#
        ),
        "{row}"
    );
    assert!(row.contains("| 5 |"), "it names the user: {row}");
}

#[test]
fn every_reply_is_an_envelope() {
    for (entry, example) in examples() {
        let world = given(example);
        let reply = ask(&world, entry, example, "apiversion='4 <7>'");
        assert_eq!(fields(reply.body())[..2], ["regversion", "apiversion"]);
        let echoed = format!("<apiversion>4 &lt;7&gt;</apiversion>{}", example.reply);
        reply.expect(&echoed);
    }
    assert!(commands::all().count() > 5);
}
