//! Used: by several users, one depot of each by default.

use regserver::error::Code;

use super::{depot, depots, share, shown, world};
use crate::world::World;

fn give(world: &World, user: &str, depot: i64, more: &str) {
    world.call(&format!("setdepotforuser username={user} depotid={depot} {more}")).done();
}

fn take(world: &World, user: &str, depot: i64) {
    world.call(&format!("removedepotfromuser username={user} depotid={depot}")).done();
}

#[test]
fn the_first_depot_is_the_default_and_others_follow_by_number() {
    let world = world();
    world.call("getdefaultdepotdata username=carol").plainly(Code::NoDefaultDepot);
    for _ in 0..3 {
        depot(&world, "username=carol");
    }
    assert_eq!(depots(&world, "carol"), ["1", "2", "3"]);
    give(&world, "carol", 3, "isdefault=true");
    assert_eq!(depots(&world, "carol"), ["3", "1", "2"]);
    // The same again, and without the wish, changes nothing.
    let before = world.dump().into_iter().filter(|row| !row.starts_with("audit")).count();
    give(&world, "carol", 3, "isdefault=true");
    give(&world, "carol", 3, "isdefault=false");
    give(&world, "carol", 2, "");
    assert_eq!(depots(&world, "carol"), ["3", "1", "2"]);
    assert_eq!(world.dump().into_iter().filter(|row| !row.starts_with("audit")).count(), before);
}

#[test]
fn a_depot_is_shared_and_taken_away_again() {
    let world = world();
    let made = depot(&world, "username=carol");
    give(&world, "daisy", made, "");
    let reply = world.call("getdefaultdepotdata username=daisy").done();
    assert_eq!((reply.text("owner").as_str(), reply.text("isdefault").as_str()), ("carol", "true"));
    assert_eq!(shown(&world, made).texts("username"), ["carol", "daisy"]);
    take(&world, "daisy", made);
    take(&world, "daisy", made);
    assert_eq!(depots(&world, "daisy"), [""; 0]);
    // Whoever owns it goes on owning it without using it.
    take(&world, "carol", made);
    let reply = shown(&world, made);
    assert_eq!((reply.text("owner").as_str(), reply.find("user")), ("carol", None));
    assert_eq!(reply.text("isdefault"), "false");
    world.call("getdefaultdepotdata username=carol").plainly(Code::NoDefaultDepot);
}

#[test]
fn a_default_that_goes_makes_the_oldest_that_may_be_used_the_next_one() {
    let world = world();
    for _ in 0..4 {
        depot(&world, "username=carol");
    }
    world.call("deactivatedepot depotid=2").done();
    take(&world, "carol", 4);
    assert_eq!(depots(&world, "carol"), ["1", "2", "3"], "the default stays one");
    take(&world, "carol", 1);
    assert_eq!(depots(&world, "carol"), ["3", "2"], "2 is switched off");
    world.call("deletedepot depotid=3").done();
    assert_eq!(depots(&world, "carol"), ["2"]);
    let reply = world.call("getdefaultdepotdata username=carol").done();
    assert_eq!(reply.text("status"), "inactive");
    world.call("activatedepot depotid=2").done();
    world.call("activatedepot depotid=2").done();
    assert_eq!(shown(&world, 2).text("status"), "active");
}

#[test]
fn the_users_of_a_depot_come_in_pages() {
    let world = world();
    let made = depot(&world, "username=carol");
    give(&world, "daisy", made, "");
    give(&world, "alice", made, "");
    assert_eq!(shown(&world, made).texts("userid"), ["1", "5", "6"]);
    let page = |fields: &str| world.call(&format!("getdepotdata depotid={made} {fields}"));
    assert_eq!(page("startid=1").done().texts("userid"), ["5", "6"]);
    assert_eq!(page("startid=6").done().texts("userid"), [""; 0]);
    page("hosturl=HTTPS://host.example.com/").done();
    page("hosturl=https://other.example.com").plainly(Code::DepotUnknown);
}

