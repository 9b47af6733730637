//! Keys and sessions as they are shown over HTTP, and where they are taken (`access.md` §1 and §2).

use std::process::Command;

use base64::Engine;

use super::{JSON_PATH, json, json_exception};
use crate::program::{CONFIG, Folder, Server, body, header, post, signed, xml};

pub const SESSION_PATH: &str = "/authentication/session";
const XML_PATH: &str = "/yvva/api/api.xml";
pub const PASSWORD: &str = "sekret-1234";

/// A server with the user alice.
pub struct Alice {
    pub server: Server,
    pub folder: Folder,
}

impl Alice {
    pub fn new(config: &str) -> Alice {
        let folder = Folder::configured(config);
        let server = Server::start(&folder);
        let made = format!("username=alice useremail=a@example.com password={PASSWORD} activate=true");
        assert!(server.call("registeruser", &made).contains("<intresult>0</intresult>"));
        Alice { server, folder }
    }

    /// With these lines in the section `[api]`.
    pub fn with(api: &str) -> Alice {
        Alice::new(&format!("{CONFIG}[api]\n{api}\n"))
    }

    /// A new key of hers, and its secret.
    pub fn key(&self) -> (String, String) {
        let made = self.server.call("createapikey", "username=alice kind=basic");
        (element(&made, "key").to_owned(), element(&made, "secret").to_owned())
    }

    /// A new session of hers for that address.
    pub fn session(&self, address: &str) -> String {
        element(&self.server.call("createsession", &format!("username=alice IP={address}")), "session")
            .to_owned()
    }

    /// Posts with more lines in the head, each with its line feed.
    pub fn post(&self, target: &str, head: &str, request: &str) -> String {
        self.post_from("127.0.0.1", target, head, request)
    }

    pub fn post_from(&self, address: &str, target: &str, head: &str, request: &str) -> String {
        let bytes = String::from_utf8(post(target, request)).unwrap();
        let bytes = bytes.replacen("Host: x\r\n", &format!("Host: x\r\n{head}"), 1);
        let reply = self.server.send_from(address, bytes.as_bytes());
        assert_eq!(header(&reply, "www-authenticate"), None, "{reply}");
        reply
    }

    /// Asks for her data at the JSON endpoint.
    fn ask(&self, query: &str, head: &str) -> String {
        self.post(&format!("{JSON_PATH}{query}"), head, &json("getuserdata", "username=alice"))
    }

    /// The line of the log about a reply.
    pub fn line(&self, reply: &str) -> String {
        self.server.logged(header(reply, "x-request-id").unwrap())
    }

    #[track_caller]
    fn refuses(&self, reply: &str, why: &str) {
        assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
        assert!(body(reply).contains("-30000") && body(reply).contains("Access denied"), "{reply}");
        let line = self.line(reply);
        assert!(line.contains(why), "{line}");
    }
}

pub fn element<'a>(reply: &'a str, name: &str) -> &'a str {
    let inside = reply.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("no {name}: {reply}"));
    inside.split('<').next().unwrap()
}

pub fn basic(key: &str, secret: &str) -> String {
    let encoded = base64::prelude::BASE64_STANDARD.encode(format!("{key}:{secret}"));
    format!("Authorization: Basic {encoded}\r\n")
}

#[track_caller]
pub fn is_alice(reply: &str) {
    assert!(reply.starts_with("HTTP/1.1 200 ") && reply.contains("a@example.com"), "{reply}");
}

#[test]
fn a_key_is_shown_as_basic_authorization() {
    let alice = Alice::new(CONFIG);
    let (key, secret) = alice.key();
    let xml = xml("getuserdata", "username=alice");
    is_alice(&alice.ask("", &basic(&key, &secret)));
    is_alice(&alice.post(XML_PATH, &basic(&key, &secret), &xml));
    let line = alice.line(&alice.post(XML_PATH, &basic(&key, &secret), "<x"));
    assert!(line.contains("alice") && line.contains("code=-30003"), "{line}");
    // The other form is the same header, made by the client.
    let url = format!("http://{key}:{secret}@{}{JSON_PATH}", alice.server.address);
    let asked = Command::new("curl")
        .args(["--silent", "--include", "--data", &json("getuserdata", "username=alice"), &url])
        .output()
        .unwrap();
    is_alice(&String::from_utf8(asked.stdout).unwrap());
    for (head, why) in [
        (basic(&key, "wrong"), "came with a wrong secret"),
        (basic("rk-nobody", &secret), "there is no key of that name"),
        ("Authorization: Bearer abc\r\n".to_owned(), "not Basic"),
        ("Authorization:\r\n".to_owned(), "not Basic"),
        ("Authorization: Basic ä\r\n".to_owned(), "not visible ASCII"),
        ("X-VEHMAN-USER: x\r\nX-VEHMAN-KEY: y\r\n".to_owned(), "40 lower-case hex digits"),
        ("X-VEHMAN-USER: x\r\n".to_owned(), "nothing is signed"),
        ("X-VEHMAN-KEY: x\r\n".to_owned(), "no key that is named"),
    ] {
        let reply = alice.ask("", &head);
        alice.refuses(&reply, why);
        assert_eq!(body(&reply), json_exception(-30000, "\"\"", "Access denied"), "{head}");
        alice.refuses(&alice.post(XML_PATH, &head, &xml), why);
    }
}

