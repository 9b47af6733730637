//! Whatever is sent, what comes back is an envelope with a declared code, never a fault of ours.

use base64::Engine;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regserver::api::answer::Kind;
use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;
use regserver::gate::credentials::Shown;
use serde_json::{Map, Value};

use crate::world::{Reply, STRANGE, World};

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
    is_an_answer(reply);
}

/// The same for callers who may be turned away, with HTTP 403.
fn is_an_answer(reply: &Reply) {
    let away =
        [Code::AccessDenied, Code::TooManyAttempts].iter().any(|code| reply.code() == Some(*code as i64));
    assert!(reply.answer.status == 200 || (reply.answer.status == 403 && away), "{}", reply.body());
    let members = match reply.answer.kind {
        Kind::Json => reply.json().as_object().unwrap().keys().cloned().collect(),
        _ => crate::world::fields(reply.body()),
    };
    assert_eq!(members.first().map(String::as_str), Some("regversion"));
    let Some(code) = reply.code() else { return };
    let declared = reply.answer.trace.command.and_then(commands::find).map_or(&[][..], |entry| entry.refuses);
    let common = Code::COMMON.iter().chain([&Code::ProviderUnknown]);
    // Who guesses too often is turned away before any command is known.
    let turned_away = reply.answer.status == 403 && away;
    let known = turned_away || declared.iter().chain(common).any(|known| *known as i64 == code);
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

/// Any credential: bytes, words, text in the right form, and what is nearly right.
fn shown() -> impl Strategy<Value = Shown<'static>> {
    let encoded = |bytes: &[u8]| base64::prelude::BASE64_STANDARD.encode(bytes);
    let name =
        || prop_oneof![Just("rk-".to_owned()), "rk-[a-z2-7]{20}", "\\PC{0,30}", Just("alice".to_owned())];
    prop_oneof![
        Just(Shown::Nothing),
        "\\PC{0,60}".prop_map(|text| Shown::Authorization(text.into())),
        "(Basic|basic|Bearer|Digest) [A-Za-z0-9+/=]{0,90}".prop_map(|text| Shown::Authorization(text.into())),
        vec(any::<u8>(), 0..60)
            .prop_map(move |bytes| Shown::Authorization(format!("Basic {}", encoded(&bytes)).into())),
        (name(), "\\PC{0,40}").prop_map(move |(name, secret)| {
            Shown::Authorization(format!("Basic {}", encoded(format!("{name}:{secret}").as_bytes())).into())
        }),
        "\\PC{0,60}".prop_map(|text| Shown::Session(text.into())),
        "[A-Za-z0-9_-]{43}".prop_map(|text| Shown::Session(text.into())),
        Just(Shown::Nobodys("two credentials at once")),
    ]
}

#[test]
fn random_credentials_prove_nobody() {
    let world = World::new();
    world.call("createapikey username=alice kind=basic").done();
    let bytes = vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let body = prop_oneof![bytes, body(), json_call()];
    let settings = ProptestConfig { cases: 700, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(shown in shown(), body in body, xml in any::<bool>(), plain in any::<bool>(),
        address in 0..40_u8, at_sessions in any::<bool>())| {
        let nothing = shown == Shown::Nothing;
        let mut party = world.showing(shown).from(&format!("203.0.113.{address}"));
        if at_sessions { party = party.at_the_session_endpoint() }
        if plain { party = party.in_plain_text() }
        if xml { party = party.over_xml() }
        let reply = party.body(body.as_bytes());
        if nothing {
            // Nobody is still let in to what is public; there everything is as for a service.
            is_an_answer(&reply);
        } else {
            let refused = [Some(Code::AccessDenied as i64), Some(Code::TooManyAttempts as i64)];
            prop_assert!(refused.contains(&reply.code()), "{}", reply.body());
            prop_assert_eq!(reply.answer.status, 403);
            prop_assert!(reply.answer.trace.command.is_none(), "it read the body");
        }
    });
}

#[test]
fn random_fields_by_people_and_strangers_never_break_a_command() {
    let world = World::new();
    let person = world.person("alice", "");
    let session = world.stranger().session("username=alice password=wonder-2026", STRANGE);
    let admin = {
        world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
        for right in ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"] {
            world.call(&format!("grantright username=carol right={right}")).done();
        }
        world.person("carol", "")
    };
    let parties = [person, session, admin, world.stranger(), world.stranger().at_the_session_endpoint()];
    let settings = ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(xml in body(), json in json_call(), at in any::<Index>())| {
        let party = at.get(&parties);
        is_an_answer(&party.body(json.as_bytes()));
        is_an_answer(&party.clone().over_xml().body(xml.as_bytes()));
    });
}
