//! Invitations: by mail, answered by a code, refused three times at most.

use regserver::error::Code;

use super::{join, members, world};
use crate::world::World;

const DAY: i64 = 86_400;

/// Invites, and tells the codes to join and to refuse.
fn invite(world: &World, group: &str, user: &str) -> (String, String) {
    world.call(&format!("inviteusertogroup groupreference={group} username={user}")).done();
    let mails = world.mails();
    let code = |name| mails.last().unwrap().variable(name).unwrap().to_owned();
    (code("JOINCODE"), code("REJECTCODE"))
}

fn answer(world: &World, command: &str, code: &str) -> crate::world::Reply {
    world.stranger().ask(command, &format!("activationcode={code}"))
}

#[test]
fn the_mail_says_who_invites_to_what() {
    let world = world();
    world.call("inviteusertogroup groupreference=north username=daisy text='Come and join us'").done();
    let mails = world.mails();
    let mail = mails.last().unwrap();
    assert_eq!((mail.template.as_str(), mail.recipient.as_str()), ("group-invitation", "daisy@example.com"));
    for (name, value) in [
        ("GROUPNAME", "Sales North"),
        ("INVITER", "carol"),
        ("TEXT", "Come and join us"),
        ("USERNAME", "daisy"),
    ] {
        assert_eq!(mail.variable(name), Some(value));
    }
    assert_ne!(mail.variable("JOINCODE"), mail.variable("REJECTCODE"));
    world.call("inviteusertogroup groupreference=north email=ERIKA@example.com sendmail=false").done();
    assert_eq!(world.mails().len(), mails.len());
    assert_eq!(members(&world, "north"), ["daisy?", "erika?"]);
    world.call("inviteusertogroup groupreference=north email=erika").refused(Code::InvalidRequest);
    world.call("inviteusertogroup groupreference=north email=x@example.com").plainly(Code::UserUnknown);
    let long = "x".repeat(1_001);
    let refused = world.call(&format!("inviteusertogroup groupreference=north username=daisy text={long}"));
    refused.refused(Code::InvalidRequest).says("Invalid Request: text is longer than 1000 characters");
}

#[test]
fn whoever_has_the_code_joins_and_leaves_any_other_group() {
    let world = world();
    world.call("creategroup username=carol groupname=South groupreference=south").done();
    join(&world, "south", "daisy");
    let (yes, no) = invite(&world, "north", "daisy");
    answer(&world, "userrejectedgroup", &yes).plainly(Code::WrongActivationCode);
    answer(&world, "userjoinedgroup", &no).plainly(Code::WrongActivationCode);
    answer(&world, "userjoinedgroup", &yes.to_uppercase()).done();
    assert_eq!((members(&world, "north"), members(&world, "south")), (vec!["daisy".to_owned()], vec![]));
    // Used, it is remembered; the other one is gone.
    answer(&world, "userjoinedgroup", &yes).plainly(Code::UserUnknown);
    answer(&world, "userrejectedgroup", &no).plainly(Code::WrongActivationCode);
    assert_eq!(members(&world, "north"), ["daisy"]);
    // Of another purpose it is good for nothing.
    for command in ["activateuser", "confirmemail", "confirmuserdeletion"] {
        assert!(answer(&world, command, &yes).code().is_some());
    }
}

#[test]
fn after_three_refusals_nobody_is_asked_again() {
    let world = world();
    for round in 1..=3 {
        let (yes, no) = invite(&world, "north", "daisy");
        if round == 2 {
            world.call("userrejectedgroup groupreference=north username=daisy").done();
            // There is nothing left to refuse, so nothing is counted.
            world.call("userrejectedgroup groupreference=north username=daisy").done();
        } else {
            answer(&world, "userrejectedgroup", &no).done();
        }
        answer(&world, "userjoinedgroup", &yes).plainly(Code::WrongActivationCode);
        assert_eq!(members(&world, "north"), Vec::<String>::new());
    }
    let before = world.dump();
    world.call("inviteusertogroup groupreference=north username=daisy").plainly(Code::RejectedTooOften);
    assert_eq!(world.dump(), before);
    // Another group may ask, and a service may make her a member; then all is forgotten.
    world.call("creategroup username=carol groupname=South groupreference=south").done();
    invite(&world, "south", "daisy");
    join(&world, "north", "daisy");
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    invite(&world, "north", "daisy");
}

#[test]
fn an_invitation_ends() {
    let world = world();
    // By a newer one.
    let (old, _) = invite(&world, "north", "daisy");
    let (new, _) = invite(&world, "north", "daisy");
    answer(&world, "userjoinedgroup", &old).plainly(Code::WrongActivationCode);
    // By being taken back.
    world.call("removeuserfromgroup groupreference=north username=daisy").done();
    answer(&world, "userjoinedgroup", &new).plainly(Code::WrongActivationCode);
    // By time.
    let (late, _) = invite(&world, "north", "daisy");
    world.pass(30 * DAY - 1);
    assert_eq!(members(&world, "north"), ["daisy?"]);
    world.pass(2);
    assert_eq!(members(&world, "north"), Vec::<String>::new());
    answer(&world, "userjoinedgroup", &late).plainly(Code::WrongActivationCode);
    world.call("removeuserfromgroup groupreference=north username=daisy").plainly(Code::NotAMember);
    // By a refusal that a service tells.
    let (yes, no) = invite(&world, "north", "daisy");
    world.call("userrejectedgroup groupreference=north username=daisy").done();
    for (command, code) in [("userjoinedgroup", yes), ("userrejectedgroup", no)] {
        answer(&world, command, &code).plainly(Code::WrongActivationCode);
    }
}

#[test]
fn the_time_to_answer_is_a_setting() {
    let world = World::with(|config| {
        config.server("InvitationStoragePeriod", "2");
    });
    world.call("creategroup username=alice groupname=Team groupreference=team").done();
    let (yes, _) = invite(&world, "team", "edgar");
    world.pass(2 * DAY - 1);
    answer(&world, "userjoinedgroup", &yes).done();
    let (_, no) = {
        world.call("removeuserfromgroup groupreference=team username=edgar").done();
        invite(&world, "team", "edgar")
    };
    world.pass(2 * DAY + 1);
    answer(&world, "userrejectedgroup", &no).plainly(Code::WrongActivationCode);
}

#[test]
fn a_member_is_not_asked_and_does_not_refuse() {
    let world = world();
    join(&world, "north", "daisy");
    let before = world.dump();
    world.call("inviteusertogroup groupreference=north username=daisy").done();
    world
        .call("userrejectedgroup groupreference=north username=daisy")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: the user is a member already, whom removeuserfromgroup takes out");
    assert_eq!(world.dump(), before);
}

#[test]
fn who_moves_takes_no_invitation_along() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("creategroup username=alice groupname=Team groupreference=team").done();
    let (yes, _) = invite(&world, "team", "edgar");
    world.call("setdistributor username=edgar newdistributor=ACME").done();
    world.call("setdistributor username=edgar newdistributor=DEMO").done();
    answer(&world, "userjoinedgroup", &yes).plainly(Code::WrongActivationCode);
    assert_eq!(members(&world, "team"), Vec::<String>::new());
}
