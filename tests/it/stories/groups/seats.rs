//! The licence of a group: a seat for each of its members, once for a user in all.

use regserver::error::Code;

use super::{in_force, join, license, used, world};
use crate::program::{CONFIG, Folder, Server};
use crate::world::{Reply, World};

fn give(world: &World, key: &str) -> Reply {
    world.call(&format!("setgrouplicense groupreference=north licensekey={key}"))
}

#[test]
fn each_user_takes_one_seat_in_however_many_ways() {
    let world = world();
    let key = license(&world, 2);
    world.call(&format!("assignusertolicense username=carol licensekey={key}")).done();
    join(&world, "north", "carol");
    join(&world, "north", "daisy");
    give(&world, &key).done();
    assert_eq!(used(&world, &key), 2, "carol uses it by default and as a member");
    let before = world.dump();
    world.call("userjoinedgroup groupreference=north username=erika").plainly(Code::LicenseLimit);
    world.call(&format!("assignusertolicense username=erika licensekey={key}")).plainly(Code::LicenseLimit);
    assert_eq!(world.dump(), before);
    // Whoever has a seat takes no second one, and keeps it as long as there is one reason left.
    world.call(&format!("setdefaultlicense username=daisy licensekey={key}")).done();
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    assert_eq!(used(&world, &key), 2);
    world.call(&format!("removeuserfromlicense username=daisy licensekey={key}")).done();
    assert_eq!(used(&world, &key), 1);
    join(&world, "north", "erika");
    world.call(&format!("removegrouplicense groupreference=north licensekey={key}")).done();
    assert_eq!(used(&world, &key), 1, "carol uses it by default");
}

#[test]
fn a_licence_must_have_room_for_all_members() {
    let world = world();
    let (large, small) = (license(&world, 3), license(&world, 1));
    for user in ["carol", "daisy"] {
        join(&world, "north", user);
    }
    give(&world, &large).done();
    let before = world.dump();
    give(&world, &small).plainly(Code::LicenseLimit);
    assert_eq!(world.dump(), before);
    give(&world, &large).done();
    assert_eq!(world.dump(), before, "the same again is no change");
    world.call(&format!("deletelicense licensekey={large}")).refused(Code::StillInUse);
    world.call(&format!("downgradelicense licensekey={large} limit=1")).plainly(Code::DowngradeImpossible);
}

#[test]
fn only_a_licence_for_users_that_is_in_force_is_given() {
    let world = world();
    let key = license(&world, 3);
    world.call(&format!("deactivatelicense licensekey={key}")).done();
    give(&world, &key).refused(Code::LicenseEnded);
    world.call(&format!("cancellicense licensekey={key}")).done();
    give(&world, &key).refused(Code::LicenseEnded);
    let server = "createlicensewithoutuser productname=server type=yearly featurevalue=banner limit=3";
    let server = world.call(server).done().text("licensekey");
    give(&world, &server)
        .refused(Code::InvalidRequest)
        .says("Invalid Request: a server license is used by depots, not by users");
    give(&world, "DEMO-0000-0000-0000").plainly(Code::LicenseUnknown);
    let made = "productname=client type=yearly featurevalue=banner limit=3";
    let foreign = world.service("shop").ask("createlicensewithoutuser", made).done().text("licensekey");
    give(&world, &foreign).plainly(Code::LicenseUnknown);
    let other = license(&world, 3);
    give(&world, &other).done();
    let remove = |key: &str| world.call(&format!("removegrouplicense groupreference=north licensekey={key}"));
    let has = || world.call("getgroupdata groupreference=north").done().find("licensekey");
    remove(&key).done();
    assert_eq!(has().as_ref(), Some(&other));
    remove(&other).done();
    remove(&other).done();
    assert_eq!(has(), None);
}

