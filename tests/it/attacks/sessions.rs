//! Sessions that are forced on somebody, or used by somebody else.

use regserver::error::Code;
use regserver::gate::credentials::Shown;

use crate::world::{Party, STRANGE, World};

const RIGHT: &str = "username=alice password=wonder-2026";

#[track_caller]
fn turned_away(party: &Party<'_>) {
    for party in [party.clone(), party.clone().over_xml()] {
        let reply = party.ask("getuserdata", "username=alice").turned_away(Code::AccessDenied);
        reply.says("Access denied").second("");
    }
}

#[track_caller]
fn works(party: &Party<'_>) {
    for party in [party.clone(), party.clone().over_xml()] {
        party.ask("getuserdata", "username=alice").done();
    }
}

#[test]
fn nobody_chooses_the_token_of_a_session() {
    let world = World::new();
    let chosen = "A".repeat(43);
    let with_it = || Party::showing(&world, Shown::Session(chosen.clone().into()));
    turned_away(&with_it());
    // A login beside it neither makes it valid nor takes place.
    with_it().ask("createsession", RIGHT).turned_away(Code::AccessDenied);
    with_it().at_the_session_endpoint().ask("createsession", RIGHT).turned_away(Code::AccessDenied);
    for field in ["session", "SESS", "token", "hash"] {
        let reply = world.stranger().ask("createsession", &format!("{RIGHT} {field}={chosen}")).done();
        assert_ne!(reply.text("session"), chosen);
    }
    turned_away(&with_it());
    assert!(!world.dump().iter().any(|row| row.contains(&chosen)));
}

#[test]
fn every_login_has_a_token_of_its_own() {
    let world = World::new();
    let open = || world.stranger().ask("createsession", RIGHT).done().text("session");
    let (mine, thine) = (open(), open());
    assert_ne!(mine, thine);
    // The session that somebody left in the browser is not the one of who logs in next.
    let with = |token: &str| Party::showing(&world, Shown::Session(token.to_owned().into()));
    with(&mine).ask("endsession", "").done();
    turned_away(&with(&mine));
    works(&with(&thine));
}

#[test]
fn a_stolen_token_is_worth_nothing_elsewhere() {
    let world = World::new();
    let site = world.site("tickets");
    site.authorised_by("alice", "wonder-2026");
    for opener in [world.signing("alice", ""), world.person("alice", ""), site.of("alice")] {
        let session = opener.session("", "192.0.2.44");
        works(&session);
        for address in ["192.0.2.45", STRANGE, "198.51.100.1", "127.0.0.1", "::1"] {
            turned_away(&session.clone().from(address));
        }
        // Nobody but a listed proxy says where a call comes from, and only of the one nearest to it.
        turned_away(&session.clone().through("192.0.2.99", &["192.0.2.44"]));
        turned_away(&session.clone().through("203.0.113.200", &["192.0.2.44, 192.0.2.99"]));
        turned_away(&session.clone().through("203.0.113.200", &["192.0.2.44", "192.0.2.99"]));
        turned_away(&session.clone().through("203.0.113.200", &[]));
        works(&session.clone().through("203.0.113.200", &["192.0.2.99, 192.0.2.44"]));
        turned_away(&session.in_plain_text());
    }
}

#[test]
fn nobody_ends_or_lists_anothers() {
    let world = World::new();
    let alice = world.stranger().session(RIGHT, STRANGE);
    let sheila = world.person("sheila", "");
    for party in [sheila.clone(), sheila.over_xml()] {
        party.ask("searchsession", "username=alice").refused(Code::AccessDenied).second("-6");
        let reply = party.ask("endsession", "sessionid=1");
        assert!(reply.code().is_some(), "{}", reply.body());
    }
    works(&alice);
}