#[test]
fn depots_and_users_of_two_providers_never_meet() {
    let world = world();
    depot(&world, "username=carol");
    let acmes = depot(&world, "username=sheila hosturl=https://acme.example.org");
    let before = world.dump();
    // The default provider reaches both, but they do not belong together.
    for command in ["setdepotforuser", "removedepotfromuser"] {
        world.call(&format!("{command} username=sheila depotid=1")).plainly(Code::DepotUnknown);
        world.call(&format!("{command} username=carol depotid={acmes}")).plainly(Code::DepotUnknown);
        world.service("shop").ask(command, "username=sheila depotid=1").plainly(Code::DepotUnknown);
    }
    for command in ["getdepotdata", "activatedepot", "deactivatedepot", "deletedepot"] {
        world.service("shop").ask(command, "depotid=1").plainly(Code::DepotUnknown);
    }
    world.service("shop").ask("setdepot", "depotid=1 disclimit=1").plainly(Code::DepotUnknown);
    world.service("shop").ask("setdepotusage", "depotid=1 storageused=1").plainly(Code::DepotUnknown);
    assert_eq!(world.dump(), before);
}

#[test]
fn people_see_their_own_depots_and_nobody_elses() {
    let mut world = world();
    let made = depot(&world, "username=carol");
    give(&world, "daisy", made, "");
    depot(&world, "username=alice");
    share(&mut world, made, false, true);
    crate::world::set(&mut world, "INSERT INTO account_managers VALUES (1, 5, 0)");
    let [carol, daisy] = ["carol", "daisy"].map(|name| world.person(name, ""));
    assert_eq!(daisy.ask("getdefaultdepotdata", "username=daisy").done().texts("depotid"), ["1"]);
    for user in ["carol", "alice", "nobody", "sheila"] {
        let reply = daisy.ask("getdefaultdepotdata", &format!("username={user}"));
        reply.refused(Code::AccessDenied).second("-6");
    }
    // carol manages daisy's account.
    assert_eq!(carol.ask("getdefaultdepotdata", "username=daisy").done().texts("depotid"), ["1"]);
    carol.ask("getdefaultdepotdata", "username=alice").refused(Code::AccessDenied).second("-6");
    for (command, fields) in [("getdepotdata", "depotid=1"), ("deletedepot", "depotid=1")] {
        carol.ask(command, fields).refused(Code::AccessDenied).second("-6");
    }
}

#[test]
fn the_depots_of_group_and_account_follow_where_that_is_wished() {
    let mut world = world();
    let [groups, own, accounts] = [(); 3].map(|()| depot(&world, "username=carol"));
    share(&mut world, groups, true, false);
    share(&mut world, accounts, false, true);
    let ask = |fields: &str| world.call(&format!("getdefaultdepotdata username=daisy {fields}"));
    ask("").plainly(Code::NoDefaultDepot);
    let marks = |fields: &str| {
        let reply = ask(fields).done();
        let [number, group, account, default] =
            ["depotid", "isgroup", "isaccount", "isdefault"].map(|name| reply.texts(name));
        (number.join(" "), group.join(" "), account.join(" "), default.join(" "))
    };
    let expected = ("1 3", "true false", "false true", "false false");
    let expected = [expected.0, expected.1, expected.2, expected.3].map(str::to_owned).into();
    assert_eq!(marks("includegroup=true"), expected);
    give(&world, "daisy", own, "");
    assert_eq!(marks("includegroup=true").0, "2 1 3");
    assert_eq!(marks("").0, "2");
    // One that she has in two ways stands there once, and says both.
    give(&world, "daisy", accounts, "");
    let (numbers, groups, accounts, defaults) = marks("includegroup=true");
    assert_eq!((numbers.as_str(), defaults.as_str()), ("2 3 1", "true false false"));
    assert_eq!((groups.as_str(), accounts.as_str()), ("false false true", "false true false"));
    assert_eq!(shown(&world, 1).text("isgroup"), "true");
    assert_eq!(shown(&world, 3).text("isaccount"), "true");
}
