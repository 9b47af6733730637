//! Removal: what goes with a user, what stays, and what stands in the way.

use regserver::error::Code;

use crate::world::{World, set};

const DEPOTS: [(&str, &str); 2] =
    [("API/API_CREATE_DEFAULT_DEPOT", "True"), ("HOSTSERVER/HOST_SERVER_NAME", "https://h.example.com")];

fn world() -> World {
    let world = World::with(|config| {
        for (name, value) in DEPOTS {
            config.provider("DEMO", name, value);
        }
    });
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=1")
        .done();
    world.call("registeruser username=daisy useremail=daisy@example.com activate=1").done();
    world
}

/// The rows of a table that hold that text.
fn rows(world: &World, table: &str, text: &str) -> usize {
    world.dump().iter().filter(|row| row.starts_with(&format!("{table}: ")) && row.contains(text)).count()
}

#[test]
fn licences_and_depots_stay_without_a_holder() {
    let world = world();
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.call("removeuser username=carol").done().expect("<intresult>0</intresult>");
    assert_eq!(
        rows(&world, "licenses", &format!("{key} | client | permanent | 1 | 1 |  |  | - | active")),
        1
    );
    assert_eq!(rows(&world, "depots", "https://h.example.com | - |"), 1);
    assert_eq!(rows(&world, "depot_users", ": 5 |"), 0);
}

#[test]
fn licences_and_depots_go_where_that_is_asked_for() {
    let world = world();
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.call("removeuser username=carol deletelicense=true deletedepot=true").done();
    assert_eq!((rows(&world, "licenses", &key), rows(&world, "depots", "| 5 |")), (0, 0));
    assert_eq!(rows(&world, "depots", ""), 1, "daisy's is left");
}

#[test]
fn nothing_goes_while_others_use_it() {
    let mut world = world();
    let key = world.call("searchuser username=carol").done().text("licensekey");
    world.call("upgradedefaultlicense username=carol limit=2").done();
    world.call(&format!("assignusertolicense username=daisy licensekey={key}")).done();
    let before = world.dump();
    world.call("removeuser username=carol deletelicense=true").refused(Code::StillInUse);
    world.call("removeuser username=carol deletelicense=true deletedepot=true").refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    set(&mut world, "INSERT INTO depot_users SELECT 6, id, 0 FROM depots WHERE ownerid = 5");
    let before = world.dump();
    world.call("removeuser username=carol deletedepot=true").refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    world.call("removeuser username=carol").done();
    assert_eq!(
        world.call("searchuser username=daisy").done().text("licensekey"),
        key,
        "daisy goes on using it"
    );
}

#[test]
fn a_removed_user_is_gone_everywhere() {
    let world = world();
    world.call("sendpassword username=carol").done();
    world.call("removeuser username=carol").done();
    for call in [
        "getuserdata username=carol",
        "loginuser username=carol password=sekret-1234",
        "removeuser username=carol",
    ] {
        world.call(call).plainly(Code::UserUnknown);
    }
    for search in ["username=carol", "username=car*", "email=*carol*"] {
        assert_eq!(world.call(&format!("searchuser {search}")).done().text("total"), "0");
    }
    for (table, text) in [("codes", "| 5 |"), ("temporary_passwords", ": 5 |"), ("users", "carol")] {
        assert_eq!(rows(&world, table, text), 0, "{table}");
    }
    // Name and address are free again; the number is not.
    let again = world.call("registeruser username=carol useremail=carol@example.com").done();
    assert_eq!(again.text("userid"), "7");
}

#[test]
fn a_number_is_not_given_again_after_a_restart_either() {
    let mut world = world();
    world.call("removeuser username=daisy").done();
    world.restart();
    assert_eq!(world.call("registeruser useremail=new@example.com").done().text("userid"), "7");
}

#[test]
fn a_mail_says_goodbye_only_where_that_is_asked_for() {
    let world = world();
    world.call("removeuser username=carol").done();
    assert!(world.mails().is_empty());
    world.call("removeuser username=daisy sendmail=true").done();
    let mails = world.mails();
    assert_eq!(
        (mails[0].template.as_str(), mails[0].recipient.as_str()),
        ("user-removed", "daisy@example.com")
    );
}
