//! A schema that takes everything is none: right documents, each with one thing spoiled, are refused.

use regserver::command::{Entry, Example};
use regserver::commands::{self, Field, Kind};

use super::{Pile, body_of, reply_of};

/// The first example that succeeds, as everywhere in the laws.
fn good(entry: &Entry) -> &'static Example {
    let good = entry.examples.iter().find(|example| !example.reply.starts_with("<exception>"));
    good.unwrap_or_else(|| panic!("{} has no example that succeeds", entry.name))
}

/// The body without the elements of those names.
fn without(body: &str, field: &Field) -> String {
    let mut body = body.to_owned();
    for name in field.names() {
        while let Some(from) = body.find(&format!("<{name}>")) {
            let end = format!("</{name}>");
            let to = body.find(&end).unwrap() + end.len();
            body.replace_range(from..to, "");
        }
    }
    body
}

fn with(body: &str, inner: &str) -> String {
    body.replace("</teamdrive>", &format!("{inner}</teamdrive>"))
}

/// A value that is not of that kind.
fn wrong(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Number(..) => Some("1.5"),
        Kind::Truth => Some("yes"),
        Kind::Date => Some("12/32/2026"),
        Kind::Timestamp => Some("soon"),
        Kind::Words(_) | Kind::Constant(_) => Some("asleep"),
        Kind::Text | Kind::Secret => Some("<x>1</x>"),
        _ => None,
    }
}

#[test]
fn a_spoiled_request_is_refused() {
    let mut pile = Pile::default();
    for entry in commands::all() {
        let body = body_of(entry, good(entry).call);
        let mut bad = |what: &str, body: &str| pile.add(entry.name, "request", what, body.as_bytes(), false);
        bad("another command", &body.replace("<command>", "<command>x"));
        bad("no time", &body.replace("<requesttime>1767225600</requesttime>", ""));
        bad("an origin of its own", &with(&body, "<origin>moon</origin>"));
        bad("a text around the fields", &with(&body, "x"));
        for field in commands::fields_of(entry) {
            if let Some(wrong) = wrong(&field.kind) {
                let spoiled = with(&without(&body, field), &format!("<{0}>{wrong}</{0}>", field.name));
                bad(&format!("{} of a wrong kind", field.name), &spoiled);
            }
            if field.required && !matches!(field.kind, Kind::List(_)) {
                bad(&format!("no {}", field.name), &without(&body, field));
                let blank = with(&without(&body, field), &format!("<{0}> </{0}>", field.name));
                bad(&format!("{} blank", field.name), &blank);
            }
        }
        for group in commands::groups(commands::fields_of(entry)) {
            let none = group.iter().fold(body.clone(), |body, field| without(&body, field));
            let two: String = group[..2].iter().map(|field| format!("<{0}>1</{0}>", field.name)).collect();
            bad("two of a group", &with(&none, &two));
            if !group[0].or_none {
                bad("none of a group", &none);
            }
        }
    }
    let faults = pile.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_request_may_have_what_it_likes_beside_its_fields() {
    let mut pile = Pile::default();
    for entry in commands::all() {
        let body = body_of(entry, good(entry).call);
        let more = "<zzz/><apiversion>1.0.005</apiversion><zzz><y>1</y></zzz><sendmail>$False</sendmail>";
        pile.add(entry.name, "request", "unknown fields", with(&body, more).as_bytes(), true);
        let document = roxmltree::Document::parse(&body).unwrap();
        let children: Vec<&str> =
            document.root_element().children().map(|node| &body[node.range()]).collect();
        let turned: String = children.into_iter().rev().collect();
        let turned = format!("<teamdrive>{turned}</teamdrive>");
        pile.add(entry.name, "request", "another order", turned.as_bytes(), true);
    }
    let faults = pile.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_spoiled_reply_is_refused() {
    let mut pile = Pile::default();
    let refusal = "<exception><primarycode>-1</primarycode><secondarycode></secondarycode>\
        <message></message></exception>";
    for entry in commands::all() {
        let inner = good(entry).reply;
        let mut bad =
            |what: &str, inner: &str| pile.add(entry.name, "reply", what, reply_of(inner).as_bytes(), false);
        bad("something behind it", &format!("{inner}<zzz></zzz>"));
        bad("an exception behind it", &format!("{inner}{refusal}"));
        bad("an exception without a number", &refusal.replace("-1", "x"));
        bad("half an exception", &refusal.replace("<message></message>", ""));
        for (what, spoiled) in spoils(&commands::reply_of(entry), inner) {
            bad(&what, &spoiled);
        }
    }
    let faults = pile.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let kinds =
        pile.0.values().flatten().filter(|document| document.name.ends_with("is no word of it")).count();
    assert!(kinds > 20, "only {kinds} replies have a word that could be wrong");
}

/// The reply with a wrong value in, without, and with two neighbours changed for each member on any level.
fn spoils(members: &[Field], inner: &str) -> Vec<(String, String)> {
    let whole = format!("<r>{inner}</r>");
    let document = roxmltree::Document::parse(&whole).unwrap();
    let mut spoils = Vec::new();
    let mut levels = vec![(document.root_element(), members.to_vec())];
    let cut = |range: std::ops::Range<usize>, by: &str| {
        let text = format!("{}{by}{}", &whole[..range.start], &whole[range.end..]);
        text["<r>".len()..text.len() - "</r>".len()].to_owned()
    };
    while let Some((level, members)) = levels.pop() {
        let elements: Vec<_> = level.children().filter(|node| node.is_element()).collect();
        for (at, element) in elements.iter().enumerate() {
            let name = element.tag_name().name();
            let member = members.iter().find(|member| member.name == name).unwrap();
            let kind = match &member.kind {
                Kind::List(entry) => entry,
                kind => kind,
            };
            let by = |value: &str| cut(element.range(), &format!("<{name}>{value}</{name}>"));
            match kind {
                Kind::Members(members) => levels.push((*element, members.clone())),
                Kind::Words(_) => spoils.push((format!("{name} is no word of it"), by("asleep"))),
                kind => {
                    spoils.extend(wrong(kind).map(|value| (format!("{name} of a wrong kind"), by(value))))
                }
            }
            if member.required && !matches!(member.kind, Kind::List(_)) {
                spoils.push((format!("no {name}"), cut(element.range(), "")));
            }
            let Some(next) = elements.get(at + 1).filter(|next| next.tag_name().name() != name) else {
                continue;
            };
            let turned = format!("{}{}", &whole[next.range()], &whole[element.range()]);
            spoils.push((
                format!("{name} behind its neighbour"),
                cut(element.range().start..next.range().end, &turned),
            ));
        }
    }
    spoils
}
