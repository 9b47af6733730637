//! Sessions: opened by a password, a key or a service, for one address and a quarter of an hour.

use regserver::error::Code;
use regserver::gate::credentials::Shown;

use crate::world::{Party, STRANGE, World};

const BY_PASSWORD: &str = "username=alice password=wonder-2026";

#[track_caller]
fn works(party: &Party<'_>) {
    assert_eq!(party.ask("getuserdata", "username=alice").done().text("username"), "alice");
}

#[track_caller]
fn over(party: &Party<'_>) {
    let reply = party.ask("getuserdata", "username=alice").turned_away(Code::AccessDenied);
    reply.says("Access denied").second("");
}

#[test]
fn three_ways_to_open_one() {
    let world = World::new();
    let key = world.person("alice", "");
    for party in [
        world.stranger().session(BY_PASSWORD, "192.0.2.44"),
        world.stranger().at_the_session_endpoint().session(BY_PASSWORD, "192.0.2.44"),
        key.session("", "192.0.2.44"),
        key.clone().over_xml().session("", "192.0.2.44"),
        key.clone().at_the_session_endpoint().session("username=alice", "192.0.2.44"),
        world.service("portal").session("username=alice", "192.0.2.44"),
        world.service("portal").session(BY_PASSWORD, "192.0.2.44"),
    ] {
        works(&party);
        works(&party.over_xml());
    }
    let listed = world.call("searchsession username=alice").done();
    let by_key = format!("key {}", world.call("searchapikey username=alice").done().text("key"));
    let expected = ["password", "password", &by_key, &by_key, &by_key, "service portal", "password"];
    assert_eq!(listed.texts("openedby"), expected);
}

