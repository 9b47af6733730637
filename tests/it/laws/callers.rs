//! Every kind of caller at every command: whoever may gets the example's own reply, whoever may not is
//! told what is missing, and nothing has changed.

mod kinds;
mod rules;

use std::collections::HashMap;

use regserver::access::Class;
use regserver::command::{Effect, Entry, Example};
use regserver::commands;
use regserver::error::Code;

use super::wires::as_json;
use super::{class_of, examples, given, rows, success, unchanged};
use crate::world::{Party, Reply, World};
use kinds::{KINDS, Kind, Proof};
use rules::{Verdict, about_alice, about_carol, is_ones_own};

/// A world in which carol has one of everything, each of number 1.
fn with_carol() -> World {
    let world = World::new();
    for line in [
        "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
        "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
        "createapikey username=carol kind=basic",
        "createsession username=carol IP=192.0.2.44",
        "createservice servicename=tickets addresses=192.0.2.7",
        "creategroup username=carol groupname='Sales North' groupreference=north",
        "userjoinedgroup groupreference=north username=carol",
    ] {
        world.call(line).done();
    }
    world
}

#[track_caller]
fn meets(reply: Reply, verdict: &Verdict, of: &str) {
    let message = reply.find("message").unwrap_or_default();
    match verdict {
        Verdict::In => assert_ne!(reply.find("secondarycode").as_deref(), Some("-6"), "{of}: {message}"),
        Verdict::Unknown => {
            assert_eq!((reply.code(), reply.answer.status), (Some(Code::AccessDenied as i64), 403), "{of}");
            assert_eq!(reply.text("secondarycode"), "", "{of}");
            assert!(message.ends_with(" needs a credential"), "{of}: {message}");
        }
        Verdict::Refused(words) => {
            reply.refused(Code::AccessDenied).second("-6");
            for word in words {
                let folded = message.to_lowercase();
                assert!(folded.contains(&word.to_lowercase()), "{of}: {message} lacks {word}");
            }
        }
        Verdict::Elsewhere => {
            drop(reply.refused(Code::AccessDenied).second("").says("Access denied to specified Provider"));
        }
    }
}

#[test]
fn whoever_may_not_is_told_what_is_missing_and_changes_nothing() {
    let mut refused = 0;
    for kind in KINDS {
        let world = with_carol();
        kind.grant(&world);
        let mut parties = HashMap::new();
        for entry in commands::all() {
            let fields = success(entry).call.replace("{code}", "x");
            let verdict = about_carol(kind, entry, &fields, &[]);
            if verdict == Verdict::In {
                continue;
            }
            let scope = kind.scope().map(|scope| scope.text(entry));
            let party: &Party<'_> = parties.entry(scope).or_insert_with(|| kind.party(&world, entry));
            let before = rows(&world);
            let of = format!("{} at {}", kind.name, entry.name);
            meets(party.ask(entry.name, &fields), &verdict, &of);
            if kind.proof != Proof::Nothing {
                meets(party.clone().over_xml().ask(entry.name, &fields), &verdict, &of);
            }
            unchanged(&before, &rows(&world), &of);
            refused += 1;
        }
    }
    assert!(refused > 250, "only {refused} were refused");
}

/// The rights that the calls before an example grant to carol.
fn granted(example: &Example) -> Vec<&'static str> {
    let lines = example.given.iter().filter_map(|line| line.strip_prefix("grantright username=carol right="));
    lines.collect()
}

/// The example's reply as that caller gets it.
fn reply_to(kind: &Kind, entry: &Entry, example: &Example) -> String {
    let without = |text: &str, from: &str, to: &str| match (text.find(from), text.find(to)) {
        (Some(from), Some(end)) => format!("{}{}", &text[..from], &text[end + to.len()..]),
        _ => text.to_owned(),
    };
    match entry.name {
        // For people a mail is always sent, so the code does not stand in the reply.
        "registeruser" => without(example.reply, "<activationcode>", "</activationcode>"),
        // All providers are seen by those of the server.
        "searchprovider" if !kind.has(kinds::SUPER) => {
            let (own, rest) = example.reply.split_once("</provider>").unwrap();
            let end = rest.strip_suffix("</providerlist>").map(|_| "</providerlist>").unwrap();
            format!("{own}</provider>{end}")
        }
        _ => example.reply.to_owned(),
    }
}

