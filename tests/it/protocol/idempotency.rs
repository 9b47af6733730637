//! Idempotency keys: the first reply again, without its secrets, and nothing done twice.

use regserver::error::Code;

use crate::world::World;

const CAROL: &str = "registeruser username=carol useremail=carol@example.com idempotencykey=k-1";
const OTHER: &str = "Invalid Request: idempotencykey was used with other fields";
const HOUR: i64 = 3_600;

#[test]
fn the_first_reply_comes_again_without_its_code() {
    let world = World::new();
    let first = world.call(CAROL).done();
    assert_eq!(first.text("activationcode").len(), 32);
    let before = world.dump();
    let again = "<intresult>0</intresult><userid>5</userid><username>carol</username><activationcode></activationcode>";
    for _ in 0..3 {
        world.pass(60);
        world.call(CAROL).done().expect(again);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn what_varies_from_sending_to_sending_does_not_count() {
    let world = World::new();
    world.call(CAROL).done();
    let reply = world.call(&format!("{CAROL} randtoken=7 apiversion=2 requesttime=5")).done();
    assert!(
        reply.inner().starts_with("<apiversion>2</apiversion><intresult>0</intresult><userid>5</userid>")
    );
    // White space around a value is not part of it.
    world.call(&CAROL.replace("=carol ", "=' carol ' ")).done();
}

#[test]
fn other_fields_under_the_same_key_are_refused() {
    let world = World::new();
    world.call(CAROL).done();
    let before = world.dump();
    for fields in ["language=de", "colour=red", "username=carol2"] {
        world.call(&format!("{CAROL} {fields}")).refused(Code::InvalidRequest).says(OTHER);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn the_order_of_the_fields_does_not_count() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("registeruser idempotencykey=k-1 useremail=carol@example.com username=carol").done();
}

#[test]
fn after_a_day_the_key_is_new() {
    let world = World::new();
    world.call(CAROL).done();
    world.pass(24 * HOUR - 1);
    world.call(CAROL).done();
    world.pass(1);
    world.call(CAROL).plainly(Code::UserExists);
    world.call("registeruser useremail=dave@example.com idempotencykey=k-1").done();
}

#[test]
fn the_key_belongs_to_caller_provider_and_command() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let fields = |name: &str| format!("useremail={name}@example.com idempotencykey=k-1");
    let portal = world.service("portal");
    let ids: Vec<String> = [
        portal.ask("registeruser", &fields("one")),
        portal.clone().always("distributor=ACME").ask("registeruser", &fields("two")),
        world.service("gate").ask("registeruser", &fields("three")),
        world.service("shop").ask("registeruser", &fields("four")),
    ]
    .map(|reply| reply.done().text("userid"))
    .to_vec();
    assert_eq!(ids, ["5", "6", "7", "8"]);
    portal.ask("removeuser", "username=edgar idempotencykey=k-1").done();
    portal.ask("removeuser", "username=edgar idempotencykey=k-1").done();
    portal.ask("removeuser", "username=edgar").plainly(Code::UserUnknown);
}

#[test]
fn a_refused_call_is_not_kept() {
    let world = World::new();
    let call = "sendpassword username=carol idempotencykey=k-2";
    world.call(call).plainly(Code::UserUnknown);
    world.call("registeruser username=carol useremail=carol@example.com").done();
    world.call(call).done();
    world.call(call).done();
    assert_eq!(world.mails().len(), 1);
}

#[test]
fn a_wrong_password_counts_every_time() {
    let world = World::new();
    for _ in 0..10 {
        world
            .call("loginuser username=alice password=guess-1234 idempotencykey=k")
            .plainly(Code::WrongPassword);
    }
    world.call("loginuser username=alice password=wonder-2026").refused(Code::TooManyAttempts);
}

#[test]
fn it_lasts_over_a_restart_and_a_blank_one_is_none() {
    let mut world = World::new();
    world.call(CAROL).done();
    world.restart();
    world.call(CAROL).done();
    world.call("sendpassword username=alice idempotencykey=").done();
    world.call("sendpassword username=alice idempotencykey=").done();
    assert_eq!(world.mails().len(), 2);
}

#[test]
fn the_right_is_asked_for_before_the_key() {
    let mut world = World::new();
    let call = "loginuser username=alice password=wonder-2026 idempotencykey=k-3";
    world.call(call).done();
    world.reconfigure(|config| {
        config.service("portal").insert("commands".into(), vec!["getversion"].into());
    });
    world.call(call).refused(Code::AccessDenied).second("-6");
}
