//! Managers and members without API access: what they may do with their group, and what they learn.

use regserver::error::Code;

use super::{join, license, members, used, world};
use crate::world::{Party, Reply, World};

const MANAGERS: &str = "is for the managers of the account or group; a caller of provider level can grant the right \
                        API-ACCESS";

#[track_caller]
fn denied(reply: Reply) {
    reply.refused(Code::AccessDenied).second("-6");
}

/// carol's group with daisy in it; erika is in none.
fn with_daisy() -> World {
    let world = world();
    join(&world, "north", "daisy");
    world
}

/// What a manager does, in an order in which all of it can be done.
fn managing(world: &World) -> Vec<(&'static str, String)> {
    let own = world.call("getdefaultlicense username=carol").done().text("licensekey");
    world.call("createdepot username=carol hosturl=https://depots.example.com storagelimit=1000").done();
    world.call(&format!("upgradelicense licensekey={own} limit=5")).done();
    vec![
        ("inviteusertogroup", "groupreference=north username=erika".to_owned()),
        ("setgrouplicense", format!("groupreference=north licensekey={own}")),
        ("removegrouplicense", format!("groupreference=north licensekey={own}")),
        ("setgroupdepot", "groupreference=north depotid=1".to_owned()),
        ("removegroupdepot", "groupreference=north depotid=1".to_owned()),
        ("setgroupclientsettings", "groupreference=north clientsettings=a=b".to_owned()),
        ("getgroupdata", "groupreference=north".to_owned()),
        ("removeuserfromgroup", "groupreference=north username=daisy".to_owned()),
        ("deletegroup", "groupreference=north".to_owned()),
    ]
}

#[test]
fn a_manager_manages_without_being_a_member() {
    let world = with_daisy();
    let carol = world.person("carol", "");
    for (command, fields) in managing(&world) {
        carol.ask(command, &fields).done();
    }
    // What the contract leaves to callers with API access is not for managers.
    for (command, fields) in [
        ("creategroup", "username=carol groupname=Mine"),
        ("updategroup", "groupreference=north groupname=Mine"),
        ("searchgroup", ""),
        ("userjoinedgroup", "groupreference=north username=carol"),
        ("userrejectedgroup", "groupreference=north username=carol"),
    ] {
        denied(carol.ask(command, fields));
    }
}

#[test]
fn nobody_else_manages_and_nobody_learns_which_groups_there_are() {
    let world = with_daisy();
    let (daisy, erika) = (world.person("daisy", ""), world.person("erika", ""));
    let calls = managing(&world);
    let before = world.dump().into_iter().filter(|row| !row.starts_with("api_keys")).collect::<Vec<_>>();
    for (command, fields) in &calls {
        let nobodys = fields.replace("groupreference=north", "groupreference=nowhere");
        for person in [&daisy, &erika] {
            if *command == "getgroupdata" || *command == "removeuserfromgroup" {
                continue;
            }
            let reply = person.ask(command, fields);
            assert_eq!(reply.body(), person.ask(command, &nobodys).body(), "{command}");
            denied(reply.says(&format!("Access denied: {command} {MANAGERS}")));
        }
        let outside = erika.ask(command, fields);
        assert_eq!(outside.body(), erika.ask(command, &nobodys).body(), "{command}");
        denied(outside);
    }
    let after = world.dump().into_iter().filter(|row| !row.starts_with("api_keys")).collect::<Vec<_>>();
    assert_eq!(after, before);
}

#[test]
fn a_manager_who_is_replaced_manages_no_longer() {
    let world = with_daisy();
    let (carol, daisy) = (world.person("carol", ""), world.person("daisy", ""));
    let settings = "groupreference=north clientsettings=a=b";
    carol.ask("setgroupclientsettings", settings).done();
    let session = carol.session("username=carol", crate::world::STRANGE);
    session.ask("setgroupclientsettings", settings).done();
    world.call("updategroup groupreference=north manager=daisy").done();
    denied(carol.ask("setgroupclientsettings", settings));
    denied(session.ask("setgroupclientsettings", settings));
    daisy.ask("setgroupclientsettings", settings).done();
    // A key that may only look manages nothing.
    let looking = world.person("daisy", "groups:view");
    denied(looking.ask("setgroupclientsettings", settings));
    looking.ask("getgroupdata", "groupreference=north").done();
}

#[test]
fn a_member_sees_the_group_and_leaves_it() {
    let world = with_daisy();
    join(&world, "north", "edgar");
    let (daisy, erika) = (world.person("daisy", ""), world.person("erika", ""));
    for fields in ["groupreference=north", "groupid=1", "username=daisy"] {
        assert_eq!(daisy.ask("getgroupdata", fields).done().texts("username"), ["edgar", "daisy"]);
    }
    for fields in ["groupreference=north", "groupid=1", "username=daisy", "groupid=4711"] {
        denied(erika.ask("getgroupdata", fields));
    }
    erika.ask("getgroupdata", "username=erika").plainly(Code::GroupUnknown);
    // Herself, and nobody else, whether there or not.
    for other in ["edgar", "carol", "alice", "nobody", "sheila"] {
        let refused = daisy.ask("removeuserfromgroup", &format!("groupreference=north username={other}"));
        denied(refused.says(
            "Access denied: removeuserfromgroup takes out yourself only, where you do not manage the group; a caller \
             of provider level can grant the right API-ACCESS",
        ));
    }
    daisy.ask("removeuserfromgroup", "groupreference=north username=daisy").done();
    denied(daisy.ask("removeuserfromgroup", "groupreference=north username=daisy"));
    assert_eq!(members(&world, "north"), ["edgar"]);
}