/// Without what the calls have changed that made the caller what it is: their number, the account of carol and how often
/// she was changed, and who manages an account.
fn uncounted(text: &str) -> String {
    let made = regex::Regex::new(
        r#"<userkey>.*?</userkey>|,?"userkey":"[^"]*"|(<done>|"done":|<modnumber>|"modnumber":|<managercount>|"managercount":)\d+|(<accountkey>|"accountkey":")DEMO-COMP-\d+|<manager><userid>1<.*?</manager>|\{"userid":1,"username":"alice","ismember":false\},?"#,
    );
    made.unwrap().replace_all(text, "$1$2").into_owned()
}

/// Asks over the wire that is the kind's turn, and compares to the byte.
#[track_caller]
fn answers(kind: &Kind, party: &Party<'_>, entry: &Entry, fields: &str, expected: &str) {
    let of = format!("{} at {}", kind.name, entry.name);
    if kind.by_session() || kind.proof == Proof::Nothing {
        let reply = party.ask(entry.name, fields);
        assert_eq!(uncounted(reply.body()), uncounted(&as_json(expected, entry)), "{of}");
    } else {
        let reply = party.clone().over_xml().ask(entry.name, fields);
        assert_eq!(uncounted(reply.inner()), uncounted(expected), "{of}");
    }
}

fn lets_in(kinds: &[&Kind]) -> usize {
    let mut count = 0;
    for (entry, example) in examples().filter(|(_, example)| !example.reply.starts_with("<exception>")) {
        for kind in kinds {
            if about_carol(kind, entry, example.call, &granted(example)) != Verdict::In {
                continue;
            }
            // Nobody adds to a job that somebody else has begun.
            if entry.name == "importusers" && !example.given.is_empty() {
                continue;
            }
            let world = given(example);
            kind.grant(&world);
            let party = kind.party(&world, entry);
            answers(kind, &party, entry, example.call, &reply_to(kind, entry, example));
            count += 1;
        }
    }
    count
}

#[test]
fn whoever_has_the_right_by_a_key_gets_the_examples_own_reply() {
    let by_key: Vec<&Kind> = KINDS.iter().filter(|kind| !kind.by_session()).collect();
    let count = lets_in(&by_key);
    assert!(count > 250, "only {count} were let in");
}

#[test]
fn whoever_has_the_right_by_a_session_gets_the_examples_own_reply() {
    let by_session: Vec<&Kind> = KINDS.iter().filter(|kind| kind.by_session()).collect();
    let count = lets_in(&by_session);
    assert!(count > 150, "only {count} were let in");
}

#[test]
fn a_user_who_holds_a_right_that_the_person_lacks_is_refused() {
    let example = |entry: &Entry| {
        examples().find(|(known, example)| known.name == entry.name && !granted(example).is_empty())
    };
    let mut count = 0;
    for entry in commands::all() {
        let Some((_, example)) = example(entry) else { continue };
        for kind in KINDS {
            let verdict = about_carol(kind, entry, example.call, &granted(example));
            if verdict == Verdict::In {
                continue;
            }
            let world = given(example);
            kind.grant(&world);
            let of = format!("{} at {}", kind.name, entry.name);
            meets(kind.party(&world, entry).ask(entry.name, example.call), &verdict, &of);
            count += 1;
        }
    }
    assert!(count > 10, "only {count}");
}

/// The example's lines and call about alice instead of carol, her current password with those that hand
/// her over.
fn own(entry: &Entry, line: &str) -> String {
    let line = line.replace("username=carol", "username=alice");
    match entry.name {
        "createapikey" | "setemail" | "setpassword" | "requestuserdeletion" => {
            format!("{line} password=wonder-2026")
        }
        "settotp" => line.replace("password=sekret-1234", "password=wonder-2026"),
        _ => line,
    }
}