#[test]
fn a_session_is_shown_in_its_header_or_as_sess() {
    let alice = Alice::new(CONFIG);
    let token = alice.session("127.0.0.1");
    let shown = format!("x-vehman-session: {token}\r\n");
    let request = json("getuserdata", "username=alice");
    is_alice(&alice.ask("", &shown));
    is_alice(&alice.ask(&format!("?SESS={token}"), ""));
    is_alice(&alice.ask(&format!("?a=b&SESS=%{:x}{}", token.as_bytes()[0], &token[1..]), ""));
    is_alice(&alice.post(JSON_PATH, "", &format!("data={request}&SESS={token}")));
    is_alice(&alice.post(JSON_PATH, &shown, &format!("data={request}")));
    // At the XML paths an argument is none; a header is.
    let xml = xml("getuserdata", "username=alice");
    is_alice(&alice.post(XML_PATH, &shown, &xml));
    is_alice(&alice.post(&format!("{XML_PATH}?SESS={token}"), &shown, &xml));
    let ignored = alice.post(&format!("{XML_PATH}?SESS={token}"), "", &xml);
    assert!(ignored.starts_with("HTTP/1.1 200 ") && ignored.contains("-30002"), "{ignored}");
    let elsewhere = alice.session("127.0.0.2");
    let shown = format!("X-VEHMAN-SESSION: {elsewhere}\r\n");
    is_alice(&alice.post_from("127.0.0.2", JSON_PATH, &shown, &request));
    alice.refuses(&alice.post(JSON_PATH, &shown, &request), "bound to 127.0.0.2, not to 127.0.0.1");
    alice.refuses(&alice.ask("?SESS=", ""), "there is no such session");
    alice.refuses(&alice.ask("?SESS=%2", ""), "SESS is badly escaped");
}

#[test]
fn two_credentials_prove_nobody() {
    let alice = Alice::new(&format!("{CONFIG}[log]\nlevel = \"debug\"\n"));
    let ((key, secret), token) = (alice.key(), alice.session("127.0.0.1"));
    let (key, session) = (basic(&key, &secret), format!("X-VEHMAN-SESSION: {token}\r\n"));
    let in_query = format!("?SESS={token}");
    for (query, head) in [
        ("", format!("{key}{key}")),
        ("", format!("{session}{session}")),
        ("", format!("{key}{session}")),
        ("", format!("{key}X-VEHMAN-SITE: x\r\n")),
        (&in_query, session.clone()),
        (&in_query, key.clone()),
        (&format!("{in_query}&SESS={token}"), String::new()),
    ] {
        alice.refuses(&alice.ask(query, &head), "more than one credential");
    }
    let request = json("getuserdata", "username=alice");
    let both = alice.post(&format!("{JSON_PATH}{in_query}"), "", &format!("SESS={token}&data={request}"));
    alice.refuses(&both, "more than one credential");
    // With a checksum the call is a service's, whatever else it shows.
    for path in [XML_PATH, JSON_PATH, SESSION_PATH] {
        let request = if path == XML_PATH { xml("getversion", "") } else { json("getversion", "") };
        let target = format!("{path}?checksum={}&SESS=a", signed(&request));
        let reply =
            alice.post(&target, &format!("{key}{key}{session}X-Forwarded-For: 192.0.2.1\r\n"), &request);
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        let line = alice.line(&reply);
        assert!(line.contains("caller=service:shop"), "{line}");
    }
}

#[test]
fn a_forwarding_header_cancels_the_exception_for_this_machine() {
    let config = CONFIG.replace("workers = 2", "workers = 2\nproxy_header = \"X-Original-Address\"");
    let alice = Alice::new(&config);
    let (key, secret) = alice.key();
    let token = alice.session("127.0.0.1");
    for shown in [basic(&key, &secret), format!("X-VEHMAN-SESSION: {token}\r\n")] {
        is_alice(&alice.ask("", &shown));
        for name in [
            "Forwarded",
            "X-Forwarded-For",
            "X-Real-IP",
            "X-Client-IP",
            "True-Client-IP",
            "X-Forwarded-Proto",
            "X-Original-Address",
        ] {
            let reply = alice.ask("", &format!("{name}: https\r\n{shown}"));
            alice.refuses(&reply, "a credential came in plain text");
        }
    }
    assert!(alice.server.logged("forwarding header").contains("127.0.0.1"));
    // Who shows nothing has nothing to lose.
    let public = alice.post(JSON_PATH, "X-Forwarded-Proto: http\r\n", &json("getversion", ""));
    assert!(public.starts_with("HTTP/1.1 200 "), "{public}");
}

