//! Groups: made, joined, left, managed; what their members have through them.

mod found;
mod invited;
mod made;
mod managed;
mod members;
mod seats;

use crate::world::World;

/// A world with carol, who manages the group `north`, and with daisy and erika.
fn world() -> World {
    let world = World::new();
    users(&world, &["carol", "daisy", "erika"]);
    world.call("creategroup username=carol groupname='Sales North' groupreference=north").done();
    world
}

fn users(world: &World, names: &[&str]) {
    for name in names {
        world
            .call(&format!(
                "registeruser username={name} useremail={name}@example.com password=sekret-1234 activate=1"
            ))
            .done();
    }
}

fn join(world: &World, group: &str, user: &str) {
    world.call(&format!("userjoinedgroup groupreference={group} username={user}")).done();
}

/// The members and who was invited, as `name` and `name?`.
fn members(world: &World, group: &str) -> Vec<String> {
    let reply = world.call(&format!("getgroupdata groupreference={group}")).done();
    let names = reply.texts("username").into_iter().zip(reply.texts("isinvited"));
    names.map(|(name, invited)| if invited == "true" { format!("{name}?") } else { name }).collect()
}

/// The key of a new licence for so many, which nobody holds.
fn license(world: &World, limit: u32) -> String {
    let made = "createlicensewithoutuser productname=client type=yearly featurevalue=professional";
    world.call(&format!("{made} limit={limit}")).done().text("licensekey")
}

fn used(world: &World, key: &str) -> i64 {
    world.call(&format!("getlicensedata licensekey={key}")).done().number("used")
}

/// The licence in force of a user.
fn in_force(world: &World, user: &str) -> Option<String> {
    world.call(&format!("searchuser username={user}")).done().find("licensekey")
}
