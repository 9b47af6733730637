//! SIGHUP: the configuration is read again, nobody loses a connection, and a bad one changes nothing.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use regserver::gate::checksum::Method;

use super::watch::{get, numbers};
use crate::program::{CONFIG, Folder, Server, header, post, read_reply, signed, xml};

const OTHER: &str = "fedcba9876543210fedcba9876543210";

/// A second service, at another address.
const KIOSK: &str = r#"
[[service]]
name = "kiosk"
addresses = ["127.0.0.2"]
keys = [{ key = "fedcba9876543210fedcba9876543210" }]
"#;

fn write(folder: &Folder, text: &str) {
    std::fs::write(folder.0.join("regserver.toml"), text).unwrap();
}

/// Writes the file, asks for it to be read, and waits until the log says that it was, or was not.
fn reload(server: &Server, folder: &Folder, text: &str, said: &str) -> String {
    let before = server.log().len();
    write(folder, text);
    server.signal("-HUP");
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        let log = server.log()[before..].to_owned();
        if log.contains(said) {
            return log;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{said:?} was never said:\n{}", server.log());
}

fn kiosk(server: &Server) -> String {
    let request = xml("getversion", "");
    let sum = Method::Md5Key.sign(OTHER.as_bytes(), request.as_bytes());
    server.send_from("127.0.0.2", &post(&format!("/yvva/api/api.xml?checksum={sum}"), &request))
}

fn shop() -> Vec<u8> {
    let request = xml("getversion", "");
    post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request)
}

#[test]
fn what_can_change_changes_and_a_connection_stays() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let mut open = server.connect();
    let mut ask = || {
        open.write_all(&shop()).unwrap();
        read_reply(&mut open)
    };
    assert!(ask().contains("<version>"));
    assert!(kiosk(&server).contains("-30000"));
    let more = "[limits]\nbody_bytes = 2048\n[watch]\nhealthz = []\n[log]\nformat = \"json\"\nlevel = \"debug\"\n\
                [settings]\nSearchResultsPerPage = 7\nRegVersion = \"4.6.0\"\n[api]\ncors_origins = [\"https://app.example\"]\n";
    reload(&server, &folder, &format!("{CONFIG}{KIOSK}{more}"), "was read again");
    let reply = ask();
    assert!(reply.contains("<version>") && reply.contains("<regversion>4.6.0</regversion>"), "{reply}");
    assert!(kiosk(&server).contains("<version>"));
    assert!(server.send(&get("/healthz")).starts_with("HTTP/1.1 403 "));
    assert!(server.send(&post("/yvva/api/api.xml", &"x".repeat(3000))).starts_with("HTTP/1.1 413 "));
    let preflight = server.send(
        b"OPTIONS /yvva/api/api.json HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\n\
          Access-Control-Request-Method: POST\r\n\r\n",
    );
    assert!(preflight.starts_with("HTTP/1.1 204 "), "{preflight}");
    let line = server.logged(header(&reply, "x-request-id").unwrap());
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["level"], "DEBUG", "a quick read is logged now, as JSON");
    // What the file states is its own from now on, and what it states no longer is everybody's.
    let set = || server.call("setserversetting", "setting=SearchResultsPerPage value=9");
    assert!(set().contains("set in the configuration"));
    reload(&server, &folder, &format!("{CONFIG}{KIOSK}"), "was read again");
    assert!(set().contains("<intresult>0</intresult>"), "{}", set());
    assert!(ask().contains("<version>"));
    assert!(server.stop());
}

#[test]
fn what_cannot_change_is_named_and_stays() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let text = CONFIG.replace("127.0.0.1:0", "127.0.0.1:1").replace("workers = 2", "workers = 3");
    let more =
        "[database]\npath = \"other.db\"\n[storage]\nreaders = 9\n[limits]\nconnections = 7\nburst = 9\n";
    for _ in 0..2 {
        let log = reload(&server, &folder, &format!("{text}{more}"), "was read again");
        let named: Vec<&str> = log
            .lines()
            .filter_map(|line| {
                Some(line.split_once(" was changed, which needs a restart")?.0.rsplit_once(' ')?.1)
            })
            .collect();
        let waiting =
            ["server.listen", "server.workers", "database.path", "storage.readers", "limits.connections"];
        assert_eq!(named.len(), waiting.len(), "{log}");
        assert!(waiting.iter().all(|key| named.contains(key)), "{log}");
    }
    assert!(server.call("getversion", "").contains("<version>"));
    assert!(!folder.0.join("other.db").exists());
}

