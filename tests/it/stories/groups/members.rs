//! Members: who joins leaves any other group; who leaves is in none.

use regserver::error::Code;

use super::{join, members, used, users, world};

#[test]
fn a_user_is_a_member_of_one_group_at_most() {
    let world = world();
    world.call("creategroup username=carol groupname=South groupreference=south").done();
    let modnumber = || world.call("getuserdata username=daisy").done().number("modnumber");
    let before = modnumber();
    join(&world, "north", "daisy");
    join(&world, "north", "daisy");
    assert_eq!(members(&world, "north"), ["daisy"]);
    join(&world, "south", "daisy");
    assert_eq!((members(&world, "north"), members(&world, "south")), (vec![], vec!["daisy".to_owned()]));
    assert_eq!(modnumber(), before + 2, "the same again is no change");
    let counts = world.call("searchgroup").done().texts("membercount");
    assert_eq!(counts, ["0", "1"]);
    world.call("removeuserfromgroup groupreference=north username=daisy").plainly(Code::NotAMember);
    world.call("removeuserfromgroup groupreference=south username=daisy").done();
    world.call("removeuserfromgroup groupreference=south username=daisy").plainly(Code::NotAMember);
    assert_eq!(members(&world, "south"), Vec::<String>::new());
    let rows: Vec<String> = world.dump().into_iter().filter(|row| row.starts_with("audit: ")).collect();
    let joined = rows.iter().filter(|row| row.contains("| userjoinedgroup |")).count();
    assert_eq!(joined, 2);
    assert!(rows.iter().any(|row| row.contains(r#"{"groupid":1} | {"groupid":2}"#)), "{rows:#?}");
}

#[test]
fn a_removed_user_is_no_member_any_more() {
    let world = world();
    join(&world, "north", "daisy");
    world.call("inviteusertogroup groupreference=north username=erika").done();
    for user in ["daisy", "erika"] {
        world.call(&format!("removeuser username={user}")).done();
    }
    assert_eq!(members(&world, "north"), Vec::<String>::new());
    assert_eq!(world.call("searchgroup").done().number("membercount"), 0);
}

#[test]
fn a_new_user_can_be_a_member_from_the_start() {
    let world = world();
    let register = |name: &str, group: &str| {
        world.call(&format!(
            "registeruser username={name} useremail={name}@example.com activate=1 groupreference={group}"
        ))
    };
    register("frank", "north").done();
    assert_eq!(members(&world, "north"), ["frank"]);
    let before = world.dump();
    register("grace", "south").plainly(Code::GroupUnknown);
    let key = super::license(&world, 1);
    world.call(&format!("setgrouplicense groupreference=north licensekey={key}")).done();
    register("grace", "north").plainly(Code::LicenseLimit);
    let users = |rows: &[String]| rows.iter().filter(|row| row.starts_with("users: ")).count();
    assert_eq!(users(&world.dump()), users(&before));
    // Another provider's group of that reference is another group.
    let shop = world.service("shop");
    let fields = "username=henry useremail=henry@example.com groupreference=north";
    shop.ask("registeruser", fields).plainly(Code::GroupUnknown);
    assert_eq!(used(&world, &key), 1);
}

#[test]
fn the_group_is_shown_with_its_members() {
    let world = world();
    join(&world, "north", "daisy");
    let shown = "<group><groupid>1</groupid><groupreference>north</groupreference><groupname>Sales North\
                 </groupname><manager>carol</manager><membercount>1</membercount></group>";
    let asked = [
        ("getuserdata username=daisy", true),
        ("getuserdata username=daisy includegroup=false", false),
        ("getuserdata username=erika", false),
        ("loginuser username=daisy password=sekret-1234", true),
        ("loginuser username=daisy password=sekret-1234 includegroup=false", false),
        ("searchuser username=daisy includegroup=true", true),
        ("searchuser username=daisy", false),
        ("getusers userid=6 includegroup=true", true),
        ("getusers userid=6", false),
    ];
    for (call, expected) in asked {
        let reply = world.call(call).done();
        assert_eq!(reply.body().contains(shown), expected, "{call}: {}", reply.body());
    }
    let reply = world.call("getuserdata username=daisy").done();
    assert!(reply.inner().ends_with(&format!("</userdata>{shown}")));
    let reply = world.call("searchuser username=daisy includegroup=true showdevice=true").done();
    let place = |text: &str| reply.body().find(text).unwrap();
    assert!(place("</licensekey><group>") < place("</group><devicelist>"));
}

#[test]
fn a_group_has_a_thousand_members_at_most() {
    let mut world = world();
    crate::world::set(&mut world, "UPDATE groups SET members = 999");
    join(&world, "north", "daisy");
    world
        .call("userjoinedgroup groupreference=north username=erika")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: a group has 1000 members at most");
    users(&world, &["frank"]);
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    join(&world, "north", "frank");
}
