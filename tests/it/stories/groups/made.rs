//! Groups made, changed, deleted.

use regserver::error::Code;

use super::{join, license, members, used, users, world};
use crate::world::World;

#[test]
fn a_reference_is_unique_within_a_provider_and_a_name_is_not() {
    let world = world();
    world.call("creategroup username=carol groupname=Other groupreference=north").plainly(Code::GroupExists);
    world.call("creategroup username=carol groupname='Sales North'").done();
    world.call("creategroup username=carol groupname='Sales North'").done();
    world.service("shop").ask("creategroup", "username=sheila groupname=N groupreference=north").done();
    // A group that was deleted gives its reference away, and never its number.
    world.call("deletegroup groupid=3").done();
    let made = world.call("creategroup username=carol groupname=New groupreference=new").done();
    assert_eq!(made.number("groupid"), 5);
    world.call("getgroupdata groupid=3").plainly(Code::GroupUnknown);
}

#[test]
fn a_name_is_one_line_that_can_be_seen() {
    let world = world();
    let long = "n".repeat(256);
    for (name, why) in [
        ("a\nb", "groupname must be one line of characters that can be seen"),
        ("a\u{202E}b", "groupname must be one line of characters that can be seen"),
        (long.as_str(), "groupname is longer than 255 characters"),
    ] {
        let refused = world.call(&format!("creategroup username=carol groupname='{name}'"));
        refused.refused(Code::InvalidRequest).says(&format!("Invalid Request: {why}"));
    }
    world.call(&format!("creategroup username=carol groupname={}", "n".repeat(255))).done();
    let both = world.call("getgroupdata groupreference=north groupid=1");
    both.refused(Code::InvalidRequest);
    world.call("deletegroup").refused(Code::InvalidRequest);
}

#[test]
fn name_reference_and_manager_can_be_changed() {
    let world = world();
    let unchanged = world.dump();
    world
        .call("updategroup groupreference=north")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: one of groupname, newreference, manager is needed");
    world.call("creategroup username=carol groupname=South groupreference=south").done();
    world.call("updategroup groupreference=north newreference=south").plainly(Code::GroupExists);
    world.call("updategroup groupreference=north manager=nobody").plainly(Code::UserUnknown);
    world.call("updategroup groupreference=north manager=sheila").plainly(Code::UserUnknown);
    world.call("deletegroup groupreference=south").done();
    assert!(unchanged.len() < world.dump().len());
    world.call("updategroup groupreference=north newreference=norway groupname=Norway manager=daisy").done();
    let shown = world.call("getgroupdata groupreference=norway").done();
    assert_eq!((shown.text("groupname"), shown.text("manager")), ("Norway".into(), "daisy".into()));
    // The same again is no change, and its own reference is nobody else's.
    let before = world.dump();
    world.call("updategroup groupreference=norway newreference=norway").done();
    assert_eq!(world.dump(), before);
    let row = before.iter().rfind(|row| row.contains("| updategroup |")).unwrap();
    for part in [r#""groupname":"Sales North""#, r#""groupname":"Norway""#, r#""manager":6"#] {
        assert!(row.contains(part), "{row}");
    }
}

#[test]
fn a_deleted_group_leaves_nothing_behind() {
    let world = world();
    let key = license(&world, 5);
    for user in ["carol", "daisy"] {
        join(&world, "north", user);
    }
    world.call(&format!("setgrouplicense groupreference=north licensekey={key}")).done();
    world.call("inviteusertogroup groupreference=north username=erika").done();
    assert_eq!(used(&world, &key), 2);
    world.call("deletegroup groupreference=north").done();
    assert_eq!(used(&world, &key), 0);
    world.call("deletegroup groupreference=north").plainly(Code::GroupUnknown);
    assert_eq!(world.call("getuserdata username=daisy").done().find("group"), None);
    world.call("userjoinedgroup activationcode={code}").plainly(Code::WrongActivationCode);
    let left = |row: &&String| {
        ["groups: ", "group_invitations: ", "codes: "].iter().any(|table| row.starts_with(table))
            && !row.contains("activation")
    };
    assert_eq!(world.dump().iter().filter(left).count(), 0);
    let row = world
        .dump()
        .into_iter()
        .rfind(|row| row.starts_with("audit: ") && row.contains("| deletegroup |"))
        .unwrap();
    assert!(row.contains(r#""members":2"#) && row.contains(r#""groupname":"Sales North""#), "{row}");
}

#[test]
fn client_settings_are_shown_as_they_were_given() {
    let world = world();
    let settings = "enable-backup=true\n\nserver = https://x?a=b&c";
    world.call(&format!("setgroupclientsettings groupreference=north clientsettings='{settings}'")).done();
    let shown = || world.call("getgroupdata groupreference=north").done().text("clientsettings");
    assert_eq!(shown(), settings);
    let refused = world.call("setgroupclientsettings groupreference=north clientsettings='a=1\nb'");
    refused.refused(Code::InvalidRequest).says("Invalid Request: clientsettings has a line without =");
    assert_eq!(shown(), settings);
    world.call("setgroupclientsettings groupreference=north").refused(Code::InvalidRequest);
    assert_eq!(shown(), settings, "nothing is cleared by accident");
    world.call("setgroupclientsettings groupreference=north clientsettings=''").done();
    assert_eq!(shown(), "");
}

#[test]
fn who_manages_may_go_and_another_may_come() {
    let mut world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    users(&world, &["carol", "daisy"]);
    let manager = |world: &World| world.call("getgroupdata groupid=1").done().text("manager");
    world.call("creategroup username=carol groupname=Team").done();
    join_by_number(&world, "carol");
    world.call("setdistributor username=carol newdistributor=ACME").done();
    assert_eq!(
        (manager(&world), world.call("getgroupdata groupid=1").done().number("membercount")),
        (String::new(), 0)
    );
    world.call("updategroup groupid=1 manager=daisy").done();
    world.call("removeuser username=daisy").done();
    assert_eq!(manager(&world), "");
    world.call("updategroup groupid=1 manager=alice").done();
    world.restart();
    assert_eq!(manager(&world), "alice");
}

fn join_by_number(world: &World, user: &str) {
    world.call(&format!("userjoinedgroup groupid=1 username={user}")).done();
    assert_eq!(world.call("getgroupdata groupid=1").done().texts("username"), [user]);
}

#[test]
fn another_providers_group_and_user_do_not_meet() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("creategroup username=alice groupname=Team groupreference=team").done();
    // The default provider reaches bruno of BETA, but the group is of DEMO.
    for command in ["userjoinedgroup", "userrejectedgroup", "removeuserfromgroup", "inviteusertogroup"] {
        world.call(&format!("{command} groupreference=team username=bruno")).plainly(Code::GroupUnknown);
    }
    // What is made for bruno is of BETA.
    world.call("creategroup username=bruno groupname=Team groupreference=team").done();
    let beta = world.service("branch");
    beta.ask("userjoinedgroup", "groupreference=team username=bruno").done();
    assert_eq!(beta.ask("getgroupdata", "groupreference=team").done().texts("username"), ["bruno"]);
    assert_eq!(members(&world, "team"), Vec::<String>::new());
}
