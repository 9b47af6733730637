//! Heads of requests that try their luck: forged, doubled, too large, or nearly the right name.

use regserver::cli::notation;
use regserver::domain::time::{Clock, SystemClock};
use regserver::gate::signature::sign;
use regserver::wire::Wire;

use crate::http::JSON_PATH;
use crate::http::credentials::{Alice, basic, element, is_alice};
use crate::program::{CONFIG, body, header, xml};

const XML_PATH: &str = "/yvva/api/api.xml";
const REQUEST: &str = r#"{"command":"getuserdata","username":"alice"}"#;

fn alices() -> (Alice, String, String) {
    let alice = Alice::new(CONFIG);
    let made = alice.server.call("createapikey", "username=alice kind=signing");
    let (key, secret) = (element(&made, "key").to_owned(), element(&made, "secret").to_owned());
    (alice, key, secret)
}

#[track_caller]
fn refused(reply: &str) {
    assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
    assert!(body(reply).contains("-30000") && body(reply).contains("Access denied"), "{reply}");
    assert_eq!(header(reply, "www-authenticate"), None);
}

#[test]
fn a_name_that_is_nearly_right_shows_nothing() {
    let (alice, key, secret) = alices();
    let (json, xml) = (REQUEST.to_owned(), xml("getuserdata", "username=alice"));
    let token = alice.session("127.0.0.1");
    for head in [
        format!("X_VEHMAN_SESSION: {token}\r\n"),
        format!("X-VEHMAN-SESSIONS: {token}\r\n"),
        format!("X-VEHMAN-SESSION-: {token}\r\n"),
        format!("VEHMAN-SESSION: {token}\r\n"),
        format!("X-VEHMAN: {token}\r\n"),
        format!("Cookie: SESS={token}; X-VEHMAN-SESSION={token}\r\n"),
        format!("Proxy-Authorization: Basic {token}\r\n"),
    ] {
        let reply = alice.post(JSON_PATH, &head, &json);
        assert!(body(&reply).contains("getuserdata needs a credential"), "{head}: {reply}");
        let reply = alice.post(XML_PATH, &head, &xml);
        assert!(body(&reply).contains("-30002"), "{head}: {reply}");
    }
    // Names of headers ignore case, and nothing of the rest does.
    let signature = sign(secret.as_bytes(), json.as_bytes());
    for head in [
        format!("X-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {}\r\n", signature.to_uppercase()),
        format!("X-VEHMAN-USER: {}\r\nX-VEHMAN-KEY: {signature}\r\n", key.to_uppercase()),
        format!("X-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {}\r\n", &signature[..39]),
        format!("X-VEHMAN-SITE: {key}\r\nX-VEHMAN-KEY: {signature}\r\n"),
        format!("X-VEHMAN-USER: {key},{key}\r\nX-VEHMAN-KEY: {signature}\r\n"),
        format!("X-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {signature}, {signature}\r\n"),
        format!("X-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {signature}\r\nx-vehman-key: {signature}\r\n"),
        format!("X-VEHMAN-SITE:\r\nX-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {signature}\r\n"),
    ] {
        refused(&alice.post(JSON_PATH, &head, &json));
        refused(&alice.post(XML_PATH, &head, &xml));
    }
    let spaced = alice.post(JSON_PATH, &format!("X-VEHMAN-SESSION : {token}\r\n"), &json);
    assert!(spaced.starts_with("HTTP/1.1 400 "), "{spaced}");
}

#[test]
fn a_forged_claim_of_tls_frees_no_signature_from_its_time() {
    let (alice, key, secret) = alices();
    let shown =
        format!("X-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {}\r\n", sign(secret.as_bytes(), REQUEST.as_bytes()));
    for claim in [
        "",
        "X-Forwarded-Proto: https\r\n",
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n",
        "Forwarded: for=127.0.0.1;proto=https\r\n",
        "X-Forwarded-Ssl: on\r\n",
        "Front-End-Https: on\r\n",
    ] {
        let reply = alice.post(JSON_PATH, &format!("{claim}{shown}"), REQUEST);
        assert!(body(&reply).contains("requesttime is missing"), "{claim}: {reply}");
    }
}

