//! Login: the states of a user, hashes that grow with the times, temporary passwords, new passwords.

use regserver::domain::passwords::Cost;
use regserver::error::Code;

use crate::world::{World, set};

const CAROL: &str =
    "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true";
const LOGIN: &str = "loginuser username=carol password=sekret-1234";

fn stored(world: &World) -> String {
    let row = world.dump().into_iter().find(|row| row.contains("| carol |")).unwrap();
    row.split(" | ").find(|column| column.starts_with("$argon2id$")).unwrap_or_default().to_owned()
}

#[test]
fn the_state_is_told_only_after_the_right_password() {
    let mut world = World::new();
    world.call(CAROL).done();
    for (status, code) in
        [("disabled", Code::UserDisabled), ("todelete", Code::UserToDelete), ("inactive", Code::NotActivated)]
    {
        set(&mut world, &format!("UPDATE users SET status = '{status}' WHERE username = 'carol'"));
        world.call(LOGIN).plainly(code);
        world.call("loginuser username=carol password=guess-1234").plainly(Code::WrongPassword);
    }
    set(&mut world, "UPDATE users SET status = 'activated' WHERE username = 'carol'");
    world.call(LOGIN).done();
}

#[test]
fn by_name_by_address_and_for_a_managed_provider() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    for id in ["username=BRUNO", "useremail=bruno@example.net", "authid=auth-b"] {
        let id = id.replace("useremail", "useroremail");
        let call = format!("{id} password=steady-2026 distributor=BETA");
        assert_eq!(world.service("shop").ask("loginuser", &call).done().text("username"), "bruno");
    }
}

#[test]
fn the_time_of_the_login_is_written_soon() {
    let mut world = World::new();
    world.call(CAROL).done();
    world.pass(90);
    world.call(LOGIN).done();
    world.restart();
    assert_eq!(world.call("getuserdata username=carol").done().text("lastlogin"), "01/01/2026 00:01:30.00");
    assert_eq!(world.call("getuserdata username=carol").done().text("modnumber"), "1");
}

#[test]
fn a_hash_grows_with_the_cost() {
    let mut world = World::new();
    world.call(CAROL).done();
    let old = stored(&world);
    assert!(old.contains("m=8,t=1,p=1"), "{old}");
    world.call(LOGIN).done();
    assert_eq!(stored(&world), old, "it is not hashed anew without need");
    world.stop();
    world.cost = Cost { memory_kib: 16, passes: 2, lanes: 1 };
    world.restart();
    world.call(LOGIN).done();
    let new = stored(&world);
    assert!(new.contains("m=16,t=2,p=1"), "{new}");
    world.call(LOGIN).done();
    assert_eq!(stored(&world), new);
    // Nothing has changed for anybody, so neither number nor log say so.
    assert_eq!(world.call("getuserdata username=carol").done().text("modnumber"), "1");
    assert!(!world.dump().iter().any(|row| row.starts_with("audit: ") && row.contains("| loginuser |")));
}

#[test]
fn a_wrong_password_renews_no_hash() {
    let mut world = World::new();
    world.call(CAROL).done();
    let old = stored(&world);
    world.stop();
    world.cost = Cost { memory_kib: 16, passes: 2, lanes: 1 };
    world.restart();
    world.call("loginuser username=carol password=guess-1234").plainly(Code::WrongPassword);
    assert_eq!(stored(&world), old);
}

#[test]
fn an_unknown_user_costs_as_much_as_a_wrong_password_only_where_it_matters() {
    let world = World::new();
    let runs = |call: &str| {
        let before = world.hash_runs();
        world.call(call);
        world.hash_runs() - before
    };
    assert_eq!(runs("loginuser username=alice password=guess-1234"), 1);
    // A service is told that there is no such user, so there is nothing to hide.
    assert_eq!(runs("loginuser username=nobody password=guess-1234"), 0);
    assert_eq!(runs("loginuser username=edgar password=guess-1234"), 1);
}

#[test]
fn a_temporary_password_sets_the_new_one_and_activates() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com").done();
    let activation = world.code();
    world.call("sendpassword username=carol").done().expect("<intresult>0</intresult>");
    let temporary = world.code();
    assert!(temporary.len() == 10 && temporary.bytes().all(|b| b.is_ascii_digit()), "{temporary}");
    let by = |password: &str| format!("loginuser username=carol tmppassword={temporary} password={password}");
    world.call(&by("short")).plainly(Code::InvalidPassword);
    assert_eq!(world.call(&by("sekret-5678")).done().text("status"), "activated");
    world.call(&by("sekret-9999")).plainly(Code::WrongTemporaryPassword);
    world.call("loginuser username=carol password=sekret-5678").done();
    // The activation code has done its duty too.
    world.call(&format!("activateuser activationcode={activation}")).plainly(Code::UserUnknown);
}

