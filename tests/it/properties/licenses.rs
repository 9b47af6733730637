//! Licences against a model: whatever is called in whatever order, the counts are those of the uses, and the
//! uses those of users and devices.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use regserver::api::answer::Kind;
use rusqlite::{Connection, OpenFlags};

use super::settings;
use crate::world::World;

/// Calls by numbers: which one, about which user, which licence, which limit.
type Step = (u8, usize, usize, u8);

const NAMES: [&str; 5] = ["alice", "carol", "daisy", "erika", "frank"];

/// The call of a step; licences are taken from those that were made.
fn call(step: &Step, keys: &[String]) -> String {
    let (kind, user, license, limit) = *step;
    let user = NAMES[user % NAMES.len()];
    let key = keys.get(license % keys.len().max(1)).cloned().unwrap_or_else(|| "none".to_owned());
    let product = if limit % 16 == 15 { "server" } else { "client" };
    let made = format!("productname={product} type=yearly featurevalue=personal limit={}", 1 + limit % 3);
    let email = format!("useremail={user}@example.com");
    match kind % 18 {
        0 => format!("createlicense username={user} {made}"),
        1 => format!("createlicensewithoutuser {made}"),
        2 | 3 => format!("assignusertolicense username={user} licensekey={key}"),
        4 => format!("setdefaultlicense username={user} licensekey={key}"),
        5 => format!("removeuserfromlicense username={user} licensekey={key}"),
        6 | 7 => format!("assignlicensetoclient username={user} licensekey={key}"),
        8 => format!("upgradelicense licensekey={key} limit={}", limit % 5),
        9 => format!("downgradelicense licensekey={key} limit={}", limit % 3),
        10 => format!("cancellicense licensekey={key}"),
        11 => format!("deletelicense licensekey={key}"),
        12 => format!("removeuser username={user} deletelicense={}", limit % 2),
        13 => format!(
            "setdistributor username={user} newdistributor={} withlicenses={}",
            ["DEMO", "ACME"][license % 2],
            limit % 2
        ),
        14 => format!("registeruser username={user} {email} password=sekret-1234 activate=1"),
        15 => format!("registerdevice username={user} devicename=Phone platform=ios"),
        16 => format!("deletedevice username={user} all=1"),
        _ => format!("loginuser username={user} password=sekret-1234"),
    }
}

/// Pairs of licence and user, with a number.
fn pairs(connection: &Connection, sql: &str) -> BTreeMap<(i64, i64), i64> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn counts_hold(world: &World, after: &str) {
    let connection = Connection::open_with_flags(world.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let uses = pairs(&connection, "SELECT licenseid, userid, ways FROM license_uses");
    let said = pairs(
        &connection,
        "SELECT licenseid, userid, count(*) FROM (
             SELECT licenseid, id AS userid FROM users UNION ALL SELECT licenseid, userid FROM devices)
         WHERE licenseid IS NOT NULL GROUP BY licenseid, userid",
    );
    assert_eq!(uses, said, "after {after}");
    let wrong = pairs(
        &connection,
        "SELECT id, used, (SELECT count(*) FROM license_uses WHERE licenseid = licenses.id) AS rows FROM licenses
         WHERE used <> rows OR used + pooled > seats OR (used > 0 AND (status = 'cancelled' OR product = 'server'))",
    );
    assert!(wrong.is_empty(), "after {after}: {wrong:?}");
    let strangers = pairs(
        &connection,
        "SELECT users.id, licenses.id, 0 FROM license_uses JOIN users ON users.id = userid
         JOIN licenses ON licenses.id = license_uses.licenseid WHERE users.providerid <> licenses.providerid",
    );
    assert!(strangers.is_empty(), "after {after}: {strangers:?}");
}

/// A world with all users, each with a device and a licence, and the keys of these; with a shared licence, what
/// new users get has two places only.
fn world(shared: bool) -> (World, Vec<String>) {
    let mut world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let mut keys = Vec::new();
    for user in NAMES {
        if user != "alice" {
            let fields = format!("username={user} useremail={user}@example.com password=sekret-1234");
            world.call(&format!("registeruser {fields} activate=1")).done();
        }
        world.call(&format!("registerdevice username={user} devicename=Laptop platform=mac")).done();
        keys.extend(world.call(&format!("getdefaultlicense username={user}")).done().find("licensekey"));
    }
    if shared {
        let made = "createlicensewithoutuser productname=client type=yearly featurevalue=banner limit=2";
        let key = world.call(made).done().text("licensekey");
        world.reconfigure(|config| {
            config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
        });
        keys.push(key);
    }
    (world, keys)
}

#[test]
fn the_counts_are_those_of_the_uses() {
    let step = (any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>());
    proptest!(settings(40), |(steps in vec(step, 20..80), shared in any::<bool>())| {
        let (world, mut keys) = world(shared);
        for step in &steps {
            let line = call(step, &keys);
            let reply = world.call(&line);
            assert_eq!(reply.answer.kind, Kind::Xml);
            assert!(reply.code().is_none_or(|code| code <= -30_000), "{line}: {}", reply.body());
            if line.starts_with("createlicense") {
                keys.extend(reply.find("licensekey"));
            }
            counts_hold(&world, &line);
        }
    });
}
