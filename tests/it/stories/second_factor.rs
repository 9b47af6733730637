//! The second factor: set in two steps, asked for beside the password, used once, and taken away again.

use regserver::error::Code;

use crate::world::{Authenticator, Party, Reply, STRANGE, World, set};

const PASSWORD: &str = "username=alice password=wonder-2026";

/// Asks for a new secret, in place of the one whose code is shown.
fn offered(party: &Party<'_>, code: &str) -> Authenticator {
    let reply = party.ask("settotp", &format!("{PASSWORD} {code}")).done();
    assert_eq!(reply.text("status"), "pending");
    Authenticator::typed(&reply.text("secret"))
}

/// Alice's app, set and confirmed, half a minute ago.
fn with_app(world: &World) -> Authenticator {
    let portal = world.service("portal");
    let app = offered(&portal, "");
    confirm(&portal, &app, world);
    world.pass(30);
    app
}

fn confirm(party: &Party<'_>, app: &Authenticator, world: &World) {
    let reply = party.ask("settotp", &format!("{PASSWORD} totp={}", app.shows(world))).done();
    assert_eq!((reply.text("status"), reply.find("secret"), reply.find("uri")), ("set".into(), None, None));
}

/// A session by the password, and that code.
fn open(world: &World, code: &str) -> Reply {
    world.stranger().at_the_session_endpoint().ask("", &format!("{PASSWORD} {code}"))
}

#[track_caller]
fn missing(reply: Reply) {
    let text = "Invalid Request: totp is needed: the code that the user's authenticator shows now";
    reply.refused(Code::InvalidRequest).says(text);
}

#[track_caller]
fn wrong(reply: Reply) {
    let text = "Wrong password: totp is not the code of this moment, or was used already";
    reply.refused(Code::WrongPassword).says(text);
}

fn counters(world: &World) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with("counters: ")).collect()
}

