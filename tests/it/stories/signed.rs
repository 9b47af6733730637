//! Keys that sign: the secret never travels, and what was signed in plain text holds for a while and once.

use regserver::error::Code;
use regserver::gate::credentials::{Shown, Signed};
use regserver::gate::signature;

use crate::world::{Party, Reply, World, set};

const ALICE: &str = "username=alice";

/// A new key of alice that signs: its name and its secret.
fn made(world: &World, fields: &str) -> (String, String) {
    let reply = world.call(&format!("createapikey username=alice kind=signing {fields}")).done();
    (reply.text("key"), reply.text("secret"))
}

fn signing<'w>(world: &'w World, (key, secret): &(String, String)) -> Party<'w> {
    Party::signing(world, None, Some(key), secret)
}

#[track_caller]
fn works(party: &Party<'_>) {
    assert_eq!(party.ask("getuserdata", ALICE).done().text("username"), "alice");
}

/// Refused as whoever shows what proves nobody, with the same bytes for all.
#[track_caller]
fn turned_away(reply: Reply) {
    let reply = reply.turned_away(Code::AccessDenied);
    let expected = r#"{"regversion":"4.7.1","exception":{"primarycode":-30000,"secondarycode":"","message":"Access denied"}}"#;
    assert_eq!(reply.body(), expected);
}

#[test]
fn a_key_that_signs_is_its_user() {
    let world = World::new();
    let alice = world.signing("alice", "");
    for party in [alice.clone(), alice.clone().over_xml(), alice.clone().in_plain_text()] {
        works(&party);
        party.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
    }
    assert_eq!(world.call("searchapikey username=alice").done().texts("kind"), ["signing"]);
    // A scope narrows it like any other key, and what it opens ends with it.
    let narrow = world.signing("alice", "users:view,createsession");
    narrow.ask("registerdevice", "username=alice devicename=x platform=linux").refused(Code::AccessDenied);
    let session = narrow.session("", "192.0.2.44");
    works(&session);
    world.call("revokeapikey keyid=2").done();
    turned_away(session.ask("getuserdata", ALICE));
    turned_away(narrow.ask("getuserdata", ALICE));
    // What came in plain text comes by no other way in the same second.
    world.pass(1);
    works(&alice);
}

#[test]
fn whatever_is_wrong_is_answered_alike() {
    let mut world = World::new();
    let key = made(&world, "");
    let ended = made(&world, "validuntil=01/01/2026");
    let basic = world.call("createapikey username=alice kind=basic").done();
    let (basic, sent) = (basic.text("key"), basic.text("secret"));
    let body = signing(&world, &key).json("getuserdata", ALICE);
    let right = signature::sign(key.1.as_bytes(), body.as_bytes());
    let shown = |site: Option<&str>, user: Option<&str>, signature: &str| {
        let own = |text: &str| text.to_owned().into();
        let shown =
            Signed { site: site.map(own), user: user.map(own), signature: signature.to_owned().into() };
        world.showing(Shown::Signed(shown)).body(body.as_bytes())
    };
    shown(None, Some(&key.0), &right).done();
    turned_away(shown(None, Some(&key.0), &right.to_uppercase()));
    turned_away(shown(None, Some(&key.0), &right[1..]));
    turned_away(shown(None, Some(&key.0), ""));
    turned_away(shown(None, Some("rk-nobodys"), &right));
    turned_away(shown(Some(&key.0), None, &right));
    turned_away(shown(Some("sk-nobodys"), Some(&key.0), &right));
    // Under the secret of another key, and by a key of the other kind, whichever way round.
    turned_away(Party::signing(&world, None, Some(&key.0), &sent).ask("getuserdata", ALICE));
    turned_away(Party::signing(&world, None, Some(&basic), &sent).ask("getuserdata", ALICE));
    turned_away(world.key(&key.0, &key.1).ask("getuserdata", ALICE));
    // Of another body, be it by a blank.
    let longer = format!("{body} ");
    let signed = Signed { site: None, user: Some(key.0.clone().into()), signature: right.into() };
    turned_away(world.showing(Shown::Signed(signed)).body(longer.as_bytes()));
    signing(&world, &key).body(longer.as_bytes()).done();
    world.pass(86_400);
    turned_away(signing(&world, &ended).ask("getuserdata", ALICE));
    for status in ["inactive", "disabled", "todelete"] {
        set(&mut world, &format!("UPDATE users SET status = '{status}' WHERE username = 'alice'"));
        turned_away(signing(&world, &key).ask("getuserdata", ALICE));
    }
    set(&mut world, "UPDATE users SET status = 'activated' WHERE username = 'alice'");
    works(&signing(&world, &key));
    set(&mut world, "UPDATE api_keys SET sealed = (SELECT sealed FROM api_keys WHERE id = 2) WHERE id = 1");
    turned_away(signing(&world, &key).ask("getuserdata", ALICE));
}

