//! The log as JSON: every line one object, with what happened to which request, and nothing that is secret.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::watch::get;
use crate::program::{CONFIG, Folder, Server, header, post, signed, xml};

/// All lines so far, each of which must be JSON.
fn lines(server: &Server) -> Vec<Value> {
    let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    server.log().lines().map(parsed).collect()
}

/// The line of the request that got this reply.
fn line(server: &Server, reply: &str) -> Value {
    let id = header(reply, "x-request-id").unwrap();
    server.logged(id);
    lines(server).into_iter().find(|line| line["request"] == id).unwrap()
}

#[test]
fn a_line_says_who_called_what_and_how_it_ended() {
    let folder = Folder::configured(&format!("{CONFIG}[log]\nformat = \"json\"\nlevel = \"trace\"\n"));
    let server = Server::start(&folder);
    for (reply, command, code) in [
        (server.call("getversion", ""), "getversion", 0),
        (
            server.call("registeruser", "username=carol useremail=c@example.com password=sekret-1234"),
            "registeruser",
            0,
        ),
        (server.call("getuserdata", "username=\"no'body\\\"\""), "getuserdata", -30100),
    ] {
        let line = line(&server, &reply);
        assert_eq!((&line["service"], &line["caller"]), (&"shop".into(), &"service:shop".into()), "{line}");
        assert_eq!((&line["command"], &line["code"]), (&command.into(), &code.into()), "{line}");
        assert_eq!((&line["route"], &line["address"]), (&"/yvva/api/api.xml".into(), &"127.0.0.1".into()));
        assert!(line["micros"].is_u64() && line["time"].is_string() && line["level"].is_string(), "{line}");
        assert_eq!(line.get("bodysha256"), None);
    }
    let stranger = server.send(&post("/yvva/api/api.json", r#"{"command":"getversion"}"#));
    let line = line(&server, &stranger);
    assert_eq!((&line["service"], &line["route"]), (&"-".into(), &"/yvva/api/api.json".into()), "{line}");
    server.signal("-HUP");
    server.logged("was read again");
    assert!(lines(&server).len() >= 5);
}

#[test]
fn a_body_that_nobody_has_read_is_kept_as_length_and_hash() {
    let folder = Folder::configured(&format!("{CONFIG}[log]\nformat = \"json\"\nlevel = \"trace\"\n"));
    let server = Server::start(&folder);
    let secret = "not-for-the-log";
    let request = xml("loginuser", &format!("username=carol password={secret}"));
    let unknown = request.replace("loginuser", "nonsense");
    let broken = format!("<x>{secret}\n\"\u{1}");
    let (wrong, query) = ("0".repeat(32), format!("&password={secret}"));
    for (body, sum, code) in [
        (&request, &wrong, -30002),
        (&unknown, &signed(&unknown), -30001),
        (&broken, &signed(&broken), -30003),
    ] {
        let reply = server.send(&post(&format!("/yvva/api/api.xml?checksum={sum}{query}"), body));
        let line = line(&server, &reply);
        assert_eq!((&line["code"], &line["command"]), (&code.into(), &"-".into()), "{line}");
        let hash = hex::encode(Sha256::digest(body));
        assert_eq!((&line["bodybytes"], &line["bodysha256"]), (&body.len().into(), &hash.into()), "{line}");
    }
    server.send(&get(&format!("/redirect/home?{query}")));
    server.send(&get(&format!("/{secret}")));
    assert!(!server.log().contains(secret), "{}", server.log());
    lines(&server);
}

#[test]
fn what_is_no_http_is_no_error_of_ours() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    // A client that wants TLS where there is none, and one that speaks something else.
    for sent in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], b"EHLO example.com\r\n\r\n"] {
        assert!(server.send(sent).starts_with("HTTP/1.1 400 "));
    }
    server.logged(header(&server.call("getuserdata", "username=nobody"), "x-request-id").unwrap());
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
