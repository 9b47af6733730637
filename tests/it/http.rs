//! HTTP around the calls: paths, methods, statuses, headers, limits, stops (`protocol.md` §1).

pub mod credentials;
mod logs;
mod pages;
mod redirect;
mod reload;
mod secrets;
mod signed;
mod stop;
mod unproved;
pub mod watch;

use std::io::Write;
use std::process::Command;
use std::time::Duration;

use crate::program::{CONFIG, Folder, Server, body, header, post, read_reply, signed, xml};

const HEAD: &str = "<?xml version='1.0' encoding='UTF-8' ?>\n<teamdrive><regversion>4.7.1</regversion>";

fn exception(code: &str, second: &str, message: &str) -> String {
    format!(
        "{HEAD}<exception><primarycode>{code}</primarycode><secondarycode>{second}</secondarycode>\
         <message>{message}</message></exception></teamdrive>"
    )
}

#[test]
fn every_path_answers_alike_and_replies_carry_their_headers() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for path in [
        "/yvva/api/api.xml",
        "/yvva/td2api/api/api.htm",
        "/pbas/td2api/api/api.htm",
        "/pbas/td2as/api/api.htm",
        "/yvva/api/api.htm",
        "/yvva/td2api/api/api.xml",
    ] {
        let request = xml("getversion", "");
        let reply = server.send(&post(&format!("{path}?checksum={}", signed(&request)), &request));
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {reply}");
        assert_eq!(header(&reply, "content-type"), Some("text/xml; charset=UTF-8"));
        assert_eq!(header(&reply, "server"), Some(concat!("regserver/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(header(&reply, "x-request-id").map(str::len), Some(16));
        assert!(body(&reply).starts_with(&format!("{HEAD}<version>")), "{reply}");
    }
}

#[test]
fn other_methods_are_405_and_other_paths_404() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let reply = server.send(format!("{method} /yvva/api/api.xml HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert!(reply.starts_with("HTTP/1.1 405 "), "{method}: {reply}");
        assert_eq!(header(&reply, "allow"), Some("POST"));
        assert_eq!(body(&reply), exception("-30002", "", "Invalid Request"));
    }
    let reply = server.send(b"POST /yvva/api/service.html HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assert!(reply.starts_with("HTTP/1.1 404 "), "{reply}");
    assert!(header(&reply, "content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert!(body(&reply).contains("<title>404 Not Found</title>"));
    assert!(body(&reply).contains("The requested URL /yvva/api/service.html was not found on this server."));
    let reply = server.send(b"GET /%3Cscript%3E<b> HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(!body(&reply).contains("<b>"), "{reply}");
}

#[test]
fn a_body_over_the_limit_is_413_declared_or_chunked() {
    let folder = Folder::configured(&CONFIG.replace("[server]", "[limits]\nbody_bytes = 2048\n[server]"));
    let server = Server::start(&folder);
    let declared = server.send(&post("/yvva/api/api.xml?checksum=x", &"x".repeat(3000)));
    let chunked = format!(
        "POST /yvva/api/api.xml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nBB8\r\n{}\r\n0\r\n\r\n",
        "x".repeat(3000)
    );
    for reply in [declared, server.send(chunked.as_bytes())] {
        assert!(reply.starts_with("HTTP/1.1 413 "), "{reply}");
        assert_eq!(body(&reply), exception("-30002", "", "Invalid Request"));
    }
    let exact = xml("getversion", &format!("randtoken={}", "x".repeat(1800)));
    assert!(exact.len() <= 2048);
    let reply = server.send(&post(&format!("/yvva/api/api.xml?checksum={}", signed(&exact)), &exact));
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
}

#[test]
fn a_stranger_who_asks_too_often_is_429_and_services_are_not() {
    let config = CONFIG.replace("[server]", "[limits]\nrequests_per_second = 1\nburst = 3\n[server]");
    let folder = Folder::configured(&config);
    let server = Server::start(&folder);
    let url = format!("http://{}/yvva/api/api.xml?checksum=x", server.address);
    let ask = || {
        let asked = Command::new("curl")
            .args(["--silent", "--include", "--interface", "127.0.0.2", "--data", "x", &url])
            .output()
            .unwrap();
        String::from_utf8(asked.stdout).unwrap()
    };
    for _ in 0..3 {
        let reply = ask();
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        assert_eq!(body(&reply), exception("-30000", "", "Access denied"));
    }
    let reply = ask();
    assert!(reply.starts_with("HTTP/1.1 429 "), "{reply}");
    let wait = header(&reply, "retry-after").unwrap();
    assert_eq!(body(&reply), exception("-120", wait, "Overloaded, try again"));
    for _ in 0..10 {
        assert!(server.call("getversion", "").starts_with("HTTP/1.1 200 "));
    }
}

#[test]
fn a_stop_turns_new_calls_away_and_finishes_those_under_way() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let request = xml("registeruser", "username=lastone useremail=last@example.com");
    let bytes = post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request);
    let (mut slow, mut open) = (server.connect(), server.connect());
    let ping = xml("getversion", "");
    let ping = post(&format!("/yvva/api/api.xml?checksum={}", signed(&ping)), &ping);
    open.write_all(&ping).unwrap();
    assert!(read_reply(&mut open).starts_with("HTTP/1.1 200 "));
    // Both requests have begun when the signal comes; only one of them was taken.
    slow.write_all(&bytes[..bytes.len() - 10]).unwrap();
    open.write_all(&ping[..20]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.signal("-TERM");
    server.logged("stopping");
    open.write_all(&ping[20..]).unwrap();
    let turned_away = read_reply(&mut open);
    slow.write_all(&bytes[bytes.len() - 10..]).unwrap();
    let finished = read_reply(&mut slow);
    assert!(finished.contains("<intresult>0</intresult>"), "{finished}");
    if !turned_away.is_empty() {
        assert!(turned_away.starts_with("HTTP/1.1 503 "), "{turned_away}");
        assert_eq!(header(&turned_away, "retry-after"), Some("1"));
        assert_eq!(body(&turned_away), exception("-120", "1", "Overloaded, try again"));
    }
    let mut server = server;
    assert!(server.child.wait().unwrap().success());
    let again = Server::start(&folder);
    assert!(again.call("getuserdata", "username=lastone").contains("<username>lastone</username>"));
    assert!(again.stop());
}

#[test]
fn a_request_is_named_alike_in_reply_and_log() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let reply = server.call("getuserdata", "username=nobody");
    let line = server.logged(header(&reply, "x-request-id").unwrap());
    for part in ["caller=service:shop", "command=getuserdata", "code=-30100", "address=127.0.0.1", "micros="]
    {
        assert!(line.contains(part), "{line}");
    }
    let refused = server.send(&post("/yvva/api/api.xml?checksum=00000000000000000000000000000000", "<x/>"));
    let line = server.logged(header(&refused, "x-request-id").unwrap());
    assert!(line.contains("service shop: the checksum is not MD5 (Endpoint specific key)"), "{line}");
}

#[test]
fn log_lines_are_json_where_that_is_asked_for() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start_with(&folder, &[("REGSERVER_LOG_FORMAT", "json")]);
    let reply = server.call("getuserdata", "username=nobody");
    let id = header(&reply, "x-request-id").unwrap();
    let line: serde_json::Value = serde_json::from_str(&server.logged(id)).unwrap();
    assert_eq!(
        (&line["request"], &line["code"], &line["caller"]),
        (&id.into(), &(-30100).into(), &"service:shop".into())
    );
}

#[test]
fn a_client_that_goes_away_does_not_cut_off_the_log_of_its_change() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let request = xml("registeruser", "username=gone-away useremail=gone@example.com password=sekret-1234");
    let mut stream = server.connect();
    stream.write_all(&post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request)).unwrap();
    drop(stream);
    let line = server.logged("command=registeruser");
    assert!(line.contains("code=0"), "{line}");
    assert!(server.call("getuserdata", "username=gone-away").contains("<username>gone-away</username>"));
}

#[test]
fn a_forwarding_header_counts_from_a_listed_proxy_only() {
    let config = CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.1\"]");
    let config = config.replace("addresses = [\"127.0.0.1\"]", "addresses = [\"203.0.113.9\"]");
    let request = xml("getversion", "");
    let plain = post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request);
    let forwarded = String::from_utf8(plain.clone()).unwrap();
    let forwarded =
        forwarded.replace("Host: x\r\n", "Host: x\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n");
    let folder = Folder::configured(&config);
    let behind_proxy = Server::start(&folder);
    assert!(behind_proxy.send(forwarded.as_bytes()).contains("<version>"));
    assert!(behind_proxy.send(&plain).contains("<primarycode>-30000</primarycode>"));
    drop(behind_proxy);
    let folder = Folder::configured(&config.replace("trusted_proxies = [\"127.0.0.1\"]", ""));
    let direct = Server::start(&folder);
    assert!(direct.send(forwarded.as_bytes()).contains("<primarycode>-30000</primarycode>"));
    assert!(direct.logged("forwarding header").contains("127.0.0.1"));
}

