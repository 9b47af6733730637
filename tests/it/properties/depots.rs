//! Depots against a model: whatever is called in whatever order, a server licence counts its depots, whoever uses
//! depots has one default among them, and nothing is between two providers.

use proptest::collection::vec;
use proptest::prelude::*;
use regserver::api::answer::Kind;
use rusqlite::{Connection, OpenFlags};

use super::settings;
use crate::world::World;

/// Calls by numbers: which one, about which user, which depot, which licence or limit.
type Step = (u8, usize, usize, u8);

const NAMES: [&str; 4] = ["alice", "carol", "daisy", "sheila"];

/// The call of a step; licences are taken from those that were made, depots by their numbers.
fn call(step: &Step, keys: &[String]) -> String {
    let (kind, user, depot, number) = *step;
    let user = NAMES[user % NAMES.len()];
    let key = &keys[usize::from(number) % keys.len()];
    let id = 1 + depot % 12;
    let truth = number % 2;
    match kind % 16 {
        0..=2 => format!("createdepot username={user} licensekey={key}"),
        3 => format!("createdepot username={user}"),
        4 | 5 => format!("setdepotforuser username={user} depotid={id} isdefault={truth}"),
        6 => format!("removedepotfromuser username={user} depotid={id}"),
        7 | 8 => format!("deletedepot depotid={id}"),
        9 => format!("{} depotid={id}", ["activatedepot", "deactivatedepot"][usize::from(truth)]),
        10 => format!("setlicenseholder username={user} licensekey={key}"),
        11 => format!("{} licensekey={key}", ["cancellicense", "deletelicense"][usize::from(truth)]),
        12 => format!("removeuser username={user} deletelicense={truth} deletedepot={}", number / 2 % 2),
        13 => {
            let provider = ["DEMO", "ACME"][depot % 2];
            format!(
                "setdistributor username={user} newdistributor={provider} withlicenses={truth} withdepots={}",
                number / 2 % 2
            )
        }
        14 => format!("downgradelicense licensekey={key} limit={}", 1 + number % 3),
        _ => format!("registeruser username={user} useremail={user}@example.com activate=1"),
    }
}

/// How many rows a statement finds.
fn found(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM ({sql})"), [], |row| row.get(0)).unwrap()
}

fn holds(world: &World, after: &str) {
    let connection = Connection::open_with_flags(world.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    for (what, sql) in [
        (
            "licences that count their depots wrongly, or beyond their limit",
            "SELECT id, (SELECT count(*) FROM depots WHERE licenseid = licenses.id) AS depots FROM licenses
             WHERE product = 'server' AND (used <> depots OR used > seats OR (used > 0 AND status = 'cancelled'))",
        ),
        (
            "users without exactly one default",
            "SELECT userid, sum(isdefault) AS defaults FROM depot_users GROUP BY userid HAVING defaults <> 1",
        ),
        (
            "depots of licences that are no server's",
            "SELECT 1 FROM depots JOIN licenses ON licenses.id = licenseid WHERE product <> 'server'",
        ),
        (
            "what is between two providers",
            "SELECT 1 FROM depots JOIN licenses ON licenses.id = licenseid WHERE licenses.providerid <> depots.providerid
             UNION ALL SELECT 1 FROM depots JOIN users ON users.id = ownerid WHERE users.providerid <> depots.providerid
             UNION ALL SELECT 1 FROM depot_users JOIN depots ON depots.id = depotid JOIN users ON users.id = userid
             WHERE users.providerid <> depots.providerid",
        ),
    ] {
        assert_eq!(found(&connection, sql), 0, "{what} after {after}");
    }
}

fn world() -> (World, Vec<String>) {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        for provider in ["DEMO", "ACME"] {
            config.provider(provider, "HOSTSERVER/HOST_SERVER_NAME", "https://host.example.com");
            config.provider(provider, "API/API_CREATE_DEFAULT_DEPOT", "True");
        }
    });
    let made = "productname=server type=yearly featurevalue=banner limit=3";
    let keys = ["portal", "portal", "shop"].map(|service| {
        world.service(service).ask("createlicensewithoutuser", made).done().text("licensekey")
    });
    (world, keys.into())
}

#[test]
fn a_server_license_counts_its_depots() {
    let step = (any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>());
    proptest!(settings(40), |(steps in vec((step, any::<bool>()), 20..80))| {
        let (world, keys) = world();
        for (step, by_shop) in &steps {
            let line = call(step, &keys);
            let (command, fields) = line.split_once(' ').unwrap();
            let reply = world.service(if *by_shop { "shop" } else { "portal" }).ask(command, fields);
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
    let mut number = 0;
    for kind in [0, 3, 4, 9, 10, 6, 14, 15] {
        number += 1;
        let step = if kind == 6 { (kind, 1, 0, 0) } else { (kind, if kind == 15 { 1 } else { 0 }, 0, 0) };
        let line = call(&step, &keys);
        let reply = world.call(&line);
        assert!(reply.code().is_none() || kind == 6, "{number}: {line}: {}", reply.body());
    }
}
