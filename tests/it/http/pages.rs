//! Pages of other sites in a browser: what a listed one may do, and that no other does anything.

use super::credentials::{Alice, PASSWORD, SESSION_PATH, basic, is_alice};
use super::{JSON_PATH, json, json_exception};
use crate::program::{CONFIG, body, header, signed};

const PAGE: &str = "https://app.example.com";
const ORIGIN: &str = "Origin: https://app.example.com\r\n";

fn with_pages(more: &str) -> Alice {
    Alice::with(&format!("cors_origins = [\"http://localhost:3000\", \"{PAGE}\"]\n{more}"))
}

fn asked(alice: &Alice, path: &str, head: &str) -> String {
    let request = format!(
        "OPTIONS {path} HTTP/1.1\r\nHost: x\r\n{head}Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: content-type,x-vehman-session\r\n\r\n"
    );
    alice.server.send(request.as_bytes())
}

/// The names of all headers about pages.
fn about_pages(reply: &str) -> Vec<String> {
    let head = reply.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    let names = head.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned()));
    let mut names: Vec<String> = names.filter(|name| name.starts_with("access-control-")).collect();
    names.sort();
    names
}

/// The page may read the reply.
#[track_caller]
fn is_readable(reply: &str) {
    assert_eq!(
        about_pages(reply),
        ["access-control-allow-origin", "access-control-expose-headers"],
        "{reply}"
    );
    assert_eq!(header(reply, "access-control-allow-origin"), Some(PAGE));
    assert_eq!(header(reply, "access-control-expose-headers"), Some("X-Request-Id, Retry-After"));
    assert_eq!(header(reply, "vary"), Some("Origin"));
}

#[track_caller]
fn is_closed(reply: &str, status: u16) {
    assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
    assert!(about_pages(reply).is_empty(), "{reply}");
}

#[test]
fn a_browser_asks_before_it_lets_a_page_call() {
    let alice = with_pages("");
    let reply = asked(&alice, JSON_PATH, ORIGIN);
    assert!(reply.starts_with("HTTP/1.1 204 ") && body(&reply).is_empty(), "{reply}");
    for (name, value) in [
        ("access-control-allow-origin", Some(PAGE)),
        ("vary", Some("Origin")),
        ("access-control-allow-methods", Some("POST")),
        ("access-control-allow-headers", Some("Content-Type, X-VEHMAN-SESSION")),
        ("access-control-max-age", Some("600")),
        ("access-control-allow-credentials", None),
        ("access-control-expose-headers", None),
        ("content-type", None),
        ("content-length", None),
    ] {
        assert_eq!(header(&reply, name), value, "{name}: {reply}");
    }
    assert_eq!(header(&reply, "x-request-id").map(str::len), Some(16));
    let other = asked(&alice, JSON_PATH, "Origin: http://localhost:3000\r\n");
    assert_eq!(header(&other, "access-control-allow-origin"), Some("http://localhost:3000"));
    for origin in ["https://b.example", "http://app.example.com", "https://app.example.com:8443", "null", "*"]
    {
        let reply = asked(&alice, JSON_PATH, &format!("Origin: {origin}\r\n"));
        is_closed(&reply, 403);
        assert_eq!(body(&reply), json_exception(-30000, "\"\"", "Access denied"));
    }
    is_closed(&asked(&alice, JSON_PATH, &format!("{ORIGIN}{ORIGIN}")), 403);
    is_closed(&asked(&alice, JSON_PATH, ""), 405);
    is_closed(&asked(&alice, JSON_PATH, "Origin: http://x\r\n"), 405);
    for path in ["/yvva/api/api.xml", SESSION_PATH] {
        is_closed(&asked(&alice, path, ORIGIN), 405);
    }
    // Where none is listed, none is let in.
    is_closed(&asked(&Alice::new(CONFIG), JSON_PATH, ORIGIN), 403);
}

#[test]
fn a_listed_page_calls_with_a_session_and_nothing_else() {
    let alice = with_pages("");
    let ((key, secret), token) = (alice.key(), alice.session("127.0.0.1"));
    let (key, session) = (basic(&key, &secret), format!("X-VEHMAN-SESSION: {token}\r\n"));
    let request = json("getuserdata", "username=alice");
    let page = |query: &str, head: &str, request: &str| {
        let reply = alice.post(&format!("{JSON_PATH}{query}"), &format!("{ORIGIN}{head}"), request);
        is_readable(&reply);
        reply
    };
    is_alice(&page("", &session, &request));
    is_alice(&page(&format!("?SESS={token}"), "", &request));
    is_alice(&page("", "", &format!("data={request}&SESS={token}")));
    let refused = page("", &session, &json("getversion", "").replace("getversion", "nonsense"));
    assert!(refused.starts_with("HTTP/1.1 200 ") && body(&refused).contains("-30001"), "{refused}");
    let checksum = format!("?checksum={}", signed(&request));
    for (query, head) in [
        ("", ""),
        ("", key.as_str()),
        ("", "X-VEHMAN-USER: x\r\n"),
        ("", "X-VEHMAN-SESSION: nonsense\r\n"),
        ("", &format!("{session}{key}")),
        (&checksum, ""),
        (&checksum, &session),
    ] {
        let reply = page(query, head, &request);
        assert!(reply.starts_with("HTTP/1.1 403 "), "{query} {head}: {reply}");
        assert_eq!(body(&reply), json_exception(-30000, "\"\"", "Access denied"));
    }
    let none = page("", "", &json("getversion", ""));
    assert!(none.starts_with("HTTP/1.1 403 "), "{none}");
    assert!(alice.line(&none).contains("shows no session"), "{}", alice.line(&none));
    // Another site does not even get so far, nor does a listed one at the other paths.
    is_closed(&alice.post(JSON_PATH, &format!("Origin: https://b.example\r\n{session}"), &request), 403);
    let login = format!(r#"{{"username":"alice","password":"{PASSWORD}"}}"#);
    is_closed(&alice.post(SESSION_PATH, ORIGIN, &login), 403);
    is_closed(&alice.post("/yvva/api/api.xml", &format!("{ORIGIN}{session}"), "<x/>"), 403);
    is_closed(&alice.post(JSON_PATH, "Origin: http://x\r\n", &json("getversion", "")), 200);
    is_closed(&alice.post(JSON_PATH, &session, &request), 200);
}

#[test]
fn a_listed_page_can_read_why_it_is_refused() {
    let limits = "[limits]\nbody_bytes = 2048\nrequests_per_second = 1\nburst = 2\n";
    let alice = with_pages(&format!("header_prefix = \"X-Acme\"\n{limits}"));
    let asked = asked(&alice, JSON_PATH, ORIGIN);
    assert_eq!(header(&asked, "access-control-allow-headers"), Some("Content-Type, X-Acme-SESSION"));
    let session = format!("{ORIGIN}X-ACME-SESSION: {}\r\n", alice.session("127.0.0.2"));
    let request = json("getuserdata", "username=alice");
    let page = |request: &str| alice.post_from("127.0.0.2", JSON_PATH, &session, request);
    is_alice(&page(&request));
    let large = page(&"x".repeat(3000));
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
    is_readable(&large);
    let often = page(&request);
    assert!(often.starts_with("HTTP/1.1 429 ") && header(&often, "retry-after").is_some(), "{often}");
    is_readable(&often);
    let get = format!("GET {JSON_PATH} HTTP/1.1\r\nHost: x\r\n{ORIGIN}\r\n");
    let get = alice.server.send(get.as_bytes());
    assert!(get.starts_with("HTTP/1.1 405 "), "{get}");
}
