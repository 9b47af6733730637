//! Licences: made, held, used, changed, found.

mod ends;
mod found;
mod made;
mod terms;
mod used;

use crate::world::{Reply, World};

/// The kinds of licence that most stories begin with.
const CLIENT: &str = "productname=client type=yearly featurevalue=professional";
const SERVER: &str = "productname=server type=yearly featurevalue=professional";

/// A world with carol and daisy, who each have a licence of their own for one.
fn world() -> World {
    let world = World::new();
    users(&world, &["carol", "daisy"]);
    world
}

fn users(world: &World, names: &[&str]) {
    for name in names {
        world.call(&format!("registeruser username={name} useremail={name}@example.com activate=1")).done();
    }
}

/// The key of a new licence that nobody holds.
fn license(world: &World, fields: &str) -> String {
    world.call(&format!("createlicensewithoutuser {fields}")).done().text("licensekey")
}

/// The key of a user's default licence.
fn default(world: &World, user: &str) -> Option<String> {
    let reply = world.call(&format!("getdefaultlicense username={user}"));
    reply.code().is_none().then(|| reply.text("licensekey"))
}

fn shown(world: &World, key: &str) -> Reply {
    world.call(&format!("getlicensedata licensekey={key}")).done()
}

fn used(world: &World, key: &str) -> i64 {
    shown(world, key).number("used")
}

fn status(world: &World, key: &str) -> String {
    shown(world, key).text("status")
}