#[test]
fn a_trusted_proxy_says_whether_the_call_came_over_tls() {
    let alice = Alice::new(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.3\"]"));
    let (key, secret) = alice.key();
    let (key, token) = (basic(&key, &secret), alice.session("198.51.100.7"));
    let session = format!("X-VEHMAN-SESSION: {token}\r\n");
    let request = json("getuserdata", "username=alice");
    let through = |head: String| alice.post_from("127.0.0.3", JSON_PATH, &head, &request);
    let from = "X-Forwarded-For: 198.51.100.7\r\n";
    let https = "X-Forwarded-Proto: https\r\n";
    is_alice(&through(format!("{from}{https}{key}")));
    is_alice(&through(format!("{https}{key}")));
    is_alice(&through(format!("{from}{https}{session}")));
    let other = through(format!("X-Forwarded-For: 198.51.100.8\r\n{https}{session}"));
    alice.refuses(&other, "bound to 198.51.100.7, not to 198.51.100.8");
    for head in [
        String::new(),
        from.to_owned(),
        format!("{from}X-Forwarded-Proto: http\r\n"),
        format!("{from}{https}{https}"),
        format!("{from}X-Forwarded-Proto: https, https\r\n"),
    ] {
        for shown in [&key, &session] {
            alice.refuses(&through(format!("{head}{shown}")), "a credential came in plain text");
        }
    }
}

#[test]
fn plain_text_is_allowed_where_that_is_configured() {
    let alice = Alice::with("allow_plaintext_credentials = true");
    let (key, secret) = alice.key();
    is_alice(&alice.ask("", &format!("X-Forwarded-Proto: http\r\n{}", basic(&key, &secret))));
    assert!(alice.server.logged("allow_plaintext_credentials is true").contains("WARN"));
    assert!(!Alice::new(CONFIG).server.log().contains("allow_plaintext_credentials"));
}

#[test]
fn a_session_is_opened_at_its_path() {
    let alice = Alice::new(CONFIG);
    let (key, secret) = alice.key();
    let opened = |head: &str, request: &str| {
        let reply = alice.post(SESSION_PATH, head, request);
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        assert_eq!(header(&reply, "content-type"), Some("application/json; charset=UTF-8"));
        let reply: serde_json::Value = serde_json::from_str(body(&reply)).unwrap();
        assert!(reply["expires"].as_str().unwrap().ends_with('Z'), "{reply}");
        reply["session"].as_str().unwrap().to_owned()
    };
    let by_password = format!(r#"{{"username":"alice","password":"{PASSWORD}","command":"getversion"}}"#);
    for token in [
        opened("", &by_password),
        opened("", &format!("data={by_password}")),
        opened(&basic(&key, &secret), r#"{"IP":"127.0.0.1"}"#),
        opened(&basic(&key, &secret), "data={}"),
    ] {
        is_alice(&alice.ask("", &format!("X-VEHMAN-SESSION: {token}\r\n")));
    }
    let shown = format!("X-VEHMAN-SESSION: {}\r\n", alice.session("127.0.0.1"));
    let reply = alice.post(SESSION_PATH, &shown, "{}");
    assert!(body(&reply).contains("a session opens no session"), "{reply}");
    let wrong = alice.post(SESSION_PATH, "", &by_password.replace(PASSWORD, "wrong"));
    assert_eq!(body(&wrong), json_exception(-30101, "\"\"", "Wrong password"));
    alice.refuses(&alice.post(SESSION_PATH, &basic(&key, "wrong"), "{}"), "came with a wrong secret");
    alice.refuses(&alice.post(SESSION_PATH, "Origin: http://b.example\r\n", &by_password), "another site");
    let nobody = alice.post(SESSION_PATH, "", r#"{"username":"alice"}"#);
    assert!(nobody.starts_with("HTTP/1.1 403 ") && body(&nobody).contains("-30000"), "{nobody}");
    let broken = alice.post(SESSION_PATH, "", "<teamdrive/>");
    assert_eq!(body(&broken), json_exception(-30003, "\"\"", "Invalid XML"));
    for method in ["GET", "OPTIONS"] {
        let reply =
            alice.server.send(format!("{method} {SESSION_PATH} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert!(reply.starts_with("HTTP/1.1 405 ") && header(&reply, "allow") == Some("POST"), "{reply}");
        assert_eq!(body(&reply), json_exception(-30002, "\"\"", "Invalid Request"));
    }
}

#[test]
fn the_prefix_of_the_headers_is_configured() {
    let alice = Alice::with("header_prefix = \"X-Acme\"");
    let token = alice.session("127.0.0.1");
    is_alice(&alice.ask("", &format!("X-ACME-SESSION: {token}\r\n")));
    let reply = alice.ask("", &format!("X-VEHMAN-SESSION: {token}\r\n"));
    assert!(body(&reply).contains("getuserdata needs a credential"), "{reply}");
    alice.refuses(&alice.ask("", "X-ACME-KEY: x\r\n"), "no key that is named");
}