#[test]
fn a_bad_file_is_reported_and_changes_nothing() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let unchanged = || {
        assert!(server.call("getversion", "").contains("<regversion>4.7.1</regversion>"));
        assert!(kiosk(&server).contains("-30000"));
        assert!(server.send(&get("/healthz")).starts_with("HTTP/1.1 200 "));
    };
    let more = format!("{KIOSK}[watch]\nhealthz = []\n[settings]\nRegVersion = \"4.6.0\"\n");
    let misspelt = format!("{CONFIG}{more}[limits]\nburts = 3\n");
    let line = misspelt.lines().position(|line| line.starts_with("burts")).unwrap() + 1;
    let overlap = KIOSK.replace("kiosk", "twin").replace("127.0.0.2", "127.0.0.1");
    let nobodys = "[[service]]\nname = \"x\"\nprovider = \"NONE\"\naddresses = [\"127.0.0.3\"]\n";
    for (text, said) in [
        (misspelt, format!("line {line}: unknown key `limits.burts`: did you mean `burst`?")),
        ("[server\n".to_owned(), "line 1: not TOML".to_owned()),
        (format!("{CONFIG}{more}{overlap}"), "overlap".to_owned()),
        (format!("{CONFIG}{more}{nobodys}"), "there is no provider NONE".to_owned()),
        (
            format!("{CONFIG}{more}").replace("keys = [{ key = \"f", "key_file = \"gone\" #"),
            "gone".to_owned(),
        ),
    ] {
        let log = reload(&server, &folder, &text, &said);
        assert!(log.contains("the configuration was not read again"), "{log}");
        unchanged();
    }
    std::fs::remove_file(folder.0.join("regserver.toml")).unwrap();
    server.signal("-HUP");
    server.logged("the file cannot be read");
    unchanged();
    reload(&server, &folder, &format!("{CONFIG}{KIOSK}"), "was read again");
    assert!(kiosk(&server).contains("<version>"));
}

#[test]
fn calls_under_way_are_not_disturbed() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (over, mut open) = (over.clone(), server.connect());
            std::thread::spawn(move || {
                let mut calls = 0;
                while !over.load(Ordering::Relaxed) {
                    open.write_all(&shop()).unwrap();
                    let reply = read_reply(&mut open);
                    assert!(reply.contains("<version>"), "{reply}");
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for round in 0..5 {
        let page = format!("[settings]\nSearchResultsPerPage = {}\n", 10 + round);
        reload(&server, &folder, &format!("{CONFIG}{KIOSK}{page}"), "was read again");
    }
    over.store(true, Ordering::Relaxed);
    let made: u32 = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
    assert!(made > 10, "{made}");
    let counted =
        &numbers(&server)[r#"regserver_calls_total{command="getversion",service="shop",outcome="done"}"#];
    assert_eq!(*counted, f64::from(made));
}

#[test]
fn the_log_says_what_has_changed_and_local_comes_back() {
    let plain = "[server]\nlisten = [\"127.0.0.1:0\"]\nworkers = 2\n";
    let folder = Folder::configured(plain);
    let server = Server::start(&folder);
    let local = || {
        let request = xml("getversion", "");
        let shown = folder.run(&["service", "show-key", "local"], "");
        let shown = String::from_utf8(shown.stdout).unwrap();
        let is_key = |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = shown.split_whitespace().find(is_key).unwrap_or_else(|| panic!("{shown}")).to_owned();
        let sum = Method::Md5Key.sign(key.as_bytes(), request.as_bytes());
        server.send(&post(&format!("/yvva/api/api.xml?checksum={sum}"), &request)).contains("<version>")
    };
    assert!(local());
    let more = "[limits]\nburst = 77\n[settings]\nSearchResultsPerPage = 7\n";
    let log = reload(&server, &folder, &format!("{plain}{KIOSK}{more}"), "was read again: ");
    for said in [
        "limits.burst has changed",
        "service local is switched off: the configuration states services now",
        "service local of DEMO has changed: enabled from true to false",
        "service kiosk of DEMO is new: ",
        "addresses 127.0.0.2/32",
        "setting SearchResultsPerPage has changed: value from nothing to 7",
        "read again: changes: 5",
    ] {
        assert!(log.contains(said), "{said}\n{log}");
    }
    assert!(!log.contains(OTHER), "no key is ever told");
    assert!(!local() && kiosk(&server).contains("<version>"));
    let log = reload(&server, &folder, &format!("{plain}{KIOSK}{more}"), "was read again: ");
    assert!(log.contains("nothing has changed"), "{log}");
    let log = reload(&server, &folder, plain, "was read again: ");
    for said in [
        "service kiosk is stated no longer, stays as it was and may still call",
        "service local of DEMO has changed: enabled from false to true",
        "setting SearchResultsPerPage is stated no longer and keeps its value",
    ] {
        assert!(log.contains(said), "{said}\n{log}");
    }
    assert!(local());
    // Whoever has its address keeps it.
    let claims = KIOSK.replace("127.0.0.2", "127.0.0.1");
    reload(&server, &folder, &format!("{plain}{claims}"), "was read again: ");
    assert!(!local());
    let log = reload(&server, &folder, plain, "was read again: ");
    assert!(log.contains("service local stays off: service kiosk has its address"), "{log}");
    assert!(!local());
    assert!(server.stop());
}
