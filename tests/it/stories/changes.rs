//! Changes of a user: states, addresses, names, texts, capabilities, deletion.

use regserver::error::Code;

use crate::world::World;

const CAROL: &str =
    "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true";

fn carol() -> World {
    let world = World::new();
    world.call(CAROL).done();
    world
}

fn shown(world: &World, member: &str) -> String {
    world.call("getuserdata username=carol").done().text(member)
}

#[test]
fn a_disabled_user_comes_back_as_what_it_was() {
    for (before, calls) in [("activated", vec![]), ("inactive", vec!["deactivateuser username=carol"])] {
        let world = carol();
        for call in calls {
            world.call(call).done();
        }
        world.call("disableuser username=carol").done();
        world.call("disableuser username=carol").done();
        assert_eq!(shown(&world, "status"), "disabled");
        world.call("loginuser username=carol password=sekret-1234").plainly(Code::UserDisabled);
        world.call("sendpassword username=carol").plainly(Code::UserDisabled);
        world.call("enableuser username=carol").done();
        world.call("enableuser username=carol").done();
        assert_eq!(shown(&world, "status"), before);
    }
}

#[test]
fn a_user_deactivated_while_disabled_comes_back_inactive() {
    let world = carol();
    world.call("disableuser username=carol").done();
    world.call("deactivateuser username=carol").done();
    assert_eq!(shown(&world, "status"), "disabled");
    world.call("enableuser username=carol").done();
    assert_eq!(shown(&world, "status"), "inactive");
}

#[test]
fn a_deactivated_user_is_activated_by_a_new_code() {
    let world = carol();
    world.call("deactivateuser username=carol").done();
    world.call("loginuser username=carol password=sekret-1234").plainly(Code::NotActivated);
    world.call("resendactivation username=carol").done();
    let mails = world.mails();
    assert_eq!(mails.last().unwrap().template, "activationlink");
    world.call("activateuser activationcode={code}").done();
    world.call("loginuser username=carol password=sekret-1234").done();
    world.call("resendactivation username=carol").plainly(Code::AlreadyActivated);
}

#[test]
fn another_activation_mail_is_asked_for_by_the_code_of_the_first() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com sendmail=true").done();
    let first = world.code();
    world.call(&format!("resendactivation activationcode={first}")).done();
    assert_eq!(world.mails().last().unwrap().template, "activationsetpassword");
    assert_ne!(world.code(), first);
    world.call(&format!("activateuser activationcode={first}")).done();
    // All codes of the user are used up with the first one that is used.
    world.call("activateuser activationcode={code}").plainly(Code::UserUnknown);
    world.call(&format!("resendactivation activationcode={first}")).plainly(Code::UserUnknown);
    world.call("resendactivation activationcode=nonsense").plainly(Code::UserUnknown);
    world.call("resendactivation username=carol activationcode=nonsense").refused(Code::InvalidRequest);
}

#[test]
fn codes_are_good_for_one_purpose_only() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com sendmail=true").done();
    let activation = world.code();
    world.call("setemail username=carol newemail=new@example.com").done();
    let address = world.code();
    world.call("requestuserdeletion username=carol").done();
    let deletion = world.code();
    for (command, own) in
        [("activateuser", &activation), ("confirmemail", &address), ("confirmuserdeletion", &deletion)]
    {
        for code in [&activation, &address, &deletion].into_iter().filter(|code| *code != own) {
            world.call(&format!("{command} activationcode={code}")).plainly(Code::WrongActivationCode);
        }
    }
    world.call(&format!("confirmemail activationcode={address}")).done();
    world.call(&format!("confirmuserdeletion activationcode={deletion}")).done();
    world.call("getuserdata username=carol").plainly(Code::UserUnknown);
}

#[test]
fn a_deletion_is_taken_back() {
    let world = carol();
    world.call("requestuserdeletion username=carol").done();
    assert_eq!(shown(&world, "status"), "todelete");
    world.call("loginuser username=carol password=sekret-1234").plainly(Code::UserToDelete);
    let code = world.code();
    world.call("enableuser username=carol").done();
    assert_eq!(shown(&world, "status"), "activated");
    world.call(&format!("confirmuserdeletion activationcode={code}")).plainly(Code::WrongActivationCode);
    world.call("loginuser username=carol password=sekret-1234").done();
}

#[test]
fn a_second_request_for_deletion_replaces_the_first_code() {
    let world = carol();
    world.call("requestuserdeletion username=carol").done();
    let first = world.code();
    world.call("requestuserdeletion username=carol").done();
    world.call(&format!("confirmuserdeletion activationcode={first}")).plainly(Code::WrongActivationCode);
    world.call("confirmuserdeletion activationcode={code}").done();
}

