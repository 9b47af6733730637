//! Signatures in headers over HTTP: by a user's own key and by a site.

use regserver::cli::notation;
use regserver::domain::time::{Clock, SystemClock};
use regserver::gate::signature::sign;
use regserver::wire::Wire;

use super::JSON_PATH;
use super::credentials::{Alice, element, is_alice};
use crate::program::{CONFIG, body};

const XML_PATH: &str = "/yvva/api/api.xml";

/// A new key of alice that signs, and its secret. What is read in the second of the start may not come again, so that
/// second is waited for.
fn key(alice: &Alice) -> (String, String) {
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let made = alice.server.call("createapikey", "username=alice kind=signing");
    (element(&made, "key").to_owned(), element(&made, "secret").to_owned())
}

/// A call about alice, at this time.
fn request(wire: Wire) -> String {
    let fields = [("username".to_owned(), "alice".to_owned())];
    notation::body(wire, "getuserdata", &fields, SystemClock.now().seconds())
}

fn signed(prefix: &str, (key, secret): &(String, String), text: &str) -> String {
    format!("{prefix}-USER: {key}\r\n{prefix}-KEY: {}\r\n", sign(secret.as_bytes(), text.as_bytes()))
}

#[test]
fn a_signature_in_headers_is_its_user() {
    let alice = Alice::new(CONFIG);
    let key = key(&alice);
    let (json, xml) = (request(Wire::Json), request(Wire::Xml));
    let shown = signed("x-vehman", &key, &json);
    is_alice(&alice.post(JSON_PATH, &shown, &json));
    // This machine is no secret way for a call that could be sent again.
    let again = alice.post(JSON_PATH, &shown, &json);
    assert!(body(&again).contains("already accepted"), "{again}");
    is_alice(&alice.post(XML_PATH, &signed("X-VEHMAN", &key, &xml), &xml));
    let other = json.replacen('{', "{ ", 1);
    is_alice(&alice.post(JSON_PATH, &signed("X-VEHMAN", &key, &other), &format!("data={other}&x=1")));
    // With a forwarding header, which shuts out what others could read, a signature is still one.
    let third = json.replacen('{', "{  ", 1);
    let head = format!("X-Forwarded-For: 192.0.2.1\r\n{}", signed("X-VEHMAN", &key, &third));
    is_alice(&alice.post(JSON_PATH, &head, &third));
    let wrong = alice.post(JSON_PATH, &shown, &third);
    assert!(wrong.starts_with("HTTP/1.1 403 ") && alice.line(&wrong).contains("came with a wrong signature"));
    let basic = alice.post(JSON_PATH, &super::credentials::basic(&key.0, &key.1), &third);
    assert!(
        basic.starts_with("HTTP/1.1 403 ") && alice.line(&basic).contains("is of the kind signing"),
        "{basic}"
    );
    let twice = format!("{shown}{}", "X-VEHMAN-USER: x\r\n");
    let twice = alice.post(JSON_PATH, &twice, &json);
    assert!(twice.starts_with("HTTP/1.1 403 ") && alice.line(&twice).contains("more than one"), "{twice}");
}

#[test]
fn a_trusted_proxy_that_says_https_needs_no_time() {
    let alice = Alice::new(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.3\"]"));
    let key = key(&alice);
    let request = r#"{"command":"getuserdata","username":"alice"}"#;
    let shown = signed("X-VEHMAN", &key, request);
    let through =
        |scheme: &str| alice.post_from("127.0.0.3", JSON_PATH, &format!("{scheme}{shown}"), request);
    is_alice(&through("X-Forwarded-Proto: https\r\n"));
    is_alice(&through("X-Forwarded-Proto: https\r\n"));
    for scheme in ["", "X-Forwarded-Proto: http\r\n"] {
        let reply = through(scheme);
        assert!(body(&reply).contains("requesttime is missing"), "{reply}");
    }
}

#[test]
fn a_site_signs_with_the_configured_prefix() {
    let alice = Alice::with("header_prefix = \"X-Acme\"");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let made = alice.server.call("createsite", "sitename=tickets");
    let (site, secret) = (element(&made, "sitekey").to_owned(), element(&made, "sitesecret").to_owned());
    let head = |user: &str, text: &str| {
        format!("X-Acme-Site: {site}\r\n{user}X-Acme-Key: {}\r\n", sign(secret.as_bytes(), text.as_bytes()))
    };
    let fields = ["username=carol", "useremail=c@example.com"].map(str::to_owned);
    let fields = notation::pairs(fields.into_iter()).unwrap();
    let registration = notation::body(Wire::Xml, "registeruser", &fields, SystemClock.now().seconds());
    let reply = alice.post(XML_PATH, &head("", &registration), &registration);
    assert!(element(&reply, "userkey").starts_with("uk-"), "{reply}");
    let line = alice.line(&reply);
    assert!(line.contains("caller=site:tickets"), "{line}");
    // Alice is of its provider, and has said nothing to it.
    let shown = alice.server.call("getuserdata", "username=alice");
    let user = format!("X-Acme-User: {}\r\n", element(&shown, "userkey"));
    let request = request(Wire::Json);
    let reply = alice.post(JSON_PATH, &head(&user, &request), &request);
    assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
    assert!(alice.line(&reply).contains("has not authorised the site tickets"), "{}", alice.line(&reply));
}