#[test]
fn the_reply_is_the_documented_one() {
    let world = World::new();
    let body = br#"{"username": "alice", "password": "wonder-2026", "IP": "192.0.2.44"}"#;
    let reply = world.stranger().at_the_session_endpoint().body(body).done();
    let token = reply.text("session");
    let expected =
        format!(r#"{{"regversion":"4.7.1","session":"{token}","expires":"2026-01-01T00:15:00Z"}}"#);
    assert_eq!(reply.body(), expected);
    assert!(token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    assert!(!world.dump().iter().any(|row| row.contains(&token)), "it stands in the database");
    assert!(!world.call("searchsession username=alice").done().body().contains(&token));
}

#[test]
fn nobody_opens_one_without_a_password() {
    let world = World::new();
    for stranger in [world.stranger(), world.stranger().at_the_session_endpoint()] {
        let reply = stranger.ask("createsession", "username=alice").turned_away(Code::AccessDenied);
        reply.says("Access denied: createsession needs a credential");
        stranger.ask("createsession", "username=alice password=").turned_away(Code::AccessDenied);
        stranger.ask("createsession", "password=wonder-2026").refused(Code::InvalidRequest);
    }
}

#[test]
fn it_is_bound_to_its_address() {
    let world = World::new();
    let session = world.service("portal").session("username=alice", "192.0.2.44");
    works(&session);
    works(&session.clone().through("203.0.113.200", &["192.0.2.44"]));
    for address in ["192.0.2.45", STRANGE, "198.51.100.1", "2001:db8:7::44"] {
        over(&session.clone().from(address));
    }
    works(&session);
    // Of an IPv6 address all of it counts, however it is written.
    let session = world.service("portal").session("username=alice", "2001:DB8:7:0::44");
    works(&session.clone().from("2001:db8:7::44"));
    over(&session.from("2001:db8:7::45"));
    works(&world.service("portal").session("username=alice", "::ffff:192.0.2.44").from("192.0.2.44"));
}

#[test]
fn without_an_address_it_is_the_callers_own() {
    let world = World::new();
    let opened = |party: &Party<'_>, fields: &str| {
        let token = party.ask("createsession", fields).done().text("session");
        Party::showing(&world, Shown::Session(token.into()))
    };
    works(&opened(&world.stranger(), BY_PASSWORD));
    over(&opened(&world.stranger().from("192.0.2.44"), BY_PASSWORD));
    works(&opened(&world.person("alice", "").from("192.0.2.44"), "").from("192.0.2.44"));
    // A service's own is of no use to the user's browser.
    let portal = world.service("portal");
    let reply = portal.ask("createsession", "username=alice").refused(Code::InvalidRequest);
    reply.says("Invalid Request: IP is needed: the address of the user's browser");
    works(&opened(&portal, "username=alice clientip=192.0.2.44").from("192.0.2.44"));
    let reply = world.stranger().ask("createsession", &format!("{BY_PASSWORD} IP=here"));
    reply.refused(Code::InvalidRequest).says("Invalid Request: IP must be an IPv4 or IPv6 address");
}

#[test]
fn fifteen_minutes_and_not_a_second_longer() {
    let world = World::new();
    let session = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    world.pass(15 * 60 - 1);
    works(&session);
    assert_eq!(session.ask("searchsession", "").done().texts("sessionid"), ["1"]);
    world.pass(1);
    over(&session);
    assert_eq!(world.call("searchsession username=alice").done().find("sessionid"), None);
    world.call("endsession sessionid=1").plainly(Code::SessionUnknown);
}

#[test]
fn a_token_that_is_none_is_refused() {
    let world = World::new();
    let token = world.stranger().ask("createsession", BY_PASSWORD).done().text("session");
    let with = |token: String| Party::showing(&world, Shown::Session(token.into()));
    works(&with(token.clone()));
    for wrong in
        [String::new(), token.to_lowercase(), format!("{token}="), token[1..].to_owned(), "x".repeat(10_000)]
    {
        over(&with(wrong));
    }
    over(&with(token).in_plain_text());
}

#[test]
fn a_session_opens_no_session() {
    let world = World::new();
    let key = world.person("alice", "");
    for session in [
        world.stranger().session(BY_PASSWORD, "192.0.2.44"),
        key.session("", "192.0.2.44"),
        world.service("portal").session("username=alice", "192.0.2.44"),
    ] {
        for party in [session.clone(), session.clone().at_the_session_endpoint()] {
            let reply = party.ask("createsession", "").refused(Code::AccessDenied).second("-6");
            reply.says("Access denied: a session opens no session");
        }
    }
}

#[test]
fn the_oldest_of_more_than_a_hundred_ends() {
    let world = World::new();
    let oldest = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    let second = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    let others = world.service("portal").session("username=carol", "192.0.2.44");
    for _ in 0..98 {
        world.call("createsession username=alice IP=192.0.2.44").done();
    }
    works(&oldest);
    world.call("createsession username=alice IP=192.0.2.44").done();
    over(&oldest);
    works(&second);
    assert_eq!(others.ask("searchsession", "").done().texts("sessionid").len(), 1);
    assert_eq!(second.ask("searchsession", "").done().texts("sessionid").len(), 100);
}

#[test]
fn who_may_end_which() {
    let world = World::new();
    let mine = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    let other = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    let carols = world.service("portal").session("username=carol", "192.0.2.44");
    // Somebody else's is not told from none.
    let foreign = mine.ask("endsession", "sessionid=3").refused(Code::AccessDenied).second("-6");
    let none = mine.ask("endsession", "sessionid=99").refused(Code::AccessDenied).second("-6");
    assert_eq!(foreign.body(), none.body());
    mine.ask("searchsession", "username=carol").refused(Code::AccessDenied).second("-6");
    carols.ask("getversion", "").done();
    // The one that is named, then the one that calls.
    mine.ask("endsession", "sessionid=2").done().text("intresult");
    over(&other);
    mine.ask("endsession", "").done();
    over(&mine);
    let key = world.person("alice", "");
    let named = key.ask("endsession", "").refused(Code::InvalidRequest);
    named.says("Invalid Request: sessionid is needed");
    // A service ends any of its users, and none of others.
    world.service("shop").ask("endsession", "sessionid=3").plainly(Code::SessionUnknown);
    world.call("endsession sessionid=99").plainly(Code::SessionUnknown);
    world.call("endsession sessionid=3").done();
    carols.ask("getversion", "").turned_away(Code::AccessDenied);
    world.call("endsession sessionid=3").plainly(Code::SessionUnknown);
}

#[test]
fn a_session_by_password_makes_keys_and_others_do_not() {
    let world = World::new();
    let make = "username=alice kind=basic password=wonder-2026";
    let by_password = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    let made = by_password.ask("createapikey", make).done();
    let key = world.key(&made.text("key"), &made.text("secret"));
    works(&key);
    let reason = "Access denied: a key is made by a service, or in a session that the user has opened with the \
                  password";
    for party in [
        key.clone(),
        key.session("", "192.0.2.44"),
        world.service("portal").session("username=alice", "192.0.2.44"),
    ] {
        party.ask("createapikey", make).refused(Code::AccessDenied).second("-6").says(reason);
    }
    // Nor for others, whatever their rights.
    world.call("grantright username=alice right=API-ACCESS").done();
    key.ask("createapikey", "username=edgar kind=basic").refused(Code::AccessDenied).says(reason);
    let by_password = world.stranger().session(BY_PASSWORD, "192.0.2.44");
    by_password.ask("createapikey", "username=edgar kind=basic").done();
}

#[test]
fn no_session_is_opened_in_plain_text() {
    let world = World::new();
    let stranger = world.stranger().at_the_session_endpoint();
    let fields = "username=alice password=wonder-2026";
    stranger.clone().in_plain_text().ask("createsession", fields).turned_away(Code::AccessDenied);
    stranger.ask("createsession", fields).done();
}
