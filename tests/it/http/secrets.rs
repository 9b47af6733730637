//! Secrets and guesses over HTTP: nothing of them is in the log, and who guesses is stopped.

use super::credentials::{Alice, PASSWORD, SESSION_PATH, basic};
use super::{JSON_PATH, json, json_exception};
use crate::program::{CONFIG, Server, body, header, post};

#[test]
fn no_secret_is_in_the_log() {
    for level in ["debug", "trace"] {
        let alice = Alice::new(&format!("{CONFIG}[log]\nlevel = \"{level}\"\n"));
        let ((key, secret), token) = (alice.key(), alice.session("127.0.0.1"));
        let elsewhere = alice.session("127.0.0.2");
        let request = json("getuserdata", "username=alice");
        let shown = basic(&key, &secret);
        let login = format!(r#"{{"username":"alice","password":"{PASSWORD}"}}"#);
        let made = alice.post(SESSION_PATH, "", &login);
        let made: serde_json::Value = serde_json::from_str(body(&made)).unwrap();
        let made = made["session"].as_str().unwrap();
        alice.post(SESSION_PATH, "", &login.replace(PASSWORD, "wrong-password"));
        alice.post(SESSION_PATH, &shown, "{}");
        alice.post(JSON_PATH, &shown, &request);
        alice.post(JSON_PATH, &format!("{shown}{shown}"), &request);
        alice.post(JSON_PATH, &basic(&key, "wrong-secret"), &request);
        for token in [&token, &elsewhere, made] {
            alice.post(JSON_PATH, &format!("X-VEHMAN-SESSION: {token}\r\n"), &request);
            alice.post(&format!("{JSON_PATH}?SESS={token}"), "", &request);
            alice.post(&format!("{JSON_PATH}?SESS={token}&SESS={token}"), "", &request);
            alice.post(&format!("/yvva/api/api.xml?SESS={token}"), "", "<x/>");
            alice.post(&format!("/nowhere?SESS={token}"), "", &request);
            alice.post(JSON_PATH, "", &format!("data={request}&SESS={token}"));
            alice.post(JSON_PATH, "X-Forwarded-Proto: http\r\n", &format!("SESS={token}&data={request}"));
            alice.post(JSON_PATH, "", &format!("data={{&SESS={token}"));
        }
        let last = alice.post(JSON_PATH, &shown, &json("getversion", ""));
        alice.line(&last);
        let log = alice.server.log();
        assert!(log.contains(&level.to_uppercase()), "nothing is logged at level {level}");
        let encoded = shown.trim_end().rsplit(' ').next().unwrap();
        let wrong = basic(&key, "wrong-secret");
        let wrong = wrong.trim_end().rsplit(' ').next().unwrap();
        for hidden in
            [&secret, &token, &elsewhere, made, PASSWORD, encoded, wrong, "wrong-secret", "wrong-password"]
        {
            let line = log.lines().find(|line| line.contains(hidden));
            assert_eq!(line, None, "{hidden} is in the log at level {level}");
        }
    }
}

#[test]
fn wrong_keys_are_counted_beyond_a_restart() {
    let alice = Alice::new(CONFIG);
    let (key, secret) = alice.key();
    let request = json("getuserdata", "username=alice");
    let ask = |server: &Server, secret: &str| {
        let bytes = String::from_utf8(post(JSON_PATH, &request)).unwrap();
        let head = format!("Host: x\r\n{}", basic(&key, secret));
        server.send(bytes.replacen("Host: x\r\n", &head, 1).as_bytes())
    };
    for _ in 0..10 {
        let reply = ask(&alice.server, "wrong");
        assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
        assert_eq!(body(&reply), json_exception(-30000, "\"\"", "Access denied"));
    }
    let shut = |server: &Server, secret: &str| {
        let reply = ask(server, secret);
        assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
        let told: serde_json::Value = serde_json::from_str(body(&reply)).unwrap();
        assert_eq!(told["exception"]["primarycode"], -30133, "{reply}");
        assert!(told["exception"]["secondarycode"].as_i64().unwrap() > 0, "{reply}");
    };
    shut(&alice.server, "wrong");
    shut(&alice.server, &secret);
    let Alice { server, folder } = alice;
    assert!(server.stop());
    let server = Server::start(&folder);
    shut(&server, "wrong");
    shut(&server, &secret);
}

#[test]
fn strangers_who_ask_too_often_wait() {
    let config = CONFIG.replace("[server]", "[limits]\nrequests_per_second = 1\nburst = 3\n[server]");
    let alice = Alice::new(&config);
    let token = alice.session("127.0.0.2");
    let session = format!("X-VEHMAN-SESSION: {token}\r\n");
    let ask = |path: &str, head: &str| alice.post_from("127.0.0.2", path, head, &json("getversion", ""));
    assert!(ask(JSON_PATH, "").starts_with("HTTP/1.1 200 "));
    assert!(ask(JSON_PATH, &session).starts_with("HTTP/1.1 200 "));
    ask(SESSION_PATH, "");
    for (path, head) in [(JSON_PATH, ""), (JSON_PATH, session.as_str()), (SESSION_PATH, "")] {
        let reply = ask(path, head);
        assert!(reply.starts_with("HTTP/1.1 429 "), "{path}: {reply}");
        let wait = header(&reply, "retry-after").unwrap();
        assert_eq!(body(&reply), json_exception(-120, wait, "Overloaded, try again"));
    }
}