#[test]
fn a_new_address_holds_once_it_is_confirmed() {
    let world = carol();
    world.call("setemail username=carol newemail=Caroline@example.com").done();
    assert_eq!(shown(&world, "email"), "carol@example.com");
    let mails = world.mails();
    let [old, new] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((old.template.as_str(), old.recipient.as_str()), ("emailchangedtoold", "carol@example.com"));
    assert_eq!(
        (new.template.as_str(), new.recipient.as_str()),
        ("emailchangedtonew", "Caroline@example.com")
    );
    assert!(old.code().is_none() && new.code().is_some());
    assert_eq!(new.variable("NEWEMAIL"), Some("Caroline@example.com"));
    world.call("confirmemail activationcode={code}").done();
    assert_eq!(shown(&world, "email"), "Caroline@example.com");
    world.call("confirmemail activationcode={code}").plainly(Code::UserUnknown);
    assert_eq!(world.call("searchuser email=caroline@*").done().text("total"), "1");
    assert_eq!(world.call("searchuser email=carol@*").done().text("total"), "0");
}

#[test]
fn an_address_taken_meanwhile_is_not_confirmed() {
    let world = carol();
    world.call("setemail username=carol newemail=wanted@example.com").done();
    let code = world.code();
    world.call("registeruser username=david useremail=WANTED@example.com").done();
    world.call(&format!("confirmemail activationcode={code}")).plainly(Code::EmailExists);
    assert_eq!(shown(&world, "email"), "carol@example.com");
}

#[test]
fn a_service_may_vouch_for_an_address() {
    let world = carol();
    world.call("setemail username=carol newemail=new@example.com").done();
    let code = world.code();
    world.call("setemail username=carol newemail=other@example.com confirmed=$true sendmail=false").done();
    assert_eq!(shown(&world, "email"), "other@example.com");
    world.call(&format!("confirmemail activationcode={code}")).plainly(Code::WrongActivationCode);
    world.call("setemail username=carol newemail=nonsense").plainly(Code::InvalidEmail);
    world.call("setemail username=carol newemail=ALICE@example.com").plainly(Code::EmailExists);
    // Its own address in another case is nobody else's.
    world.call("setemail username=carol newemail=Other@Example.com confirmed=$true").done();
}

#[test]
fn a_new_name_is_found_and_the_old_one_free() {
    let world = carol();
    world.call("setusername username=carol newusername=CAROL").done();
    assert_eq!(shown(&world, "username"), "CAROL");
    world.call("setusername username=carol newusername=caroline").done();
    world.call("getuserdata username=carol").plainly(Code::UserUnknown);
    assert_eq!(world.call("searchuser username=*aroline").done().text("total"), "1");
    assert_eq!(world.call("searchuser username=carol").done().text("total"), "0");
    world.call("registeruser username=carol useremail=second@example.com").done();
    world.call("setusername username=carol newusername=caroline").plainly(Code::UserExists);
    world.call("setusername username=carol newusername=abc").plainly(Code::InvalidUsername);
}

#[test]
fn texts_and_capabilities_are_shown_as_they_were_set() {
    let world = World::with(|config| {
        config.provider("DEMO", "CLIENT/EXT_USER_REFERENCE_UNIQUE", "True");
    });
    world.call(CAROL).done();
    world.call("registeruser username=david useremail=david@example.com reference=D-1 authid=ldap-d").done();
    let before: i64 = shown(&world, "modnumber").parse().unwrap();
    for call in [
        "setreference username=carol newreference=C-1",
        "setdepartment reference=C-1 department=Sales",
        "setlanguage reference=C-1 language=DE-at",
        "setauthid reference=C-1 newauthid=ldap-c",
        "setcapability authid=ldap-c capability=keyrepository value=$true",
        "setcapability authid=ldap-c capability=webportal value=0",
    ] {
        world.call(call).done();
    }
    let reply = world.call("getuserdata username=carol").done();
    for (member, value) in [
        ("reference", "C-1"),
        ("department", "Sales"),
        ("language", "de"),
        ("authid", "ldap-c"),
        ("keyrepository", "true"),
        ("webportal", "false"),
        ("newsletter", "false"),
    ] {
        assert_eq!(reply.text(member), value, "{member}");
    }
    assert_eq!(reply.number("modnumber"), before + 6);
    world.call("setreference username=carol newreference=D-1").plainly(Code::ReferenceExists);
    world.call("setreference username=carol newreference=C-1").done();
    world.call("setauthid username=carol newauthid=ldap-d").plainly(Code::AuthIdExists);
    world.call("setcapability username=carol capability=flying value=$true").refused(Code::InvalidRequest);
}

#[test]
fn a_reset_password_is_good_for_nothing() {
    let world = carol();
    world.call("sendpassword username=carol").done();
    let temporary = world.code();
    world.call("resetpassword username=carol").done();
    assert_eq!(world.mails().last().unwrap().template, "passwd-reset");
    world.call("loginuser username=carol password=sekret-1234").plainly(Code::WrongPassword);
    let old = format!("loginuser username=carol tmppassword={temporary} password=sekret-5678");
    world.call(&old).plainly(Code::WrongTemporaryPassword);
    world.call("sendpassword username=carol").done();
    world.call("loginuser username=carol tmppassword={code} password=sekret-5678").done();
}

#[test]
fn an_unlocked_user_tries_again_at_once() {
    let world = carol();
    for _ in 0..10 {
        world.call("loginuser username=carol password=guess-1234").plainly(Code::WrongPassword);
    }
    world.call("loginuser username=carol password=sekret-1234").refused(Code::TooManyAttempts);
    world.call("unlockuser username=carol").done();
    world.call("loginuser username=carol password=sekret-1234").done();
}