#[test]
fn the_groups_licence_goes_before_the_users_own_while_it_is_active() {
    let world = world();
    let own = in_force(&world, "daisy").unwrap();
    let key = license(&world, 3);
    join(&world, "north", "daisy");
    give(&world, &key).done();
    assert_eq!(in_force(&world, "daisy"), Some(key.clone()));
    world.call(&format!("deactivatelicense licensekey={key}")).done();
    assert_eq!(in_force(&world, "daisy"), Some(own.clone()));
    world.call(&format!("deactivatelicense licensekey={own}")).done();
    assert_eq!(in_force(&world, "daisy"), None);
    world.call(&format!("activatelicense licensekey={key}")).done();
    assert_eq!(in_force(&world, "daisy"), Some(key.clone()));
    assert_eq!(world.call("getdefaultlicense username=daisy").done().text("licensekey"), own);
    // Both are shown, the user's own first.
    let shown = world.call("getlicensedata username=daisy").done();
    assert_eq!(shown.texts("licensekey"), [own.clone(), key.clone()]);
    assert_eq!(
        (shown.texts("isgroup"), shown.texts("isdefault")),
        (words("false true"), words("true false"))
    );
    let without = world.call("getlicensedata username=daisy includegroup=false").done();
    assert_eq!(without.texts("licensekey"), [own]);
    // Used in two ways, it is shown once.
    world.call(&format!("setdefaultlicense username=daisy licensekey={key}")).done();
    let shown = world.call("getlicensedata username=daisy").done();
    assert_eq!((shown.texts("licensekey")[0].clone(), shown.texts("isgroup")), (key, words("true false")));
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn what_a_group_has_is_recorded_with_the_licence() {
    let world = world();
    let (first, second) = (license(&world, 3), license(&world, 3));
    give(&world, &first).done();
    give(&world, &second).done();
    world.call("deletegroup groupreference=north").done();
    for key in [first, second] {
        let changes = world.call(&format!("getlicensechanges licensekey={key}")).done();
        assert_eq!(changes.texts("group"), ["", "Sales North", "Sales North", ""]);
    }
    let row = world
        .dump()
        .into_iter()
        .rfind(|row| row.starts_with("audit: ") && row.contains("| setgrouplicense |"))
        .unwrap();
    assert!(row.contains(r#""license":"#), "{row}");
}

#[test]
fn a_cancelled_licence_is_the_groups_no_longer() {
    let world = world();
    let key = license(&world, 3);
    join(&world, "north", "daisy");
    give(&world, &key).done();
    world.call(&format!("cancellicense licensekey={key}")).done();
    assert_eq!(used(&world, &key), 0);
    assert_eq!(world.call("getgroupdata groupreference=north").done().find("licensekey"), None);
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    assert_eq!(used(&world, &key), 0);
}

#[test]
fn a_shared_default_licence_of_a_group_is_one_seat_for_a_new_member() {
    let mut world = world();
    let key = license(&world, 2);
    give(&world, &key).done();
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
    });
    let register = |name: &str| {
        world.call(&format!("registeruser username={name} useremail={name}@example.com groupreference=north"))
    };
    register("frank").done();
    register("grace").done();
    assert_eq!(used(&world, &key), 2);
    register("henry").plainly(Code::LicenseLimit);
}

/// How many want the last seat.
const RACERS: usize = 64;

#[test]
fn of_all_who_race_for_the_last_seat_one_gets_it() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let done = |command: &str, fields: &str| {
        let reply = server.call(command, fields);
        assert!(!reply.contains("<exception>"), "{command}: {reply}");
        reply
    };
    for number in 0..RACERS {
        done("registeruser", &format!("username=racer-{number} useremail=racer-{number}@example.com"));
    }
    done("creategroup", "username=racer-0 groupname=Team groupreference=team");
    let made = "productname=client type=yearly featurevalue=banner limit=1";
    let made = done("createlicensewithoutuser", made);
    let key = made.split("<licensekey>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    done("setgrouplicense", &format!("groupreference=team licensekey={key}"));
    let replies: Vec<String> = std::thread::scope(|scope| {
        let join = |number| {
            let server = &server;
            let fields = format!("groupreference=team username=racer-{number}");
            scope.spawn(move || server.call("userjoinedgroup", &fields))
        };
        let racers: Vec<_> = (0..RACERS).map(join).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let having = |text: &str| replies.iter().filter(|reply| reply.contains(text)).count();
    assert_eq!((having("<intresult>0</intresult>"), having("-30209")), (1, RACERS - 1), "{replies:#?}");
    let shown = done("getlicensedata", &format!("licensekey={key}"));
    assert!(shown.contains("<used>1</used>"), "{shown}");
    let group = done("getgroupdata", "groupreference=team");
    assert!(group.contains("<membercount>1</membercount>"), "{group}");
    assert!(server.stop());
}
