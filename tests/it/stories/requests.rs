//! Mails that strangers ask for: always answered alike, and never too many.

use regserver::error::Code;

use crate::world::{Party, World};

const MAILING: [&str; 2] = ["sendpassword", "resendactivation"];

/// Asks, and says what came back and how many hashes it took.
fn asked(world: &World, party: &Party<'_>, command: &str, fields: &str) -> (String, u64) {
    let before = world.hash_runs();
    let reply = party.ask(command, fields).done();
    (reply.body().to_owned(), world.hash_runs() - before)
}

fn mails_to(world: &World, recipient: &str) -> usize {
    world.mails().iter().filter(|mail| mail.recipient == recipient).count()
}

#[test]
fn the_answer_is_always_the_same() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    world.call("disableuser username=carol").done();
    for (command, runs) in MAILING.into_iter().zip([1, 0]) {
        for fields in [
            "username=alice",
            "username=edgar",
            "username=carol",
            "username=nobody",
            "username=sheila",
            "useroremail=edgar@example.com",
            "useroremail=nobody@example.com",
            "reference=S-1",
            "authid=auth-b",
        ] {
            let told = asked(&world, &world.stranger(), command, fields);
            let expected = r#"{"regversion":"4.7.1","intresult":0}"#;
            assert_eq!((told.0.as_str(), told.1), (expected, runs), "{command} {fields}");
            assert_eq!(asked(&world, &world.person("alice", "").from("192.0.2.1"), command, fields), told);
        }
    }
    let recipients: Vec<String> = world.mails().into_iter().map(|mail| mail.recipient).collect();
    for silent in ["carol@example.com", "sheila@example.org", "bruno@example.net"] {
        assert!(!recipients.iter().any(|recipient| recipient == silent), "{recipients:?}");
    }
    let over_xml = world.person("alice", "").over_xml().ask("sendpassword", "username=nobody").done();
    over_xml.expect("<intresult>0</intresult>");
}

#[test]
fn a_code_that_is_none_is_answered_alike() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com").done();
    let code = world.code();
    let resend = |code: &str| {
        let fields = format!("activationcode={code}");
        world.stranger().ask("resendactivation", &fields).done().body().to_owned()
    };
    let before = mails_to(&world, "carol@example.com");
    let right = resend(&code);
    assert_eq!(mails_to(&world, "carol@example.com"), before + 1);
    assert_eq!(resend("nonsense"), right);
    world.call("activateuser activationcode={code}").done();
    assert_eq!(resend(&code), right);
    assert_eq!(mails_to(&world, "carol@example.com"), before + 1);
    // A service is told.
    world.call(&format!("resendactivation activationcode={code}")).plainly(Code::UserUnknown);
    world.call("resendactivation username=carol").plainly(Code::AlreadyActivated);
    world.call("resendactivation username=nobody").plainly(Code::UserUnknown);
}

#[test]
fn three_an_hour_to_a_user_from_all_sides_together() {
    let world = World::new();
    let from = |n: usize| world.stranger().from(&format!("192.0.2.{n}"));
    let to_edgar = |command: &str, n: usize| {
        from(n).ask(command, "username=edgar").done();
        mails_to(&world, "edgar@example.com")
    };
    let first = mails_to(&world, "edgar@example.com");
    assert_eq!(to_edgar("sendpassword", 1), first + 1);
    assert_eq!(to_edgar("resendactivation", 2), first + 2);
    world.person("alice", "").ask("sendpassword", "useroremail=edgar@example.com").done();
    assert_eq!(to_edgar("sendpassword", 3), first + 3);
    assert_eq!(to_edgar("resendactivation", 4), first + 3);
    // Another user still gets one, and so does this one from a service.
    from(1).ask("sendpassword", "username=alice").done();
    assert_eq!(mails_to(&world, "alice@example.com"), 1);
    world.call("sendpassword username=edgar").done();
    world.pass(3_599);
    assert_eq!(to_edgar("sendpassword", 1), first + 4);
    world.pass(1);
    assert_eq!(to_edgar("sendpassword", 1), first + 5);
}

#[test]
fn twenty_an_hour_by_an_address() {
    let world = World::new();
    for n in 0..24 {
        let fields = format!("username=person{n:02} useremail=p{n}@example.com activate=true");
        world.call(&format!("registeruser {fields}")).done();
    }
    let mails = || world.mails().iter().filter(|mail| mail.template == "tmppassword").count();
    let ask = |n: usize, address: &str| {
        world.stranger().from(address).ask("sendpassword", &format!("username=person{n:02}")).done();
    };
    for n in 0..21 {
        ask(n, &format!("2001:db8:7::{n}"));
    }
    assert_eq!(mails(), 20);
    // A person there is the same address; another address is not.
    world.person("alice", "").from("2001:db8:7::99").ask("sendpassword", "username=person21").done();
    assert_eq!(mails(), 20);
    ask(21, "2001:db8:7:1::1");
    assert_eq!(mails(), 21);
    world.pass(3_600);
    ask(22, "2001:db8:7::1");
    assert_eq!(mails(), 22);
}

#[test]
fn a_service_is_not_limited() {
    let mut world = World::new();
    for _ in 0..25 {
        world.call("sendpassword username=alice clientip=192.0.2.1").done();
    }
    assert_eq!(mails_to(&world, "alice@example.com"), 25);
    world.restart();
    world.call("sendpassword username=nobody").plainly(Code::UserUnknown);
    world.call("disableuser username=alice").done();
    world.call("sendpassword username=alice").plainly(Code::UserDisabled);
}

#[test]
fn a_request_that_is_dropped_leaves_the_last_mail_good() {
    let world = World::new();
    let ask = || world.stranger().ask("sendpassword", "username=alice").done();
    for _ in 0..3 {
        ask();
    }
    let temporary = world.code();
    for _ in 0..5 {
        ask();
    }
    let login = format!("username=alice tmppassword={temporary} password=sekret-5678");
    world.stranger().ask("loginuser", &login).done();
}

#[test]
fn the_limits_survive_a_restart() {
    let mut world = World::new();
    for _ in 0..5 {
        world.stranger().ask("sendpassword", "username=alice").done();
        world.restart();
    }
    assert_eq!(mails_to(&world, "alice@example.com"), 3);
}
