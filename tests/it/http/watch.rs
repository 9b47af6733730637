//! What those who watch the server may ask: is it alive, may it be sent calls, and its numbers.

use std::collections::BTreeMap;

use super::exception;
use crate::program::{CONFIG, Folder, Server, body, header, post, signed, xml};

pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes()
}

/// The numbers, by their names with labels.
pub fn numbers(server: &Server) -> BTreeMap<String, f64> {
    let reply = server.send(&get("/metrics"));
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    let lines = body(&reply).lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn calls(command: &str, service: &str, outcome: &str) -> String {
    format!(r#"regserver_calls_total{{command="{command}",service="{service}",outcome="{outcome}"}}"#)
}

#[test]
fn the_short_answers_are_what_they_are_said_to_be() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let ping = "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><intresult>0</intresult></teamdrive>";
    for (path, kind, words) in [
        ("/healthz", "text/plain; charset=UTF-8", "alive\n"),
        ("/readyz", "text/plain; charset=UTF-8", "ready\n"),
        ("/ping.xml", "text/xml; charset=UTF-8", ping),
        ("/ping.xml?checksum=x", "text/xml; charset=UTF-8", ping),
    ] {
        let reply = server.send(&get(path));
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {reply}");
        assert_eq!((header(&reply, "content-type"), body(&reply)), (Some(kind), words), "{path}");
        assert_eq!(header(&reply, "cache-control"), Some("no-store"));
        let reply = server.send(&post(path, "x"));
        assert!(reply.starts_with("HTTP/1.1 405 "), "{path}: {reply}");
        assert_eq!(header(&reply, "allow"), Some("GET, HEAD"));
    }
    for path in ["/healthz/", "/ping", "/metrics/x", "/redirect"] {
        assert!(server.send(&get(path)).starts_with("HTTP/1.1 404 "), "{path}");
    }
}

#[test]
fn every_call_is_counted_once_by_command_service_and_outcome() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for _ in 0..3 {
        server.call("getversion", "");
    }
    server.call("registeruser", "username=carol useremail=carol@example.com");
    server.call("getuserdata", "username=nobody");
    for unknown in ["nonsense", "nonsense2", "getVersion"] {
        let request = xml("getversion", "").replace("getversion", unknown);
        let reply = server.send(&post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request));
        assert_eq!(body(&reply), exception("-30001", "", "Invalid Command"));
    }
    server.send(&post("/yvva/api/api.xml?checksum=x", "<x/>"));
    server.send(&post("/yvva/api/api.xml", "<x/>"));
    server.send_from("127.0.0.2", &post("/yvva/api/api.xml?checksum=x", "<x/>"));
    server.send(&get("/yvva/api/api.xml"));
    server.send(&post("/yvva/api/api.json", r#"{"command":"getuserdata","username":"carol"}"#));
    let numbers = numbers(&server);
    let counted: Vec<(&str, f64)> = numbers
        .iter()
        .filter(|(name, count)| (name.contains("calls_total") || name.contains("refusals")) && **count > 0.0)
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    let expected = [
        (calls("getuserdata", "", "refused"), 1.0),
        (calls("getuserdata", "shop", "refused"), 1.0),
        (calls("getversion", "shop", "done"), 3.0),
        (calls("registeruser", "shop", "done"), 1.0),
        (calls("unknown", "shop", "refused"), 3.0),
        (r#"regserver_gate_refusals_total{reason="address"}"#.to_owned(), 1.0),
        (r#"regserver_gate_refusals_total{reason="checksum"}"#.to_owned(), 2.0),
        (r#"regserver_gate_refusals_total{reason="method"}"#.to_owned(), 1.0),
    ];
    assert_eq!(counted, expected.each_ref().map(|(name, count)| (name.as_str(), *count)));
    let count = |kind: &str| numbers[&format!(r#"regserver_call_duration_seconds_count{{kind="{kind}"}}"#)];
    assert_eq!((count("read"), count("write")), (8.0, 1.0));
    let bucket = r#"regserver_call_duration_seconds_bucket{le="+Inf",kind="write"}"#;
    assert_eq!(numbers[bucket], 1.0);
    assert!(numbers[r#"regserver_call_duration_seconds_sum{kind="write"}"#] > 0.0);
    assert_eq!(numbers[r#"regserver_mails{state="waiting"}"#], 0.0);
    assert_eq!(numbers["regserver_ready"] + numbers["regserver_database_writable"], 2.0);
}

#[test]
fn sessions_mails_and_the_calls_of_a_new_service_are_shown() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    server.call("registeruser", "username=carol useremail=c@example.com password=sekret-1234 activate=true");
    server.call("sendpassword", "username=carol");
    server.call("createsession", "username=carol IP=192.0.2.1");
    let before = numbers(&server);
    assert_eq!(before["regserver_sessions"], 1.0);
    assert_eq!(before[r#"regserver_mails{state="waiting"}"#], 1.0);
    assert!(
        before[r#"regserver_queue_waiting{queue="writer"}"#] == 0.0 && before["regserver_hash_threads"] > 0.0
    );
    let made = server.call("createservice", "servicename=kiosk addresses=127.0.0.9");
    assert!(made.contains("<servicekey>"), "{made}");
    let request = xml("getversion", "");
    let key = made.split("<servicekey>").nth(1).unwrap().split('<').next().unwrap();
    let sum = regserver::gate::checksum::Method::Md5Key.sign(key.as_bytes(), request.as_bytes());
    server.send_from("127.0.0.9", &post(&format!("/yvva/api/api.xml?checksum={sum}"), &request));
    assert_eq!(numbers(&server)[&calls("getversion", "kiosk", "done")], 1.0);
}

#[test]
fn who_is_not_listed_may_not_ask() {
    let watch = "[watch]\nhealthz = [\"127.0.0.1\"]\nreadyz = []\nping = [\"127.0.0.0/30\"]\n[server]";
    let folder = Folder::configured(&CONFIG.replace("[server]", watch));
    let server = Server::start(&folder);
    let status = |from: &str, path: &str| {
        let reply = server.send_from(from, &get(path));
        reply.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for (path, here, there) in [("/healthz", 200, 403), ("/readyz", 403, 403), ("/ping.xml", 200, 403)] {
        assert_eq!((status("127.0.0.1", path), status("127.0.0.7", path)), (here, there), "{path}");
    }
    assert_eq!((status("127.0.0.1", "/metrics"), status("127.9.9.9", "/metrics")), (200, 200));
    // A proxy here that is not listed speaks for somebody who is elsewhere.
    let forwarded = |header: &str| {
        server.send(format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n").as_bytes())
    };
    for header in ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=x", "X-Forwarded-Proto: https"] {
        let reply = forwarded(header);
        assert!(reply.starts_with("HTTP/1.1 403 ") && body(&reply).contains("watch.metrics"), "{reply}");
    }
}

#[test]
fn a_listed_proxy_names_who_asks_for_numbers() {
    let folder = Folder::configured(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.1\"]"));
    let server = Server::start(&folder);
    for (address, status) in [("192.0.2.1", 403), ("127.0.0.1", 200), ("::1", 200), ("nonsense", 403)] {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n");
        let reply = server.send(request.as_bytes());
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{address}: {reply}");
    }
}

#[test]
fn who_watches_is_not_held_up_by_the_limit_of_calls_and_has_one_of_its_own() {
    let limits = "[limits]\nrequests_per_second = 1\nburst = 1\n[server]";
    let folder = Folder::configured(&CONFIG.replace("[server]", limits));
    let server = Server::start(&folder);
    let asked = |times: usize| -> Vec<bool> {
        let from = |_| server.send_from("127.0.0.7", &get("/healthz")).starts_with("HTTP/1.1 200 ");
        (0..times).map(from).collect()
    };
    assert!(asked(50).into_iter().all(|answered| answered));
    assert!(asked(200).contains(&false), "somebody who never stops is turned away");
    assert!(server.send(&get("/healthz")).starts_with("HTTP/1.1 200 "), "and nobody else");
}
