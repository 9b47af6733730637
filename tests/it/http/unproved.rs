//! Calls from a service's address that prove nothing: counted like a stranger's, and those of the service are not.

use crate::program::{CONFIG, Folder, Server, header, post, xml};

const LIMITS: &str = "[limits]\nrequests_per_second = 1\nburst = 5\n";

fn statuses(ask: impl Fn() -> String) -> Vec<String> {
    (0..8).map(|_| ask().split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn only_what_proves_itself_is_free_of_limits() {
    let json = r#"{"command": "loginuser", "username": "alice", "password": "wonder-2026"}"#;
    let wrong = format!("/yvva/api/api.xml?checksum={}", "0".repeat(32));
    let basic = "POST /yvva/api/api.json HTTP/1.1\r\nHost: x\r\nAuthorization: Basic cmsteDp5\r\nContent-Length: 2\r\n\r\n{}";
    let request = xml("getversion", "");
    for bytes in [
        post(&wrong, &request),
        post("/yvva/api/api.xml", &request),
        post("/yvva/api/api.json", json),
        post("/authentication/session", json),
        basic.as_bytes().to_vec(),
    ] {
        let folder = Folder::configured(&format!("{CONFIG}{LIMITS}"));
        let server = Server::start(&folder);
        let found = statuses(|| server.send(&bytes));
        assert!(found[..5].iter().all(|status| status != "429"), "{found:?}");
        assert!(found[6..].iter().all(|status| status == "429"), "{found:?}");
        let reply = server.send(&bytes);
        assert!(header(&reply, "retry-after").is_some(), "{reply}");
        assert!(statuses(|| server.call("getversion", "")).iter().all(|status| status == "200"));
    }
}
