//! The order of the checks: a request that is wrong in several ways is refused for the first of them.

use regserver::error::Code;

use crate::world::{Reply, World};

/// What can be wrong, in the order in which it is looked at.
const STEPS: [(&str, Code, &str); 11] = [
    ("address", Code::AccessDenied, "Access denied"),
    ("checksum", Code::InvalidRequest, "Invalid Request"),
    ("xml", Code::InvalidXml, "Invalid XML"),
    ("command", Code::InvalidCommand, "Invalid Command"),
    ("time", Code::InvalidRequest, "Invalid Request: requesttime is 1000 seconds off; 300 are allowed"),
    ("provider", Code::AccessDenied, "Access denied to specified Provider"),
    (
        "right",
        Code::AccessDenied,
        "Access denied: the service kiosk may not call removeuser; its provider can add it to the allowed commands",
    ),
    ("field", Code::InvalidRequest, "Invalid Request: deletelicense must be true or false"),
    ("origin", Code::InvalidRequest, ORIGIN),
    ("key", Code::InvalidRequest, "Invalid Request: idempotencykey is longer than 100 characters"),
    ("user", Code::UserUnknown, "Username does not exists"),
];

const ORIGIN: &str =
    "Invalid Request: origin must be one of API-CALL, LOGIN-PORTAL, ADMIN-CONSOLE, CLIENT-CALL, USER-IMPORT";

/// A call in which everything from that step on is wrong.
fn wrong_from(world: &World, step: usize) -> Reply {
    let wrong = |name: &str| STEPS[step..].iter().any(|(known, ..)| *known == name);
    let mut fields = format!("requesttime={}", world.seconds() + if wrong("time") { 1_000 } else { 0 });
    let mut add = |name: &str, field: &str| {
        if wrong(name) {
            fields.push_str(field);
        }
    };
    add("provider", " distributor=NONE");
    add("field", " deletelicense=perhaps");
    add("origin", " origin=NOWHERE");
    add("key", &format!(" idempotencykey={}", "k".repeat(101)));
    add("user", " username=nobody");
    let mut party = world.service(if wrong("right") { "kiosk" } else { "portal" });
    if wrong("address") {
        party = party.from("203.0.113.9");
    }
    let mut body = party.xml(if wrong("command") { "makecoffee" } else { "removeuser" }, &fields);
    if wrong("xml") {
        body.push_str("<second/>");
    }
    let checksum = if wrong("checksum") { "0".repeat(32) } else { party.checksum(body.as_bytes()) };
    party.signed(body.as_bytes(), Some(&checksum))
}

#[test]
fn the_first_wrong_thing_counts() {
    let world = World::with(|config| {
        config.server("RequestTimeWindow", "300");
    });
    let before = world.dump();
    for (step, (_, code, message)) in STEPS.iter().enumerate() {
        wrong_from(&world, step).refused(*code).says(message);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn an_early_refusal_knows_only_what_was_reached() {
    let world = World::new();
    let trace = |step| wrong_from(&world, step).answer.trace;
    let service = |step| trace(step).caller.map(|caller| caller.name());
    assert_eq!((service(0), trace(0).command), (None, None));
    assert_eq!((service(1).as_deref(), trace(1).command), (Some("service:kiosk"), None));
    assert_eq!(trace(3).command, None);
    assert_eq!((trace(5).command, trace(5).writes), (Some("removeuser"), true));
}

#[test]
fn the_version_is_echoed_as_soon_as_the_xml_could_be_read() {
    let world = World::new();
    let party = world.service("portal");
    let reply = party.ask("makecoffee", "apiversion=1.0").refused(Code::InvalidCommand);
    assert!(reply.inner().starts_with("<apiversion>1.0</apiversion><exception>"));
    let body = party.xml("getversion", "apiversion=1.0");
    let reply = party.signed(body.as_bytes(), None).plainly(Code::InvalidRequest);
    assert!(!reply.body().contains("apiversion"));
}

#[test]
fn the_log_says_what_is_wrong_with_a_command() {
    let world = World::new();
    let portal = world.service("portal");
    let body = portal.xml("getversion", "");
    for (command, said) in [
        ("", "the call names no command"),
        ("getVersion", "there is no such command; did it mean getversion?"),
        ("getuserdat", "there is no such command; did it mean getuserdata?"),
        ("a-password-in-the-wrong-place", "there is no such command"),
    ] {
        let body = body.replace("<command>getversion", &format!("<command>{command}"));
        let reply = portal.body(body.as_bytes()).plainly(Code::InvalidCommand);
        assert_eq!(reply.answer.trace.said.as_deref(), Some(said), "{command}");
    }
}