pub const JSON_PATH: &str = "/yvva/api/api.json";

fn json(command: &str, fields: &str) -> String {
    let fields = regserver::cli::notation::fields(fields).unwrap();
    regserver::cli::notation::json(command, &fields, 1_767_225_600)
}

fn json_exception(code: i64, second: &str, message: &str) -> String {
    format!(
        r#"{{"regversion":"4.7.1","exception":{{"primarycode":{code},"secondarycode":{second},"message":"{message}"}}}}"#
    )
}

#[test]
fn the_json_endpoint_has_the_statuses_and_headers_of_the_other() {
    let config = CONFIG.replace("[server]", "[limits]\nbody_bytes = 2048\n[server]");
    let folder = Folder::configured(&config);
    let server = Server::start(&folder);
    let signed_post = |body: &str| post(&format!("{JSON_PATH}?checksum={}", signed(body)), body);
    let refused = json_exception(-30100, "\"\"", "Username does not exists");
    for (request, begin) in [
        (json("getversion", ""), r#"{"regversion":"4.7.1","version":""#),
        (json("getuserdata", "username=nobody"), refused.as_str()),
        (
            json("registeruser", "username=carol useremail=c@example.com"),
            r#"{"regversion":"4.7.1","intresult":0,"userid":1,"#,
        ),
        (json("searchuser", "username=carol"), r#"{"regversion":"4.7.1","searchresult":{"current":1,"#),
        (format!("data={}", json("getversion", "")), r#"{"regversion":"4.7.1","version":""#),
    ] {
        let reply = server.send(&signed_post(&request));
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && body(&reply).starts_with(begin), "{reply}");
        for (name, value) in [
            ("content-type", "application/json; charset=UTF-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(header(&reply, name), Some(value));
        }
        assert_eq!(header(&reply, "x-request-id").map(str::len), Some(16));
        assert_eq!(header(&reply, "www-authenticate"), None);
    }
    let invalid = json_exception(-30002, "\"\"", "Invalid Request");
    for method in ["GET", "PUT", "OPTIONS"] {
        let reply = server.send(format!("{method} {JSON_PATH} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert!(reply.starts_with("HTTP/1.1 405 ") && header(&reply, "allow") == Some("POST"), "{reply}");
        assert_eq!(body(&reply), invalid);
    }
    let reply = server.send(&signed_post(&"x".repeat(3000)));
    assert!(reply.starts_with("HTTP/1.1 413 ") && body(&reply) == invalid, "{reply}");
}

#[test]
fn the_json_endpoint_turns_strangers_away_in_json() {
    let config = CONFIG.replace("[server]", "[limits]\nrequests_per_second = 1\nburst = 1\n[server]");
    let folder =
        Folder::configured(&config.replace("addresses = [\"127.0.0.1\"]", "addresses = [\"192.0.2.1\"]"));
    let server = Server::start(&folder);
    let request = post(JSON_PATH, &json("getuserdata", "username=alice"));
    let reply = server.send(&request);
    assert!(reply.starts_with("HTTP/1.1 403 "), "{reply}");
    let message = "Access denied: getuserdata needs a credential";
    assert_eq!(body(&reply), json_exception(-30000, "\"\"", message));
    let reply = server.send(&request);
    assert!(reply.starts_with("HTTP/1.1 429 "), "{reply}");
    let wait = header(&reply, "retry-after").unwrap();
    assert_eq!(body(&reply), json_exception(-120, wait, "Overloaded, try again"));
}

#[test]
fn a_page_of_another_site_is_refused_before_its_credentials() {
    let folder = Folder::configured(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.2\"]"));
    let server = Server::start(&folder);
    let send = |path: &str, request: &str, headers: &str| {
        let bytes =
            String::from_utf8(post(&format!("{path}?checksum={}", signed(request)), request)).unwrap();
        server.send(bytes.replace("Host: x\r\n", headers).as_bytes())
    };
    let calls = [("/yvva/api/api.xml", xml("getversion", "")), (JSON_PATH, json("getversion", ""))];
    for (path, request) in &calls {
        for own in [
            "Host: a.example\r\nOrigin: http://a.example\r\n",
            "Host: a.example:80\r\nOrigin: http://A.example\r\n",
        ] {
            let reply = send(path, request, own);
            assert!(reply.starts_with("HTTP/1.1 200 ") && body(&reply).contains("version"), "{reply}");
        }
        for foreign in [
            "http://b.example",
            "https://a.example",
            "http://a.example:8080",
            "http://a.example.b.example",
            "null",
            "",
            "http://a.example\r\nOrigin: http://a.example",
            // Nobody but a listed proxy says that a call came over TLS.
            "https://a.example\r\nX-Forwarded-Proto: https",
        ] {
            let reply = send(path, request, &format!("Host: a.example\r\nOrigin: {foreign}\r\n"));
            assert!(reply.starts_with("HTTP/1.1 403 "), "{foreign}: {reply}");
            assert!(body(&reply).contains("-30000") && body(&reply).contains("Access denied"), "{reply}");
        }
    }
    let unsigned = server
        .send(b"POST /yvva/api/api.xml HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nContent-Length: 0\r\n\r\n");
    assert!(unsigned.starts_with("HTTP/1.1 403 "), "{unsigned}");
    let line = server.logged(header(&unsigned, "x-request-id").unwrap());
    assert!(line.contains("the Origin is another site"), "{line}");
}

#[test]
fn a_listed_proxy_says_that_a_page_is_ours_over_tls() {
    let config = CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.1\"]");
    let folder = Folder::configured(&config);
    let server = Server::start(&folder);
    let request = json("getversion", "");
    let bytes =
        String::from_utf8(post(&format!("{JSON_PATH}?checksum={}", signed(&request)), &request)).unwrap();
    for (origin, status) in [("https://a.example", 200), ("http://a.example", 403)] {
        let head = format!("Host: a.example\r\nOrigin: {origin}\r\nX-Forwarded-Proto: https\r\n");
        let reply = server.send(bytes.replace("Host: x\r\n", &head).as_bytes());
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
    }
}

#[test]
fn a_checksum_given_twice_is_malformed() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let request = xml("getversion", "");
    let checksum = signed(&request);
    let twice = format!("/yvva/api/api.xml?checksum={checksum}&checksum={checksum}");
    assert_eq!(body(&server.send(&post(&twice, &request))), exception("-30002", "", "Invalid Request"));
    let beside = format!("/yvva/api/api.xml?x=1&checksum={checksum}&y=2");
    assert!(server.send(&post(&beside, &request)).contains("<version>"));
}

#[test]
fn a_body_may_come_in_pieces_but_not_too_slowly() {
    let folder = Folder::configured(&CONFIG.replace("[server]", "[limits]\nbody_seconds = 1\n[server]"));
    let server = Server::start(&folder);
    let request = xml("getversion", "");
    let whole = post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request);
    let chunked = format!(
        "POST /yvva/api/api.xml?checksum={} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        signed(&request)
    );
    let chunks: Vec<String> = request
        .as_bytes()
        .chunks(40)
        .map(|c| format!("{:x}\r\n{}\r\n", c.len(), str::from_utf8(c).unwrap()))
        .collect();
    let mut in_chunks = vec![chunked.as_bytes()];
    in_chunks.extend(chunks.iter().map(|chunk| chunk.as_bytes()).chain([&b"0\r\n\r\n"[..]]));
    let in_pieces: Vec<_> = whole.chunks(90).collect();
    let sent = |pieces: &[&[u8]], pause: u64| {
        let mut stream = server.connect();
        for piece in pieces {
            // A server that has answered may not listen any more.
            let _ = stream.write_all(piece);
            std::thread::sleep(Duration::from_millis(pause));
        }
        read_reply(&mut stream)
    };
    for pieces in [&in_pieces, &in_chunks] {
        for pause in [0, 60] {
            assert!(sent(pieces, pause).starts_with("HTTP/1.1 200 "), "{}", sent(pieces, pause));
        }
    }
    // Neither silence nor a trickle holds a worker longer than that.
    let (head, rest) = whole.split_at(whole.len() - 8);
    let trickle: Vec<&[u8]> = [head].into_iter().chain(rest.chunks(1)).collect();
    for slow in [sent(&[head], 0), sent(&trickle, 300)] {
        assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
    }
    for _ in 0..20 {
        drop(server.connect().write_all(head));
    }
    let empty = server.send(&post("/yvva/api/api.xml?checksum=x", ""));
    assert!(empty.starts_with("HTTP/1.1 ") && body(&empty).contains("<exception>"), "{empty}");
    assert!(server.call("getversion", "").contains("<version>"), "{}", server.call("getversion", ""));
}