#[test]
fn everybody_may_do_with_their_own_what_is_restricted() {
    let without_rights = || KINDS.iter().filter(|kind| kind.rights.is_empty());
    let mut done = 0;
    for entry in commands::all() {
        let example = examples()
            .find(|(known, example)| known.name == entry.name && is_ones_own(class_of(entry, example.call)));
        let Some((_, example)) = example else { continue };
        for kind in without_rights() {
            let world = World::new();
            for line in example.given.iter().filter(|line| !line.starts_with("registeruser ")) {
                world.call(&line.replace("username=carol", "username=alice")).done();
            }
            let (party, fields) = (kind.party(&world, entry), own(entry, example.call));
            let verdict = about_alice(kind, entry, example.call);
            let reply = party.ask(entry.name, &fields);
            if verdict == Verdict::In {
                done += 1;
                reply.done();
            } else {
                meets(reply, &verdict, &format!("{} at {}", kind.name, entry.name));
            }
        }
    }
    assert!(done > 40, "only {done}");
}

/// What a stranger gets where a service gets the documented refusal.
fn to_strangers(entry: &Entry, example: &Example) -> String {
    match entry.name {
        "sendpassword" | "resendactivation" => "<intresult>0</intresult>".to_owned(),
        // Behind the right password everybody learns what is missing.
        "createsession" if example.reply.contains("totp is needed") => example.reply.to_owned(),
        // All three, and more, are a wrong password.
        "loginuser" | "createsession" => {
            "<exception><primarycode>-30101</primarycode><secondarycode></secondarycode>\
             <message>Wrong password</message></exception>"
                .to_owned()
        }
        _ => example.reply.to_owned(),
    }
}

#[test]
fn only_services_learn_why_a_public_command_is_refused() {
    let mut count = 0;
    for (entry, example) in examples() {
        if class_of(entry, example.call) != Class::Public || !example.reply.starts_with("<exception>") {
            continue;
        }
        for kind in KINDS
            .iter()
            .filter(|kind| kind.proof == Proof::Nothing || kind.scope() == Some(kinds::Scope::Everything))
        {
            // Nobody adds to a job that somebody else has begun.
            if entry.name == "importusers" && !example.given.is_empty() {
                continue;
            }
            let world = given(example);
            kind.grant(&world);
            let party = kind.party(&world, entry);
            answers(kind, &party, entry, example.call, &to_strangers(entry, example));
            count += 1;
        }
    }
    assert!(count > 40, "only {count}");
}

#[test]
fn strangers_do_not_learn_who_is_there() {
    let world = with_carol();
    world.call("registeruser username=david useremail=david@example.com password=sekret-1234").done();
    world.call("disableuser username=carol").done();
    for entry in commands::all().filter(|entry| entry.class == Class::Public && super::takes_id(entry)) {
        let ask = |party: &Party<'_>, user: &str| {
            let fields = format!("username={user} password=guess-1234 IP=192.0.2.44");
            party.ask(entry.name, &fields).body().to_owned()
        };
        for party in [world.stranger(), world.person("alice", ""), world.stranger().at_the_session_endpoint()]
        {
            let unknown = ask(&party, "nobody");
            // Another provider's, disabled, not activated, activated.
            for user in ["sheila", "carol", "david", "alice"] {
                assert_eq!(ask(&party, user), unknown, "{} about {user}", entry.name);
            }
        }
    }
}

#[test]
fn a_strangers_idempotency_key_is_refused() {
    let world = World::new();
    let before = world.dump();
    let changes =
        commands::all().filter(|entry| entry.class == Class::Public && entry.effect == Effect::Writes);
    for entry in changes {
        let example = entry.examples.iter().find(|example| class_of(entry, example.call) == Class::Public);
        let call = example.unwrap_or(&entry.examples[0]).call;
        let fields = format!("{} idempotencykey=1", call.replace("{code}", "nonsense"));
        let reply = world.stranger().ask(entry.name, &fields);
        // Without its password this one is not for strangers at all.
        if entry.name != "createsession" {
            reply.refused(Code::InvalidRequest).says("Invalid Request: idempotencykey needs a credential");
        }
    }
    assert_eq!(world.dump(), before);
}
