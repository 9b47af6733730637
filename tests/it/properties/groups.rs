//! Groups against a model: whatever is called in whatever order, a licence counts each user once, however many ways
//! lead to it, and a group its members.

use proptest::collection::vec;
use proptest::prelude::*;
use regserver::api::answer::Kind;
use rusqlite::{Connection, OpenFlags};

use super::settings;
use crate::world::World;

/// Calls by numbers: which one, about which user, which group and licence, which limit.
type Step = (u8, usize, usize, u8);

const NAMES: [&str; 5] = ["alice", "carol", "daisy", "erika", "frank"];

/// The call of a step; there are three licences and three groups.
fn call(step: &Step, keys: &[String]) -> String {
    let (kind, user, thing, number) = *step;
    let user = NAMES[user % NAMES.len()];
    let (key, group) = (&keys[thing % keys.len()], 1 + (thing / keys.len()) % 3);
    match kind % 20 {
        0..=3 => format!("userjoinedgroup groupid={group} username={user}"),
        4 => format!("removeuserfromgroup groupid={group} username={user}"),
        5 | 6 => format!("setgrouplicense groupid={group} licensekey={key}"),
        7 => format!("removegrouplicense groupid={group} licensekey={key}"),
        8 | 9 => format!("assignusertolicense username={user} licensekey={key}"),
        10 => format!("removeuserfromlicense username={user} licensekey={key}"),
        11 => format!("assignlicensetoclient username={user} licensekey={key}"),
        12 => format!("downgradelicense licensekey={key} limit={}", 1 + number % 3),
        13 => format!("upgradelicense licensekey={key} limit={}", 1 + number % 4),
        14 => format!("removeuser username={user} deletelicense={}", number % 2),
        15 => format!(
            "setdistributor username={user} newdistributor={} withlicenses={}",
            ["DEMO", "ACME"][thing % 2],
            number % 2
        ),
        16 | 17 => {
            let group = if number % 2 == 0 { " groupreference=team-1" } else { "" };
            format!("registeruser username={user} useremail={user}@example.com activate=1{group}")
        }
        18 if number % 8 == 0 => format!("deletegroup groupid={group}"),
        18 => format!("inviteusertogroup groupid={group} username={user}"),
        _ if number % 8 == 0 => format!("cancellicense licensekey={key}"),
        _ => format!("userrejectedgroup groupid={group} username={user}"),
    }
}

/// The rows that a statement finds.
fn found(connection: &Connection, sql: &str) -> Vec<(i64, i64)> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn holds(world: &World, after: &str) {
    let connection = Connection::open_with_flags(world.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    for (what, sql) in [
        (
            "licences that count their users wrongly, or beyond their limit",
            "SELECT id, used + pooled FROM licenses WHERE used + pooled > seats OR used + pooled <> (
                 SELECT count(*) FROM (
                     SELECT userid FROM license_uses WHERE licenseid = licenses.id
                     UNION SELECT users.id FROM users JOIN groups ON groups.id = users.groupid
                     WHERE groups.licenseid = licenses.id))",
        ),
        (
            "groups that count their members wrongly",
            "SELECT id, members FROM groups
             WHERE members <> (SELECT count(*) FROM users WHERE groupid = groups.id)",
        ),
        (
            "members and licences of another provider",
            "SELECT users.id, groups.id FROM users JOIN groups ON groups.id = users.groupid
             WHERE users.providerid <> groups.providerid
             UNION ALL SELECT licenses.id, groups.id FROM licenses JOIN groups ON groups.licenseid = licenses.id
             WHERE licenses.providerid <> groups.providerid OR licenses.status = 'cancelled'
             UNION ALL SELECT userid, groups.id FROM group_invitations JOIN users ON users.id = userid
             JOIN groups ON groups.id = group_invitations.groupid WHERE users.providerid <> groups.providerid",
        ),
        (
            "managers of another provider, and members who are invited",
            "SELECT users.id, groups.id FROM users JOIN groups ON groups.managerid = users.id
             WHERE users.providerid <> groups.providerid
             UNION ALL SELECT users.id, users.groupid FROM users JOIN group_invitations
             ON group_invitations.userid = users.id AND group_invitations.groupid = users.groupid",
        ),
    ] {
        assert_eq!(found(&connection, sql), [], "{what} after {after}");
    }
}

fn world() -> (World, Vec<String>) {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    for user in NAMES {
        if user != "alice" {
            world
                .call(&format!("registeruser username={user} useremail={user}@example.com activate=1"))
                .done();
        }
        world.call(&format!("registerdevice username={user} devicename=Laptop platform=mac")).done();
    }
    for number in 1..=3 {
        let fields = format!("username=alice groupname=Team groupreference=team-{number}");
        world.call(&format!("creategroup {fields}")).done();
    }
    let made = "productname=client type=yearly featurevalue=banner limit=2";
    let keys = ["createlicensewithoutuser", "createlicensewithoutuser", "createlicense username=carol"];
    let keys = keys.map(|command| world.call(&format!("{command} {made}")).done().text("licensekey"));
    (world, keys.into())
}

#[test]
fn a_licence_counts_each_user_once() {
    let step = (any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>());
    proptest!(settings(40), |(steps in vec(step, 20..80))| {
        let (world, keys) = world();
        for step in &steps {
            let line = call(step, &keys);
            let reply = world.call(&line);
            assert_eq!(reply.answer.kind, Kind::Xml);
            assert!(reply.code().is_none_or(|code| code <= -30_000), "{line}: {}", reply.body());
            holds(&world, &line);
        }
    });
}

/// So that the law above does not hold because nothing is ever done.
#[test]
fn what_is_called_there_can_be_done() {
    let (world, keys) = world();
    for kind in [18, 0, 5, 8, 11, 4, 7, 10, 13, 19, 15, 14, 16] {
        let line = call(&(kind, 1, 0, 1), &keys);
        let reply = world.call(&line);
        assert!(reply.code().is_none() || kind == 15, "{line}: {}", reply.body());
        holds(&world, &line);
    }
    assert!(
        !found(&Connection::open(world.database()).unwrap(), "SELECT id, members FROM groups").is_empty()
    );
}