#[test]
fn in_a_form_the_decoded_text_is_signed() {
    let world = World::new();
    let key = made(&world, "");
    let text = r#"{"command":"getuserdata","useroremail":"alice@example.com","randtoken":"a b+c"}"#;
    let right = signature::sign(key.1.as_bytes(), text.as_bytes());
    let signed = |signature: &str| {
        let (user, signature) = (Some(key.0.clone().into()), signature.to_owned().into());
        world.showing(Shown::Signed(Signed { site: None, user, signature }))
    };
    let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let plus = text.replace('+', "%2B").replace(' ', "+");
    for form in [format!("data={escaped}"), format!("x=1&data={plus}&y=2"), format!("data={plus}\n")] {
        assert_eq!(signed(&right).body(form.as_bytes()).done().text("username"), "alice", "{form}");
        let over_the_form = signature::sign(key.1.as_bytes(), form.as_bytes());
        turned_away(signed(&over_the_form).body(form.as_bytes()));
    }
    turned_away(signed(&right).body(format!("data={escaped}&data={escaped}").as_bytes()));
    turned_away(signed(&right).body(b"data=%7"));
    // At the XML endpoint nothing is a form.
    let xml = signed(&right).over_xml().body(format!("data={escaped}").as_bytes());
    xml.turned_away(Code::AccessDenied);
}

#[test]
fn over_tls_the_time_is_not_asked_for_and_a_call_may_come_twice() {
    let world = World::new();
    let alice = world.signing("alice", "");
    let body = br#"{"command":"getuserdata","username":"alice"}"#;
    alice.body(body).done();
    alice.body(body).done();
}

#[test]
fn in_plain_text_the_time_must_be_right() {
    let world = World::new();
    world.pass(10_000);
    let alice = world.signing("alice", "").in_plain_text();
    let at = |off: i64| {
        let time = world.seconds() + off;
        let body = format!(r#"{{"command":"getuserdata","username":"alice","requesttime":{time}}}"#);
        alice.body(body.as_bytes())
    };
    at(300).done();
    at(-300).done();
    for off in [301, -301] {
        let reply = at(off).refused(Code::InvalidRequest);
        reply.says(&format!("Invalid Request: requesttime is {off} seconds off; 300 are allowed"));
    }
    let without = alice.body(br#"{"command":"getuserdata","username":"alice"}"#);
    without.refused(Code::InvalidRequest).says("Invalid Request: requesttime is missing");
}

#[test]
fn in_plain_text_a_call_is_accepted_once() {
    let mut world = World::new();
    world.pass(60);
    let again = "Invalid Request: this request was already accepted; send a new requesttime";
    let (key, other) = (made(&world, ""), made(&world, ""));
    let (read, write) = {
        let alice = signing(&world, &key);
        (alice.json("getuserdata", ALICE), alice.json("setlanguage", "username=alice language=de"))
    };
    for body in [&read, &write] {
        let alice = signing(&world, &key).in_plain_text();
        alice.body(body.as_bytes()).done();
        alice.body(body.as_bytes()).refused(Code::InvalidRequest).says(again);
        // The same words by another key are another call.
        signing(&world, &other).in_plain_text().body(body.as_bytes()).done();
        // However it comes, and as long as its time is right.
        world.pass(240);
        signing(&world, &key).in_plain_text().body(body.as_bytes()).refused(Code::InvalidRequest).says(again);
        world.pass(-240);
    }
    // A change is remembered on the disk; a read from before the start is refused as such.
    world.restart();
    let alice = signing(&world, &key).in_plain_text();
    alice.body(write.as_bytes()).refused(Code::InvalidRequest).says(again);
    world.pass(1);
    world.restart();
    let alice = signing(&world, &key).in_plain_text();
    let reply = alice.body(read.as_bytes()).refused(Code::InvalidRequest);
    reply.says("Invalid Request: requesttime is before the start of the server; send the call again");
    works(&alice);
}

#[test]
fn a_change_that_was_refused_may_come_again() {
    let world = World::new();
    let alice = world.signing("alice", "").in_plain_text();
    let body = alice.json("touchdevice", "username=alice deviceid=1");
    alice.body(body.as_bytes()).refused(Code::DeviceUnknown);
    world.call("registerdevice username=alice devicename=Laptop platform=linux").done();
    alice.body(body.as_bytes()).done();
    alice.body(body.as_bytes()).refused(Code::InvalidRequest);
}