#[test]
fn a_manager_does_not_learn_who_is_a_user() {
    let world = with_daisy();
    world.call("grantright username=alice right=API-ACCESS").done();
    let carol = world.person("carol", "");
    let invite = |whom: &str| carol.ask("inviteusertogroup", &format!("groupreference=north {whom}"));
    let mails = world.mails().len();
    // Nobody, somebody of another provider, somebody with a right that carol lacks: as if invited.
    for whom in ["username=nobody", "email=nobody@example.com", "username=sheila", "username=alice"] {
        assert_eq!(invite(whom).done().number("intresult"), 0, "{whom}");
    }
    assert_eq!(world.mails().len(), mails);
    invite("email=erika@example.com").done();
    assert_eq!(world.mails().len(), mails + 1);
    assert_eq!(members(&world, "north"), ["daisy", "erika?"]);
    let shown = carol.ask("getgroupdata", "groupreference=north").done();
    assert_eq!(shown.texts("username"), ["daisy"]);
    for whom in ["nobody", "sheila", "alice", "erika"] {
        let fields = format!("groupreference=north username={whom}");
        carol.ask("removeuserfromgroup", &fields).plainly(Code::NotAMember);
    }
    // Who is a member is no secret, but a holder of a right is not hers to take out.
    join(&world, "north", "alice");
    denied(carol.ask("removeuserfromgroup", "groupreference=north username=alice"));
}

#[test]
fn a_manager_does_not_fill_mailboxes() {
    let world = with_daisy();
    let carol = world.person("carol", "");
    let invite =
        |whom: &str| carol.ask("inviteusertogroup", &format!("groupreference=north username={whom}")).done();
    let mails = || world.mails().len();
    let before = mails();
    for _ in 0..5 {
        invite("erika");
    }
    assert_eq!(mails(), before + 3, "three mails an hour to one user");
    for number in 0..20 {
        invite(&format!("nobody-{number}"));
    }
    invite("edgar");
    assert_eq!(mails(), before + 3, "twenty an hour by one address");
    world.pass(3_601);
    invite("edgar");
    assert_eq!(mails(), before + 4);
}

#[test]
fn a_day_has_as_many_invitations_by_one_user_as_the_setting_says() {
    for (most, by_alice) in [("2", 2), ("0", 0)] {
        let world = World::with(|config| {
            config.server("MaxEmailPerDay", most);
        });
        world.call("creategroup username=alice groupname=Team groupreference=team").done();
        let alice = world.person("alice", "");
        let invite = |party: &Party<'_>, whom: &str| {
            party.ask("inviteusertogroup", &format!("groupreference=team username={whom}"))
        };
        for whom in ["edgar", "nobody"].iter().take(by_alice) {
            invite(&alice, whom).done();
        }
        let before = world.dump().len();
        invite(&alice, "edgar").refused(Code::TooManyAttempts).says(&format!(
            "Too many attempts, try again later: MaxEmailPerDay allows a user {most} invitations in 24 hours"
        ));
        assert_eq!(world.dump().len(), before);
        // A service is no user.
        invite(&world.service("portal"), "edgar").done();
        world.pass(86_401);
        assert_eq!(invite(&alice, "edgar").code().is_none(), by_alice > 0);
    }
}

#[test]
fn a_manager_gives_what_is_the_groups_own() {
    let world = with_daisy();
    world.call("createdepot username=erika hosturl=https://depots.example.com storagelimit=1000").done();
    world.call("createdepot username=daisy hosturl=https://depots.example.com storagelimit=1000").done();
    let carol = world.person("carol", "");
    let key = license(&world, 5);
    let give = |key: &str| carol.ask("setgrouplicense", &format!("groupreference=north licensekey={key}"));
    let depot = |id: i64| carol.ask("setgroupdepot", &format!("groupreference=north depotid={id}"));
    let unknown = give("DEMO-0000-0000-0000");
    // Held by nobody, by somebody outside, then by a member.
    assert_eq!(give(&key).body(), unknown.body());
    for holder in ["erika", "alice"] {
        world.call(&format!("setlicenseholder licensekey={key} username={holder}")).done();
        assert_eq!(give(&key).body(), unknown.body(), "{holder}");
    }
    unknown.plainly(Code::LicenseUnknown);
    world.call(&format!("setlicenseholder licensekey={key} username=daisy")).done();
    give(&key).done();
    assert_eq!(used(&world, &key), 1);
    depot(4711).plainly(Code::DepotUnknown);
    depot(1).plainly(Code::DepotUnknown);
    depot(2).done();
    // What the group has, a manager takes away, whoever holds it by now.
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    carol.ask("removegrouplicense", &format!("groupreference=north licensekey={key}")).done();
    carol.ask("removegroupdepot", "groupreference=north depotid=2").done();
    give(&key).plainly(Code::LicenseUnknown);
    depot(2).plainly(Code::DepotUnknown);
    // By the reference likewise, where there is such a thing.
    carol.ask("setgrouplicense", "groupreference=north licensereference=R-1").plainly(Code::LicenseUnknown);
}
