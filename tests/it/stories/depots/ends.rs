//! Ends: what stands in the way of a depot's deletion, and what is left where its owner goes.

use regserver::error::Code;

use super::{UNSHARE, depot, depots, share, shown, world};
use crate::world::set;

#[test]
fn a_depot_in_use_is_not_deleted() {
    let mut world = world();
    let made = depot(&world, "username=carol");
    world.call("setdepotforuser username=daisy depotid=1").done();
    world.call("deletedepot depotid=1").refused(Code::StillInUse);
    world.call("removedepotfromuser username=daisy depotid=1").done();
    for (group, account) in [(true, false), (false, true)] {
        share(&mut world, made, group, account);
        let before = world.dump();
        for call in [
            "deletedepot depotid=1",
            "removeuser username=carol deletedepot=true",
            "setdistributor username=carol newdistributor=ACME withdepots=true",
        ] {
            world.call(call).refused(Code::StillInUse);
        }
        assert_eq!(world.dump(), before);
        set(&mut world, UNSHARE);
    }
    world.call("deletedepot depotid=1").done();
    world.call("deletedepot depotid=1").plainly(Code::DepotUnknown);
    // Its number is not given again.
    assert_eq!(depot(&world, "username=carol"), 2);
}

#[test]
fn a_depot_without_an_owner_is_still_there_for_its_users() {
    let world = world();
    depot(&world, "username=carol");
    depot(&world, "username=carol");
    world.call("setdepotforuser username=daisy depotid=1").done();
    world.call("removeuser username=carol").done();
    assert_eq!(depots(&world, "daisy"), ["1"]);
    let reply = shown(&world, 1);
    assert_eq!((reply.text("owner"), reply.texts("username")), (String::new(), vec!["daisy".to_owned()]));
    world.call("setdepotforuser username=alice depotid=1").done();
    world.call("setdepot depotid=1 disclimit=5 username=daisy").done();
    world.call("deletedepot depotid=1").refused(Code::StillInUse);
    // Nobody uses the other one any more.
    world.call("deletedepot depotid=2").done();
    for user in ["daisy", "alice"] {
        world.call(&format!("removedepotfromuser username={user} depotid=1")).done();
    }
    world.call("deletedepot depotid=1").done();
}

#[test]
fn whoever_moves_uses_the_own_depots_and_no_others() {
    let world = world();
    depot(&world, "username=daisy");
    world.call("setdepotforuser username=carol depotid=1").done();
    depot(&world, "username=carol");
    depot(&world, "username=carol");
    assert_eq!(depots(&world, "carol"), ["1", "2", "3"]);
    world.call("setdistributor username=carol newdistributor=ACME withdepots=true").done();
    assert_eq!(depots(&world, "carol"), ["2", "3"]);
    assert_eq!(shown(&world, 1).texts("username"), ["daisy"]);
    world.call("getdepotdata depotid=2").plainly(Code::DepotUnknown);
    assert_eq!(world.service("shop").ask("getdepotdata", "depotid=2").done().text("owner"), "carol");
    // Back without them.
    world.call("setdistributor username=carol newdistributor=DEMO").done();
    assert_eq!(depots(&world, "carol"), [""; 0]);
    assert_eq!(world.service("shop").ask("getdepotdata", "depotid=2").done().text("owner"), "");
    world.service("shop").ask("deletedepot", "depotid=2").done();
}