#[test]
fn what_a_proxy_took_in_plain_text_does_not_come_again_by_its_tls() {
    let alice = Alice::new(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.3\"]"));
    let made = alice.server.call("createapikey", "username=alice kind=signing");
    let (key, secret) = (element(&made, "key").to_owned(), element(&made, "secret").to_owned());
    // What says the second of the start, or one before it, is refused as such.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let through = |scheme: &str, text: &str| {
        let signature = sign(secret.as_bytes(), text.as_bytes());
        let head =
            format!("X-Forwarded-Proto: {scheme}\r\nX-VEHMAN-USER: {key}\r\nX-VEHMAN-KEY: {signature}\r\n");
        alice.post_from("127.0.0.3", JSON_PATH, &head, text)
    };
    let at = |off: i64| {
        let fields = [("username".to_owned(), "alice".to_owned())];
        notation::body(Wire::Json, "getuserdata", &fields, SystemClock.now().seconds() + off)
    };
    let overheard = at(0);
    is_alice(&through("http", &overheard));
    for scheme in ["http", "https", "HTTPS"] {
        let reply = through(scheme, &overheard);
        assert!(body(&reply).contains("already accepted"), "{scheme}: {reply}");
    }
    let far = through("https", &at(400));
    assert!(body(&far).contains("seconds off; 300 are allowed"), "{far}");
    let fresh = at(5);
    is_alice(&through("https", &fresh));
    is_alice(&through("https", &fresh));
    // The other way round it is taken once more, and then no longer.
    is_alice(&through("http", &fresh));
    assert!(body(&through("https", &fresh)).contains("already accepted"));
}

#[test]
fn what_is_too_large_is_not_even_counted() {
    let (alice, ..) = alices();
    let (key, secret) = alice.key();
    let (json, xml) = (REQUEST.to_owned(), xml("getuserdata", "username=alice"));
    for value in
        [basic(&key, &"x".repeat(2_000)), basic(&"k".repeat(2_000), &secret), basic(&"k".repeat(20_000), "")]
    {
        for _ in 0..6 {
            refused(&alice.post(JSON_PATH, &value, &json));
            refused(&alice.post(XML_PATH, &value, &xml));
        }
    }
    // No door was closed by it.
    let reply = alice.post(JSON_PATH, &basic(&key, &secret), &json);
    assert!(reply.starts_with("HTTP/1.1 200 ") && reply.contains("a@example.com"), "{reply}");
    let huge = alice.post(JSON_PATH, &basic(&"k".repeat(200_000), ""), &json);
    assert!(!huge.starts_with("HTTP/1.1 200 ") && !huge.starts_with("HTTP/1.1 5"), "{huge}");
}

#[test]
fn two_of_the_same_are_none() {
    let (alice, ..) = alices();
    let request = REQUEST.to_owned();
    let both = alice.post(JSON_PATH, "", &format!("data={request}&data={request}"));
    assert!(body(&both).contains("-30003"), "{both}");
    let twice = "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>getuserdata</command></teamdrive>\
                 <teamdrive><command>getversion</command></teamdrive>";
    let target = format!("{XML_PATH}?checksum={}", crate::program::signed(twice));
    let reply = alice.post(&target, "", twice);
    assert!(body(&reply).contains("-30003"), "{reply}");
    for origin in ["http://x\r\nOrigin: http://x", "null", "http://x, http://x", "http://x.evil.example", "x"]
    {
        let token = alice.session("127.0.0.1");
        let head = format!("Origin: {origin}\r\nX-VEHMAN-SESSION: {token}\r\n");
        refused(&alice.post(JSON_PATH, &head, &request));
        refused(&alice.post(XML_PATH, &head, &xml("getuserdata", "username=alice")));
        refused(&alice.post("/authentication/session", &head, "{}"));
    }
}
