//! The four methods against values that others computed, and keys in rotation.

use regserver::error::Code;
use regserver::gate::checksum::Method;

use crate::world::World;

const VECTORS: &str = include_str!("../../../fixtures/vectors/checksums.tsv");

#[test]
fn golden_values() {
    let mut seen = Vec::new();
    for line in VECTORS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let [method, key, body, checksum] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let method = Method::parse(method).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(method.sign(key.as_bytes(), body.as_bytes()), checksum, "{line}");
        seen.push(method.short());
    }
    assert!(seen.len() > 10);
    for short in ["md5", "hmac-sha1", "hmac-sha256"] {
        assert!(seen.contains(&short), "no value for {short}");
    }
}

#[test]
fn each_method_opens_for_its_own_checksum_only() {
    let world = World::new();
    for service in ["portal", "shop", "branch", "legacy", "rotating"] {
        let party = world.service(service);
        let stated = world.config.services.iter().find(|stated| stated.name == service).unwrap();
        let key = stated
            .keys
            .last()
            .map_or(world.config.settings.get("APIChecksumSalt").unwrap(), |k| k.key.reveal());
        let body = party.xml("getversion", "");
        for (method, ..) in Method::ALL {
            let checksum = method.sign(key.as_bytes(), body.as_bytes());
            let reply = party.signed(body.as_bytes(), Some(&checksum));
            // MD5 over a key and over the salt are one computation.
            match method.sign(b"k", b"b") == stated.method.sign(b"k", b"b") {
                true => reply.done(),
                false => reply.plainly(Code::InvalidRequest),
            };
        }
    }
}

#[test]
fn a_body_changed_by_one_byte_is_another_body() {
    let world = World::new();
    let party = world.service("shop");
    let body = party.xml("getversion", "");
    let checksum = party.checksum(body.as_bytes());
    for at in [0, body.len() / 2, body.len() - 1] {
        let mut changed = body.clone().into_bytes();
        changed[at] ^= 1;
        party.signed(&changed, Some(&checksum)).plainly(Code::InvalidRequest);
    }
}

#[test]
fn the_old_key_ends_at_its_moment_and_the_new_one_does_not() {
    let world = World::new();
    let (old, new) = (world.service("rotating").with_key("old-key-of-the-tests"), world.service("rotating"));
    for _ in 0..2 {
        old.ask("getversion", "").done();
        new.ask("getversion", "").done();
        world.pass(302_400 - 1);
    }
    old.ask("getversion", "").done();
    world.pass(2);
    old.ask("getversion", "").plainly(Code::InvalidRequest);
    new.ask("getversion", "").done();
}

#[test]
fn what_the_log_learns_the_caller_does_not() {
    let world = World::new();
    let reply =
        world.service("portal").with_key("another").ask("getversion", "").plainly(Code::InvalidRequest);
    let why = reply.answer.trace.why.unwrap();
    assert_eq!(
        why,
        "service portal: the checksum is not MD5 (Endpoint specific key) of the body and its key"
    );
    let reply = world.service("portal").from("203.0.113.9").ask("getversion", "");
    let why = reply.answer.trace.why.unwrap();
    assert_eq!(why, "no enabled service is registered for the address 203.0.113.9");
}

#[test]
fn the_log_names_the_usual_slips_of_who_signs() {
    let world = World::new();
    let service = world.service("portal");
    let stated = world.config.services.iter().find(|stated| stated.name == "portal").unwrap();
    let key = stated.keys.last().unwrap().key.reveal().to_owned();
    let body = service.xml("getversion", "");
    let sign = |method: Method, key: &str, body: &str| method.sign(key.as_bytes(), body.as_bytes());
    let md5 = |body: &str| sign(Method::Md5Key, &key, body);
    for (sent, checksum, slip) in [
        (format!("{body}\n"), md5(&body), "key; it is that of the body without the line feed at its end"),
        (format!("{body}\r\n"), md5(&body), "key; it is that of the body without the line feed at its end"),
        (body.clone(), md5(&format!("{body}\n")), "with a line feed at its end, which was not sent"),
        (format!("\u{feff}{body}"), md5(&body), "begins with a byte order mark"),
        (
            body.clone(),
            sign(Method::Md5Key, &format!("{key}\n"), &body),
            "of the key with a line feed at its end",
        ),
        (body.clone(), format!("{:A<32}", "A"), "32 lower-case hex digits; these are in upper case"),
        (body.clone(), sign(Method::HmacSha256, &key, &body), "; these are the 64 of HMAC-SHA256"),
        (body.clone(), "zz".to_owned(), "32 lower-case hex digits"),
        (body.clone(), md5("another"), "of the body and its key"),
    ] {
        let reply = service.signed(sent.as_bytes(), Some(&checksum)).plainly(Code::InvalidRequest);
        let why = reply.answer.trace.why.unwrap();
        assert!(why.ends_with(slip), "{slip}: {why}");
    }
}
