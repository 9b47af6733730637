//! Keys, tokens and passwords go in and out over HTTP, and stand afterwards in no line of the log, whatever its
//! level.

use regserver::cli::notation;
use regserver::command::Entry;
use serde_json::Value;

use super::credentials::Secrets;
use super::examples;
use super::secrets::{names_of, sent};
use crate::program::{self, Folder, Server, body, post, signed};
use crate::world::named;

/// A request with a header of its own.
fn with_header(target: &str, header: &str, body: &str) -> Vec<u8> {
    let request = String::from_utf8(post(target, body)).unwrap();
    request.replacen("Host: x\r\n", &format!("Host: x\r\n{header}\r\n"), 1).into_bytes()
}

fn member(reply: &str, name: &str) -> String {
    let reply: Value = serde_json::from_str(body(reply)).unwrap_or_else(|error| panic!("{error}: {reply}"));
    reply[name].as_str().unwrap_or_else(|| panic!("no {name} in {reply}")).to_owned()
}

/// Every text in a reply that its schema calls secret.
fn in_reply(entry: &Entry, reply: &str) -> Vec<String> {
    let reply: Value = serde_json::from_str(body(reply)).unwrap_or_else(|error| panic!("{error}: {reply}"));
    names_of(entry).iter().flat_map(|name| named(&reply, name)).collect()
}

const JSON: &str = "/yvva/api/api.json";

#[test]
fn no_log_line_holds_a_secret() {
    let config = format!("{}\n[log]\nlevel = \"trace\"\n", program::CONFIG);
    let folder = Folder::configured(&config);
    let server = Server::start(&folder);
    let json = |command: &str, fields: &str| {
        let fields = notation::fields(fields).unwrap();
        notation::body(regserver::wire::Wire::Json, command, &fields, 0)
    };
    let admin = "username=admin useremail=admin@example.com password=sekret-4321 activate=true";
    server.call("registeruser", admin);
    for right in ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"] {
        server.call("grantright", &format!("username=admin right={right}"));
    }
    let request = json("createapikey", "username=admin kind=basic")
        .replace("\"requesttime\":0", &format!("\"requesttime\":{}", now()));
    let made = server.send(&post(&format!("{JSON}?checksum={}", signed(&request)), &request));
    let (key, secret) = (member(&made, "key"), member(&made, "secret"));
    let mut secrets = Secrets::default();
    secrets.0.extend(["sekret-4321".to_owned(), program::KEY.to_owned()]);
    let basic = format!("Authorization: Basic {}", secrets.key(&key, &secret));
    let wrong = format!("Authorization: Basic {}", secrets.key(&key, "a-wrong-secret-of-somebody"));
    let opening = r#"{"username":"admin","password":"sekret-4321"}"#;
    let token = member(&server.send(&post("/authentication/session", opening)), "session");
    secrets.0.push(token.clone());
    let session = format!("X-VEHMAN-SESSION: {token}");
    let stale = format!("X-VEHMAN-SESSION: {}", "s".repeat(43));
    secrets.0.push("s".repeat(43));
    let mut answered = 0;
    for (entry, example) in examples() {
        let fields = example.call.replace("{code}", "a-code-that-nobody-got");
        secrets.0.extend(sent(entry.name, &fields));
        let call = json(entry.name, &fields);
        for header in [&basic, &session, &wrong, &stale] {
            let reply = server.send(&with_header(JSON, header, &call));
            secrets.0.extend(in_reply(entry, &reply));
            answered += usize::from(reply.starts_with("HTTP/1.1 200"));
        }
        let reply = server.send(&post(&format!("{JSON}?SESS={token}"), &call));
        secrets.0.extend(in_reply(entry, &reply));
    }
    let log = server.logged("command=setserversetting");
    assert!(log.contains("user:admin"), "{log}");
    let log = server.log();
    assert!(answered > 60 && log.contains("came with a wrong secret"), "{answered}");
    for secret in secrets.each() {
        assert!(!log.contains(secret.as_str()), "the log holds {secret}");
    }
}

fn now() -> i64 {
    use regserver::domain::time::{Clock, SystemClock};
    SystemClock.now().seconds()
}
