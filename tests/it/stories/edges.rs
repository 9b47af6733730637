//! Edges: where two rules meet, and one of them could be forgotten.

use regserver::error::Code;

use crate::world::World;

const CAROL: &str = "registeruser username=carol useremail=carol@example.com password=sekret-1234";

#[test]
fn unchecked_checksums_end_with_their_line_in_the_configuration() {
    let mut world = World::with(|config| {
        config.provider("DEMO", "API/API_ALLOW_CHECKSUMERR", "True");
    });
    let unsigned = |world: &World| {
        let portal = world.service("portal");
        let body = portal.xml("getversion", "");
        portal.signed(body.as_bytes(), Some("00000000000000000000000000000000"))
    };
    unsigned(&world).done();
    world.reconfigure(|_| {});
    unsigned(&world).plainly(Code::InvalidRequest);
}

#[test]
fn a_login_makes_the_licence_of_the_users_own_provider() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call(&format!("{CAROL} activate=true")).done();
    world.call("setdistributor username=carol newdistributor=ACME").done();
    world.call("loginuser username=carol password=sekret-1234").done();
    let key = world.call("searchuser username=carol").done().text("licensekey");
    assert!(key.starts_with("ACME-"), "{key}");
}

#[test]
fn a_licence_reference_that_is_taken_keeps_nobody_out() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("ACME", "LICENSE/EXT_LICENCE_REF_UNIQUE", "True");
    });
    world.service("shop").ask("registeruser", "useremail=x@example.org licensereference=L-1").done();
    world.call(&format!("{CAROL} activate=true")).done();
    world.call("setdistributor username=carol newdistributor=ACME").done();
    world.call("loginuser username=carol password=sekret-1234 licensereference=L-1").done();
}

#[test]
fn a_move_out_of_an_isolated_provider_makes_no_double_address() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("ACME", "CLIENT/ISOLATED_EMAIL_SCOPE", "True");
    });
    world.call(CAROL).done();
    world.service("shop").ask("registeruser", "username=other useremail=CAROL@example.com").done();
    world.call("setdistributor username=other newdistributor=DEMO").plainly(Code::EmailExists);
}

#[test]
fn a_pattern_is_no_longer_than_what_it_is_compared_with() {
    let world = World::new();
    let long = format!("searchuser username=*{}*", "a".repeat(256));
    world.call(&long).refused(Code::InvalidRequest);
    world.call(&format!("searchuser username=*{}*", "a".repeat(255))).done();
}

#[test]
fn a_user_activated_while_to_be_deleted_comes_back_activated() {
    let world = World::new();
    let code = world.call(CAROL).done().text("activationcode");
    world.call("requestuserdeletion username=carol").done();
    world.call(&format!("activateuser activationcode={code}")).done();
    assert_eq!(world.call("getuserdata username=carol").done().text("status"), "todelete");
    world.call("enableuser username=carol").done();
    world.call("loginuser username=carol password=sekret-1234").done();
}

#[test]
fn of_many_activation_codes_the_newest_five_are_good() {
    let world = World::new();
    let kept = || world.dump().iter().filter(|row| row.starts_with("codes: ")).count();
    let others = kept();
    world.call(CAROL).done();
    let mut codes = Vec::new();
    for _ in 0..7 {
        world.pass(1);
        world.call("resendactivation username=carol").done();
        codes.push(world.code());
    }
    assert_eq!(kept() - others, 5);
    world.call(&format!("activateuser activationcode={}", codes[1])).plainly(Code::WrongActivationCode);
    world.call(&format!("activateuser activationcode={}", codes[2])).done();
}

#[test]
fn a_right_password_given_to_change_it_clears_the_pair() {
    let world = World::new();
    world.call(&format!("{CAROL} activate=true")).done();
    for _ in 0..9 {
        world.call("loginuser username=carol password=guess-1234").plainly(Code::WrongPassword);
    }
    world.call("setpassword username=carol password=sekret-1234 newpassword=sekret-5678").done();
    for _ in 0..9 {
        world.call("loginuser username=carol password=guess-1234").plainly(Code::WrongPassword);
    }
    world.call("loginuser username=carol password=sekret-5678").done();
}
