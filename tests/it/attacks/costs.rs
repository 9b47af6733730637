//! What a refusal costs: who guesses a name learns nothing by the work that it makes.
//!
//! A clock would tell more and less: more on a quiet machine, and nothing in a test. So the work is counted: hashes of
//! passwords, calls that wait for the writer, and what is written.

use rusqlite::Connection;

use crate::world::{Party, World};

/// Hashes, whether anything waits, and whether something was written.
fn work(world: &World, party: &Party<'_>) -> (u64, bool, bool) {
    let look = Connection::open(world.database()).unwrap();
    let version = || look.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).unwrap();
    let (runs, before) = (world.hash_runs(), version());
    let begun = party.begin("getuserdata", "username=alice");
    let waits = begun.waits();
    assert_eq!(begun.end().answer.status, 403);
    (world.hash_runs() - runs, waits, version() != before)
}

#[test]
fn a_signature_is_refused_at_the_same_cost_whoever_is_named() {
    let world = World::new();
    let (site, basic) = (world.site("tickets"), world.call("createapikey username=alice kind=basic").done());
    let made = world.call("createapikey username=alice kind=signing").done();
    let (carol, alice) =
        (site.registers("carol"), world.call("getuserdata username=alice").done().text("userkey"));
    let signing = |site: Option<&str>, user: Option<&str>| Party::signing(&world, site, user, "guess");
    let (key, basic, tickets) = (made.text("key"), basic.text("key"), site.key.clone());
    for party in [
        signing(None, Some("rk-nobodys")),
        signing(None, Some(&key)),
        signing(None, Some(&basic)),
        signing(Some("sk-nobodys"), Some(&carol)),
        signing(Some(&tickets), Some(&carol)),
        signing(Some(&tickets), Some("uk-nobodys")),
        signing(Some(&tickets), None),
        // Rightly signed, for somebody who has said nothing to the site, and for nobody.
        site.acting_for(&alice),
        site.acting_for("uk-nobodys"),
    ] {
        for party in [party.clone(), party.over_xml()] {
            assert_eq!(work(&world, &party), (0, false, false));
        }
    }
}

#[test]
fn a_key_that_is_sent_is_refused_at_the_same_cost_whoever_is_named() {
    let world = World::new();
    let basic = world.call("createapikey username=alice kind=basic").done().text("key");
    let signing = world.call("createapikey username=alice kind=signing").done().text("key");
    let mut seen = Vec::new();
    for name in ["rk-nobodys", &basic, &signing, ""] {
        for party in [world.key(name, "guess"), world.key(name, "guess").over_xml()] {
            seen.push(work(&world, &party));
        }
    }
    assert_eq!(seen, vec![(0, true, true); seen.len()]);
}
