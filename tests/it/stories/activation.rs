//! Activation: the code from the mail, once, in time, with the first password.

use regserver::error::Code;

use crate::world::World;

const DAY: i64 = 86_400;
const CAROL: &str = "registeruser username=carol useremail=carol@example.com sendmail=true";

fn status(world: &World) -> String {
    world.call("getuserdata username=carol").done().text("status")
}

#[test]
fn a_code_activates_once() {
    let world = World::new();
    world.call(CAROL).done();
    assert_eq!(status(&world), "inactive");
    let code = world.code();
    let call = format!("activateuser activationcode={code}");
    world.call(&call).done().expect("<intresult>0</intresult><userid>5</userid><username>carol</username>");
    assert_eq!(status(&world), "activated");
    // Used: -30100 [D], and nothing else is said about it.
    world.call(&call).plainly(Code::UserUnknown);
    world.pass(30 * DAY);
    world.call(&call).plainly(Code::WrongActivationCode);
}

#[test]
fn a_code_is_typed_by_people() {
    let world = World::new();
    world.call(CAROL).done();
    let code = world.code().to_uppercase();
    world.call(&format!("activateuser activationcode='  {code} '")).done();
}

#[test]
fn a_code_ends() {
    for (setting, days) in [("30", 30), ("1", 1)] {
        let world = World::with(|config| {
            config.server("ActivationCodeLifetime", setting);
        });
        world.call(CAROL).done();
        world.pass(days * DAY);
        world.call("activateuser activationcode={code}").plainly(Code::WrongActivationCode);
        let other = World::with(|config| {
            config.server("ActivationCodeLifetime", setting);
        });
        other.call(CAROL).done();
        other.pass(days * DAY - 1);
        other.call("activateuser activationcode={code}").done();
    }
}

#[test]
fn a_code_in_the_reply_is_as_good() {
    let world = World::new();
    let reply =
        world.call("registeruser username=carol useremail=carol@example.com password=sekret-1234").done();
    assert!(world.mails().is_empty());
    world.call("loginuser username=carol password=sekret-1234").plainly(Code::NotActivated);
    world.call(&format!("activateuser activationcode={}", reply.text("activationcode"))).done();
    world.call("loginuser username=carol password=sekret-1234").done();
}

#[test]
fn the_first_password_is_set_by_the_code() {
    let world = World::new();
    world.call(CAROL).done();
    let code = world.code();
    world.call(&format!("activateuser activationcode={code} password=short")).plainly(Code::InvalidPassword);
    assert_eq!(status(&world), "inactive");
    world.call(&format!("activateuser activationcode={code} password=sekret-1234")).done();
    world.call("loginuser username=carol password=sekret-1234").done();
}

#[test]
fn a_password_that_is_there_is_not_replaced() {
    let world = World::new();
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 sendmail=1")
        .done();
    world.call("activateuser activationcode={code} password=sekret-5678").done();
    world.call("loginuser username=carol password=sekret-5678").plainly(Code::WrongPassword);
    world.call("loginuser username=carol password=sekret-1234").done();
}

#[test]
fn a_code_is_of_its_own_provider() {
    let world = World::new();
    world.call(CAROL).done();
    let call = format!("activationcode={}", world.code());
    world.service("shop").ask("activateuser", &call).plainly(Code::WrongActivationCode);
    assert_eq!(status(&world), "inactive");
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.service("branch").ask("registeruser", "username=carol useremail=c@example.com sendmail=1").done();
    world.service("shop").ask("activateuser", &format!("activationcode={}", world.code())).done();
}

#[test]
fn a_code_goes_with_its_user() {
    let world = World::new();
    world.call(CAROL).done();
    let code = world.code();
    world.call("removeuser username=carol").done();
    world.call(&format!("activateuser activationcode={code}")).plainly(Code::WrongActivationCode);
}

#[test]
fn nothing_but_the_code_activates() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("activateuser username=carol").refused(Code::InvalidRequest);
    for wrong in ["abcdefghijkmnpqrstuvwxyz23456789", "x", "%", "*"] {
        world.call(&format!("activateuser activationcode={wrong}")).plainly(Code::WrongActivationCode);
    }
    // A temporary password is no activation code.
    world.call("sendpassword username=carol").done();
    world.call("activateuser activationcode={code}").plainly(Code::WrongActivationCode);
}
