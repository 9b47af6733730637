//! Depots: made, used, filled, left behind.

mod ends;
mod hosts;
mod licensed;
mod made;
mod used;

use crate::world::{Configuration, Reply, World};

const HOST: &str = "https://host.example.com";

/// A world in which DEMO has a host server, with carol and daisy, who have no depot yet.
fn world() -> World {
    with(|_| {})
}

fn with(change: impl FnOnce(&mut Configuration)) -> World {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("DEMO", "HOSTSERVER/HOST_SERVER_NAME", HOST);
        change(config);
    });
    for name in ["carol", "daisy"] {
        world.call(&format!("registeruser username={name} useremail={name}@example.com activate=1")).done();
    }
    world
}

/// A new depot of that user, by its number.
fn depot(world: &World, fields: &str) -> i64 {
    world.call(&format!("createdepot {fields}")).done().number("depotid")
}

fn shown(world: &World, depot: i64) -> Reply {
    world.call(&format!("getdepotdata depotid={depot}")).done()
}

/// The numbers of a user's depots, as they are listed.
fn depots(world: &World, user: &str) -> Vec<String> {
    let reply = world.call(&format!("getdefaultdepotdata username={user}"));
    let (numbers, defaults) = (reply.texts("depotid"), reply.texts("isdefault"));
    if let Some((first, others)) = defaults.split_first() {
        assert!(first == "true" && !others.contains(first), "{defaults:?}");
    }
    numbers
}

/// The key of a new server licence that nobody holds.
fn license(world: &World, fields: &str) -> String {
    let made = "createlicensewithoutuser productname=server type=yearly featurevalue=banner";
    world.call(&format!("{made} {fields}")).done().text("licensekey")
}

fn places(world: &World, key: &str) -> i64 {
    world.call(&format!("getlicensedata licensekey={key}")).done().number("used")
}

/// Makes a group and a company account that have that depot, and daisy a member of both.
fn share(world: &mut World, depot: i64, group: bool, account: bool) {
    let mut sql = String::new();
    if group {
        sql.push_str(&format!(
            "INSERT INTO groups VALUES (1, 1, 'G', 'G', 'g', NULL, 1, NULL, {depot}, '', 0);
             UPDATE users SET groupid = 1, groupjoined = 0 WHERE username = 'daisy';"
        ));
    }
    if account {
        sql.push_str(&format!(
            "INSERT INTO accounts VALUES (1, 1, 'DEMO-ABCD-0001', 'A', 'a', 1, NULL, {depot}, 0);
             UPDATE users SET accountid = 1 WHERE username = 'daisy';"
        ));
    }
    crate::world::set(world, &sql);
}

const UNSHARE: &str = "UPDATE groups SET depotid = NULL; UPDATE accounts SET depotid = NULL;";
