//! Who gets in, in plain sentences: computed from the table, and not by the engine that is under test.

use regserver::access::{Class, Tie};
use regserver::command::{Effect, Entry};
use regserver::commands;

use super::super::class_of;
use super::kinds::{API, EDIT, Kind, Proof, SUPER, Scope};

/// What a caller meets.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The command runs.
    In,
    /// HTTP 403, and what the command needs: a credential.
    Unknown,
    /// -6, and a text that has all these words.
    Refused(Vec<String>),
    /// -30000 for another provider's name.
    Elsewhere,
}

fn refused(words: &[&str]) -> Verdict {
    Verdict::Refused(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Needs those rights, which somebody can grant.
fn lacks(entry: &Entry, rights: &[&str]) -> Verdict {
    refused(&[&["Access denied: ", entry.name, "can grant"], rights].concat())
}

/// A call of that command about carol.
pub fn about_carol(kind: &Kind, entry: &Entry, fields: &str, carols: &[&str]) -> Verdict {
    let gate = at_the_gate(kind, entry, fields);
    if gate != Verdict::In {
        return gate;
    }
    let class = class_of(entry, fields);
    // Whoever has no API access calls Restricted commands about nobody but themselves, and managers those that say so
    // about their accounts and the members.
    let managed = kind.manages && is_for_managers(entry, class);
    if is_restricted(class) && !kind.has(API) && !managed {
        return lacks(entry, &[API]);
    }
    // No person uses a command on a user who holds a right they lack.
    if let Some(right) = carols.iter().find(|right| !kind.has(right) && class != Class::Public) {
        return refused(&["Access denied: this user holds the right ", right, "which the caller lacks"]);
    }
    // What signs for services of every provider is the server's.
    if fields.contains("serviceid=salt") && !kind.has(SUPER) {
        return refused(&["the salt of the server", SUPER, "can grant"]);
    }
    // No person acts for another provider.
    if fields.contains("newdistributor=ACME") {
        return Verdict::Elsewhere;
    }
    handing_over(kind, entry, fields, false)
}

/// A call of a Restricted command about alice herself: everybody may.
pub fn about_alice(kind: &Kind, entry: &Entry, fields: &str) -> Verdict {
    match at_the_gate(kind, entry, fields) {
        Verdict::In => handing_over(kind, entry, fields, true),
        shut => shut,
    }
}

/// What is decided before anybody is looked for.
fn at_the_gate(kind: &Kind, entry: &Entry, fields: &str) -> Verdict {
    let class = class_of(entry, fields);
    // Whoever shows nothing may call what is public.
    if kind.proof == Proof::Nothing {
        return if class == Class::Public { Verdict::In } else { Verdict::Unknown };
    }
    // A session can do no more than the service that opened it.
    if kind.proof == Proof::ListedSession && entry.name != "createsession" {
        return refused(&["the service narrow may not call ", entry.name, "its provider can add it"]);
    }
    // A key, and a session by it, can do what its scope has: the command or its noun, `view` what only reads.
    // A key with which a session was opened has createsession besides.
    let session = matches!(kind.proof, Proof::KeySession(_)) && entry.name == "createsession";
    if !session && kind.scope().is_some_and(|scope| !has(scope, entry)) {
        return refused(&["the scope of the key rk-", entry.name, "its user can make a key that has it"]);
    }
    // The greater rights are nothing without API-ACCESS; SUPER-USER has what EDIT-PROVIDER has.
    let (api, edit, server) = (kind.has(API), kind.has(EDIT) || kind.has(SUPER), kind.has(SUPER));
    // A service of the default provider has the power over the server, and so has whoever has its key.
    let keeps = [
        "createservice",
        "updateservice",
        "deleteservice",
        "showservicekey",
        "rotateservicekey",
        "endservicekey",
    ]
    .contains(&entry.name);
    if keeps && api && edit && !server && !fields.contains("serviceid=salt") {
        return lacks(entry, &[SUPER]);
    }
    match class {
        Class::Protected if !api => lacks(entry, &[API]),
        Class::Provider if !(api && edit) => lacks(entry, &[API, EDIT]),
        Class::Server if !(api && server) => lacks(entry, &[API, SUPER]),
        // A command for many users needs what the command itself needs.
        _ if entry.name == "runbulk"
            && matches!(kind.scope(), Some(Scope::NounModify | Scope::ThisCommand)) =>
        {
            refused(&["the scope of the key rk-", "setdepartment", "its user can make a key that has it"])
        }
        _ => Verdict::In,
    }
}

/// Keys and sessions are handed over with more care than anything else.
fn handing_over(kind: &Kind, entry: &Entry, fields: &str, own: bool) -> Verdict {
    match (entry.name, kind.proof) {
        // Only a person's own password, in a session, makes keys.
        ("createapikey", proof) if proof != Proof::PasswordSession => refused(&[
            "a key is made by a service, or in a session that the user has opened with the password",
        ]),
        // The rows of an import are registrations, of another noun than jobs.
        ("importusers", Proof::Key(scope) | Proof::SigningKey(scope) | Proof::KeySession(scope))
            if scope != Scope::Everything =>
        {
            refused(&["does not have registeruser"])
        }
        // Only the home site and the user's password let another site in.
        ("authorisesite", proof) if !own || proof != Proof::PasswordSession => {
            refused(&["a site is authorised by the user's home site"])
        }
        // Where the password is shown, it is the password that opens the session.
        ("createsession", _) if fields.contains("password=") => Verdict::In,
        ("createsession", _) if kind.by_session() => refused(&["a session opens no session"]),
        ("createsession", _) if !own => refused(&["a key opens sessions of its own user only"]),
        _ => Verdict::In,
    }
}

fn has(scope: Scope, entry: &Entry) -> bool {
    match scope {
        Scope::Everything | Scope::NounModify | Scope::ThisCommand => true,
        // What shows everything that the server is set to opens doors, and an export shows more than a look does.
        Scope::NounView => {
            entry.effect != Effect::Writes && !["getserversettings", "exportusers"].contains(&entry.name)
        }
        Scope::OtherNoun => false,
    }
}

/// Whether who manages a company account may call it; a group has a manager of its own.
fn is_for_managers(entry: &Entry, class: Class) -> bool {
    let of_account = commands::noun_of(entry.name) != Some("groups");
    class.ties().iter().any(|tie| *tie == Tie::HisManager || (*tie == Tie::Manager && of_account))
}

/// Whether one's own data is a reason to be let in.
pub fn is_ones_own(class: Class) -> bool {
    class.ties().contains(&Tie::Own)
}

pub fn is_restricted(class: Class) -> bool {
    matches!(class, Class::Restricted(_))
}