#[test]
fn a_temporary_password_has_five_tries() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("sendpassword username=carol").done();
    let right = world.code();
    let by =
        |temporary: &str| format!("loginuser username=carol tmppassword={temporary} password=sekret-5678");
    for _ in 0..5 {
        world.call(&by("0000000000")).plainly(Code::WrongTemporaryPassword);
    }
    world.call(&by(&right)).plainly(Code::WrongTemporaryPassword);
    world.call("sendpassword username=carol").done();
    world.call(&by("{code}")).done();
}

#[test]
fn a_temporary_password_ends() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("sendpassword username=carol").done();
    let by = "loginuser username=carol tmppassword={code} password=sekret-5678";
    world.pass(3_600);
    world.call(by).plainly(Code::TemporaryPasswordExpired);
    let wrong = "loginuser username=carol tmppassword=0000000000 password=sekret-5678";
    world.call(wrong).plainly(Code::WrongTemporaryPassword);
    world.call("sendpassword username=carol").done();
    world.pass(3_599);
    world.call(by).done();
}

#[test]
fn a_later_temporary_password_replaces_the_earlier_one() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("sendpassword username=carol").done();
    let first = world.code();
    world.call("sendpassword username=carol").done();
    let by =
        |temporary: &str| format!("loginuser username=carol tmppassword={temporary} password=sekret-5678");
    world.call(&by(&first)).plainly(Code::WrongTemporaryPassword);
    world.call(&by("{code}")).done();
}

#[test]
fn a_disabled_user_gets_no_temporary_password() {
    let mut world = World::new();
    world.call(CAROL).done();
    world.call("sendpassword username=carol").done();
    let temporary = world.code();
    set(&mut world, "UPDATE users SET status = 'disabled' WHERE username = 'carol'");
    world.call("sendpassword username=carol").plainly(Code::UserDisabled);
    let by = format!("loginuser username=carol tmppassword={temporary} password=sekret-5678");
    world.call(&by).plainly(Code::UserDisabled);
}

#[test]
fn a_new_password_ends_the_old_and_the_temporary_one() {
    let world = World::new();
    world.call(CAROL).done();
    world.call("sendpassword username=carol").done();
    let temporary = world.code();
    world.call("setpassword username=carol newpassword=sekret-5678").done();
    world.call(LOGIN).plainly(Code::WrongPassword);
    let by = format!("loginuser username=carol tmppassword={temporary} password=sekret-9999");
    world.call(&by).plainly(Code::WrongTemporaryPassword);
    world.call("loginuser username=carol password=sekret-5678").done();
    assert_eq!(world.call("getuserdata username=carol").done().text("modnumber"), "2");
}

#[test]
fn a_current_password_that_is_given_must_be_right() {
    let world = World::new();
    world.call(CAROL).done();
    let set =
        |current: &str| format!("setpassword username=carol newpassword=sekret-5678 password={current}");
    for _ in 0..10 {
        world.call(&set("guess-1234")).plainly(Code::WrongPassword);
    }
    world.call(&set("sekret-1234")).refused(Code::TooManyAttempts).second("60");
    world.call(LOGIN).refused(Code::TooManyAttempts);
    world.pass(60);
    world.call(&set("sekret-1234")).done();
    world
        .call("setpassword username=edgar newpassword=sekret-5678 password=any-1234")
        .plainly(Code::WrongPassword);
}

#[test]
fn a_password_is_a_text_like_any_other() {
    let world = World::new();
    world.call(CAROL).done();
    for password in ["with some spaces", "ünïcödé-pässwörd", "<&>\\\"quotes'", "秘密の言葉です！"]
    {
        let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
        world.call(&format!("setpassword username=carol newpassword=\"{quoted}\"")).done();
        world.call(&format!("loginuser username=carol password=\"{quoted}\"")).done();
        world.call(&format!("loginuser username=carol password=\"{quoted}x\"")).plainly(Code::WrongPassword);
    }
}

#[test]
fn a_login_makes_the_licence_that_is_missing() {
    let mut world = World::with(|config| {
        config.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", "False");
    });
    world.call(CAROL).done();
    world.reconfigure(|_| {});
    set(&mut world, "DELETE FROM settings WHERE name = 'API/API_CREATE_DEFAULT_LICENSE'");
    assert_eq!(world.call("searchuser username=carol").done().find("licensekey"), None);
    world.call(&format!("{LOGIN} licensereference=L-9")).done();
    assert!(world.call("searchuser username=carol").done().find("licensekey").is_some());
    assert!(world.dump().iter().any(|row| row.contains("| L-9 |")));
    let before = world.dump();
    world.call(LOGIN).done();
    assert_eq!(world.dump(), before);
}