#[test]
fn it_is_in_force_after_its_first_code_and_not_before() {
    let world = World::with(|config| {
        config.server("RegServerName", "Acme Cloud");
    });
    let alice = world.stranger().session(PASSWORD, STRANGE);
    let reply = alice.ask("settotp", PASSWORD).done();
    let secret = reply.text("secret");
    assert_eq!(secret.len(), 32);
    let uri = format!(
        "otpauth://totp/Acme%20Cloud:alice?secret={secret}&issuer=Acme%20Cloud&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(reply.text("uri"), uri);
    let app = Authenticator::typed(&secret);
    open(&world, "").done();
    wrong(alice.ask("settotp", &format!("{PASSWORD} totp={}", app.never_shows(&world))));
    open(&world, "").done();
    confirm(&alice, &app, &world);
    missing(open(&world, ""));
    missing(open(&world, "totp="));
    wrong(open(&world, &format!("totp={}", app.never_shows(&world))));
    world.pass(30);
    open(&world, &format!("totp={}", app.shows(&world))).done();
    // The sessions that were open stay so.
    alice.ask("getuserdata", "username=alice").done();
}

#[test]
fn a_secret_waits_for_a_quarter_of_an_hour() {
    let world = World::new();
    let portal = world.service("portal");
    let app = offered(&portal, "");
    world.pass(15 * 60);
    let late = portal.ask("settotp", &format!("{PASSWORD} totp={}", app.shows(&world)));
    let text = "Invalid Request: no secret waits for a code: the first call has no totp";
    late.refused(Code::InvalidRequest).says(text);
    // A later one takes the place of an earlier one.
    let (earlier, later) = (offered(&portal, ""), offered(&portal, ""));
    world.pass(15 * 60 - 1);
    wrong(portal.ask("settotp", &format!("{PASSWORD} totp={}", earlier.shows(&world))));
    confirm(&portal, &later, &world);
}

#[test]
fn a_code_is_used_once_and_none_before_it_afterwards() {
    let mut world = World::new();
    let app = with_app(&world);
    let totp = |world: &World, ahead: i64| format!("totp={}", app.ahead(world, ahead));
    open(&world, &totp(&world, 0)).done();
    wrong(open(&world, &totp(&world, 0)));
    wrong(open(&world, &totp(&world, -30)));
    // A device that is fast, by half a minute and no more; and then its code of now is past.
    wrong(open(&world, &totp(&world, 60)));
    open(&world, &totp(&world, 30)).done();
    world.pass(30);
    wrong(open(&world, &totp(&world, 0)));
    world.restart();
    wrong(open(&world, &totp(&world, 0)));
    world.pass(60);
    open(&world, &totp(&world, -30)).done();
    // Nor for anything else: a code that opened a session takes nothing away.
    let remove = |code: String| world.call(&format!("settotp {PASSWORD} remove=true {code}"));
    wrong(remove(totp(&world, -30)));
    assert_eq!(remove(totp(&world, 0)).done().text("status"), "none");
    open(&world, "").done();
}

#[test]
fn a_code_is_taken_as_people_type_it() {
    let world = World::new();
    let app = with_app(&world);
    let code = app.shows(&world);
    open(&world, &format!("totp='{} {}'", &code[..3], &code[3..])).done();
}

#[test]
fn a_new_one_is_set_beside_the_old() {
    let world = World::new();
    let old = with_app(&world);
    let alice = world.person("alice", "");
    missing(alice.ask("settotp", PASSWORD));
    wrong(alice.ask("settotp", &format!("{PASSWORD} totp={}", old.never_shows(&world))));
    let new = offered(&alice, &format!("totp={}", old.shows(&world)));
    world.pass(30);
    open(&world, &format!("totp={}", old.shows(&world))).done();
    wrong(open(&world, &format!("totp={}", new.shows(&world))));
    confirm(&alice, &new, &world);
    world.pass(30);
    wrong(open(&world, &format!("totp={}", old.shows(&world))));
    open(&world, &format!("totp={}", new.shows(&world))).done();
}

#[test]
fn it_goes_by_password_and_code() {
    let world = World::new();
    let app = with_app(&world);
    let alice = world.person("alice", "");
    missing(alice.ask("settotp", &format!("{PASSWORD} remove=true")));
    wrong(alice.ask("settotp", &format!("{PASSWORD} remove=true totp={}", app.never_shows(&world))));
    let guess = format!("username=alice password=guess-1234 remove=true totp={}", app.shows(&world));
    alice.ask("settotp", &guess).plainly(Code::WrongPassword);
    missing(open(&world, ""));
    alice.ask("settotp", &format!("{PASSWORD} remove=true totp={}", app.shows(&world))).done();
    open(&world, "").done();
    // What is not there needs no code to go, nor does what nobody has confirmed.
    alice.ask("settotp", &format!("{PASSWORD} remove=true")).done();
    offered(&alice, "");
    alice.ask("settotp", &format!("{PASSWORD} remove=true")).done();
    assert!(!world.dump().iter().any(|row| row.starts_with("second_factors: ")));
}

#[test]
fn ten_wrong_codes_close_the_door_and_a_login_does_not_open_it() {
    let world = World::new();
    let app = with_app(&world);
    let bad = format!("totp={}", app.never_shows(&world));
    for _ in 0..10 {
        wrong(open(&world, &bad));
        // No code is asked for here, so that it must not clear what was counted there.
        world.stranger().ask("loginuser", PASSWORD).done();
    }
    let right = format!("totp={}", app.shows(&world));
    open(&world, &right).refused(Code::TooManyAttempts).second("60");
    world.stranger().ask("loginuser", PASSWORD).done();
    // Elsewhere it is open.
    let elsewhere = world.stranger().from("192.0.2.9");
    elsewhere.ask("createsession", &format!("{PASSWORD} {right}")).done();
    world.pass(60);
    open(&world, &format!("totp={}", app.shows(&world))).done();
    // And then they count afresh.
    for _ in 0..9 {
        wrong(open(&world, &bad));
    }
    world.pass(30);
    open(&world, &format!("totp={}", app.shows(&world))).done();
    assert!(!counters(&world).iter().any(|row| row.contains("pair:")), "{:?}", counters(&world));
}

#[test]
fn wrong_codes_count_for_the_user_and_for_the_address() {
    let world = World::new();
    let app = with_app(&world);
    let bad = format!("{PASSWORD} totp={}", app.never_shows(&world));
    for n in 0..100 {
        wrong(world.stranger().from(&format!("198.18.0.{n}")).ask("createsession", &bad));
    }
    world.stranger().ask("loginuser", PASSWORD).refused(Code::TooManyAttempts).second("60");
    world.call("unlockuser username=alice").done();
    world.stranger().ask("loginuser", PASSWORD).done();
    let rows = counters(&world);
    assert!(rows.iter().any(|row| row.starts_with("counters: address:198.18.0.7 | 1 |")), "{rows:?}");
    assert!(!rows.iter().any(|row| row.contains("pair:") || row.contains("user:1 ")), "{rows:?}");
}

#[test]
fn the_same_holds_for_a_service_and_for_the_codes_of_settotp() {
    let world = World::new();
    let app = with_app(&world);
    let portal = world.service("portal");
    let bad = format!("{PASSWORD} totp={} IP=192.0.2.44", app.never_shows(&world));
    for n in 0..10 {
        let command = if n % 2 == 0 { "createsession" } else { "settotp" };
        wrong(portal.ask(command, &bad));
    }
    let right = format!("{PASSWORD} totp={} IP=192.0.2.44", app.shows(&world));
    for command in ["createsession", "settotp"] {
        portal.ask(command, &right).refused(Code::TooManyAttempts).second("60");
    }
    portal.ask("loginuser", PASSWORD).done();
    open(&world, &format!("totp={}", app.shows(&world))).done();
}

#[test]
fn without_the_password_nobody_learns_of_it() {
    let world = World::new();
    let app = with_app(&world);
    let ask = |name: &str, further: &str| {
        let before = world.hash_runs();
        let fields = format!("username={name} password=guess-1234 {further}");
        let reply = world.stranger().ask("createsession", &fields).plainly(Code::WrongPassword);
        (reply.body().to_owned(), world.hash_runs() - before)
    };
    let right = format!("totp={}", app.shows(&world));
    let nobody = ask("nobody", "");
    assert_eq!(nobody.1, 1);
    for further in ["", "totp=000000", &right] {
        assert_eq!(ask("alice", further), nobody);
        assert_eq!(ask("nobody", further), nobody);
    }
    // None of these has used the code.
    open(&world, &right).done();
}

#[test]
fn a_missing_code_is_not_counted_and_clears_nothing() {
    let world = World::new();
    let app = with_app(&world);
    for _ in 0..9 {
        world.stranger().ask("createsession", "username=alice password=guess-1234");
    }
    let before = counters(&world);
    for _ in 0..20 {
        missing(open(&world, ""));
    }
    assert_eq!(counters(&world), before);
    open(&world, &format!("totp={}", app.shows(&world))).done();
    assert!(!counters(&world).iter().any(|row| row.contains("pair:")), "{:?}", counters(&world));
}

#[test]
fn it_is_asked_for_where_the_password_is_shown_and_nowhere_else() {
    let world = World::new();
    let key = world.person("alice", "");
    with_app(&world);
    missing(world.service("portal").ask("createsession", &format!("{PASSWORD} IP=192.0.2.44")));
    world.service("portal").ask("createsession", "username=alice IP=192.0.2.44").done();
    key.ask("createsession", "IP=192.0.2.44").done();
    world.stranger().ask("loginuser", PASSWORD).done();
    key.ask("setpassword", "username=alice password=wonder-2026 newpassword=sekret-5678").done();
    // A new password is no way around it, nor is one from a mail.
    let reopened = |password: &str| {
        let fields = format!("username=alice password={password}");
        missing(world.stranger().ask("createsession", &fields));
    };
    reopened("sekret-5678");
    world.call("sendpassword username=alice").done();
    world.stranger().ask("loginuser", "username=alice tmppassword={code} password=sekret-9999").done();
    reopened("sekret-9999");
    // Whoever has none may send a code all the same.
    world.stranger().ask("createsession", "username=alice password=sekret-1111").plainly(Code::WrongPassword);
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=1")
        .done();
    world.stranger().ask("createsession", "username=carol password=sekret-1234 totp=123456").done();
}

#[test]
fn a_provider_takes_it_from_who_has_lost_the_device() {
    let world = World::new();
    with_app(&world);
    let text = "Invalid Request: password is needed: the current one";
    // Nobody does so to themselves, whatever their rights.
    world.call("grantright username=alice right=API-ACCESS").done();
    world.call("grantright username=alice right=EDIT-PROVIDER").done();
    let alice = world.person("alice", "");
    alice.ask("settotp", "username=alice remove=true").refused(Code::InvalidRequest).says(text);
    world.call("settotp username=alice").refused(Code::InvalidRequest).says(text);
    // API access is not enough, and another provider does not see the user.
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    world.call("grantright username=carol right=API-ACCESS").done();
    let carol = world.person("carol", "");
    carol.ask("settotp", "username=alice remove=true").refused(Code::AccessDenied).second("-6");
    world.service("shop").ask("settotp", "username=alice remove=true").plainly(Code::UserUnknown);
    missing(open(&world, ""));
    world.call("settotp username=alice remove=true").done();
    open(&world, "").done();
    let reply = world.call("searchaudit username=alice commandname=settotp").done();
    assert_eq!(reply.texts("before")[0], r#"{"totp":"set"}"#);
    assert_eq!(reply.texts("after")[0], "{}");
    assert_eq!(reply.texts("caller")[0], "service:portal");
}

#[test]
fn the_audit_log_says_that_it_was_changed_and_no_more() {
    let world = World::new();
    let portal = world.service("portal");
    let mut shown = Vec::new();
    let first = offered(&portal, "");
    shown.push(first.shows(&world));
    offered(&portal, "");
    let app = offered(&portal, "");
    confirm(&portal, &app, &world);
    world.pass(30);
    let newer = offered(&portal, &format!("totp={}", app.shows(&world)));
    confirm(&portal, &newer, &world);
    let reply = world.call("searchaudit username=alice commandname=settotp").done();
    let pairs: Vec<(String, String)> =
        reply.texts("before").into_iter().zip(reply.texts("after")).rev().collect();
    let expected = [
        ("{}", r#"{"totp":"pending"}"#),
        ("{}", r#"{"totp":"changed"}"#),
        ("{}", r#"{"totp":"changed"}"#),
        (r#"{"totp":"pending"}"#, r#"{"totp":"set"}"#),
        (r#"{"totp":"set"}"#, r#"{"totp":"set, another pending"}"#),
        (r#"{"totp":"set, another pending"}"#, r#"{"totp":"set"}"#),
    ];
    assert_eq!(pairs, expected.map(|(before, after)| (before.to_owned(), after.to_owned())));
    let fields = reply.texts("fields");
    assert!(fields.iter().all(|fields| fields.contains(r#""password":"•••""#)), "{fields:?}");
    assert_eq!(fields.iter().filter(|fields| fields.contains(r#""totp":"•••""#)).count(), 3);
}

#[test]
fn a_secret_is_sealed_for_its_row() {
    let mut world = World::new();
    let reply = world.call(&format!("settotp {PASSWORD}")).done();
    let app = Authenticator::typed(&reply.text("secret"));
    confirm(&world.service("portal"), &app, &world);
    let row = world.dump().into_iter().find(|row| row.starts_with("second_factors: ")).unwrap();
    assert!(!row.contains(&reply.text("secret")), "{row}");
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=1")
        .done();
    set(
        &mut world,
        "INSERT INTO second_factors SELECT 5, sealed, 0, NULL, NULL FROM second_factors WHERE userid = 1",
    );
    let fields = format!("username=carol password=sekret-1234 totp={}", app.shows(&world));
    world.stranger().ask("createsession", &fields).plainly(Code::Internal);
}

#[test]
fn it_ends_with_the_user() {
    let world = World::new();
    with_app(&world);
    world.call("removeuser username=alice").done();
    assert!(!world.dump().iter().any(|row| row.starts_with("second_factors: ")));
}
