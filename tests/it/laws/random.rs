//! Whatever is sent, what comes back is an envelope with a declared code, never a fault of ours.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regserver::api::answer::Kind;
use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;
use serde_json::{Map, Value};

use crate::world::{Reply, World};

const STANDARD: [&str; 8] = [
    "requesttime",
    "distributor",
    "apiversion",
    "origin",
    "sendmail",
    "clientip",
    "idempotencykey",
    "randtoken",
];

/// Values that mean something to one field or another.
const TELLING: [&str; 30] = [
    "",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "99999999999999999999",
    "true",
    "$false",
    "[]",
    "alice",
    "edgar",
    "*ali*",
    "***",
    "alice@example.com",
    "DEMO",
    "ACME",
    "activated",
    "en",
    "xx",
    "wonder-2026",
    "API-CALL",
    "LOGIN-PORTAL",
    "192.0.2.9",
    "192.0.2.0/24,2001:db8::/32",
    "hmac-sha256",
    "SearchResultsPerPage",
    "ReplayProtection",
    "RegVersion",
    "' OR 1=1 --",
    "\u{feff}\u{202e}ß%_\"\\",
];

fn entries() -> Vec<&'static Entry> {
    commands::all().collect()
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(&TELLING[..]).prop_map(str::to_owned),
        2 => "[ -~]{0,40}",
        1 => "\\PC{0,20}",
        1 => "[a-z]{90,300}",
    ]
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    regserver::wire::xml::escape(&mut out, text);
    out
}

/// A body for one of the commands, its fields drawn from the table.
fn body() -> impl Strategy<Value = String> {
    let names = |entry: &Entry| -> Vec<String> {
        let own = commands::fields_of(entry).iter();
        let own = own.flat_map(|field| field.aliases.iter().chain([&field.name]).cloned());
        own.chain(STANDARD.map(str::to_owned)).collect()
    };
    any::<Index>().prop_flat_map(move |index| {
        let entry = *index.get(&entries());
        let fields = vec((select(names(entry)), value(), 0..20u8), 0..8);
        fields.prop_map(move |fields| {
            let mut body = format!("<teamdrive><command>{}</command>", entry.name);
            for (name, value, form) in &fields {
                let value = escaped(value);
                match form {
                    0 => body.push_str(&format!("<{name}><x>{value}</x><x>{value}</x></{name}>")),
                    1 => body.push_str(&format!("<{name}/>")),
                    _ => body.push_str(&format!("<{name}>{value}</{name}>")),
                }
            }
            body.push_str("<requesttime>1767225600</requesttime></teamdrive>");
            body
        })
    })
}

/// It is an envelope; what it refuses is declared by the command it was meant for.
fn is_an_envelope(reply: &Reply) {
    assert_eq!(reply.answer.status, 200, "{}", reply.body());
    let members = match reply.answer.kind {
        Kind::Json => reply.json().as_object().unwrap().keys().cloned().collect(),
        _ => crate::world::fields(reply.body()),
    };
    assert_eq!(members.first().map(String::as_str), Some("regversion"));
    let Some(code) = reply.code() else { return };
    let declared = reply.answer.trace.command.and_then(commands::find).map_or(&[][..], |entry| entry.refuses);
    let common = Code::COMMON.iter().chain([&Code::ProviderUnknown]);
    let known = declared.iter().chain(common).any(|known| *known as i64 == code);
    assert!(known, "{:?} answers {}", reply.answer.trace.command, reply.body());
    assert!(code <= -30_000, "a fault of ours: {}", reply.body());
}

#[test]
fn random_fields_never_break_a_command() {
    let world = World::new();
    let settings = ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(body in body())| {
        is_an_envelope(&world.service("portal").body(body.as_bytes()));
    });
}

#[test]
fn random_bytes_never_break_the_gate() {
    let world = World::new();
    let settings = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(bytes in vec(any::<u8>(), 0..400))| {
        is_an_envelope(&world.service("portal").body(&bytes));
        is_an_envelope(&world.service("portal").over_json().body(&bytes));
        let inside = [b"{\"a\":", &bytes[..], b"}"].concat();
        is_an_envelope(&world.service("portal").over_json().body(&inside));
        is_an_envelope(&world.service("portal").over_json().body(&[b"data=", &inside[..]].concat()));
    });
}

/// Any JSON at all.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        value().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec(("[a-z]{1,3}", inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A call of one of the commands whose own fields hold any JSON.
fn json_call() -> impl Strategy<Value = String> {
    let names = |entry: &Entry| -> Vec<String> {
        let own = commands::fields_of(entry).iter().map(|field| field.name.clone());
        own.chain(STANDARD.map(str::to_owned)).collect()
    };
    any::<Index>().prop_flat_map(move |index| {
        let entry = *index.get(&entries());
        vec((select(names(entry)), prop_oneof![value().prop_map(Value::from), json()]), 0..8).prop_map(
            move |fields| {
                let mut members: Map<String, Value> = fields.into_iter().collect();
                members.insert("command".to_owned(), entry.name.into());
                members.entry("requesttime").or_insert(1_767_225_600.into());
                Value::Object(members).to_string()
            },
        )
    })
}

#[test]
fn random_json_never_breaks_a_command() {
    let world = World::new();
    let portal = world.service("portal").over_json();
    let settings = ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(body in json_call(), any in json(), at in any::<Index>(), byte in any::<u8>())| {
        is_an_envelope(&portal.body(body.as_bytes()));
        is_an_envelope(&portal.body(any.to_string().as_bytes()));
        let mut damaged = body.into_bytes();
        let at = at.index(damaged.len());
        damaged[at] = byte;
        is_an_envelope(&portal.body(&damaged));
    });
}

#[test]
fn a_damaged_body_never_breaks_the_gate() {
    let world = World::new();
    let settings = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(body in body(), at in any::<Index>(), byte in any::<u8>(), cut in any::<bool>())| {
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        is_an_envelope(&world.service("portal").body(&bytes));
    });
}

#[test]
fn a_random_checksum_never_opens_the_gate() {
    let world = World::new();
    let settings = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(checksum in prop_oneof!["[0-9a-f]{32}", "\\PC{0,70}"], service in select(vec!["portal", "shop", "branch", "legacy"]))| {
        let party = world.service(service);
        let body = party.xml("getversion", "");
        party.signed(body.as_bytes(), Some(&checksum)).plainly(Code::InvalidRequest);
    });
}
