//! SIGTERM: readiness ends first, calls go on for a while, and the end comes in bounded time.

use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::watch::get;
use crate::program::{CONFIG, Folder, Server, body, post, signed, xml};

fn with(server: &str) -> Folder {
    Folder::configured(&CONFIG.replace("workers = 2", &format!("workers = 2\n{server}")))
}

#[test]
fn readiness_ends_first_and_calls_are_taken_meanwhile() {
    let folder = with("drain_seconds = 2");
    let mut server = Server::start(&folder);
    assert_eq!(body(&server.send(&get("/readyz"))), "ready\n");
    let begun = Instant::now();
    server.signal("-TERM");
    server.logged("no longer ready");
    let ready = server.send(&get("/readyz"));
    assert!(ready.starts_with("HTTP/1.1 503 "), "{ready}");
    assert_eq!(body(&ready), "the server is stopping\n");
    assert!(server.send(&get("/healthz")).starts_with("HTTP/1.1 200 "));
    let made = server.call("registeruser", "username=lastone useremail=last@example.com");
    assert!(made.contains("<intresult>0</intresult>"), "{made}");
    assert!(server.child.wait().unwrap().success());
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    let again = Server::start(&folder);
    assert!(again.call("getuserdata", "username=lastone").contains("<username>lastone</username>"));
}

/// A call of which a part was sent, and the server has it.
fn half_a_call(server: &Server) -> std::net::TcpStream {
    let request = xml("registeruser", "username=slowly useremail=slowly@example.com");
    let bytes = post(&format!("/yvva/api/api.xml?checksum={}", signed(&request)), &request);
    let mut slow = server.connect();
    slow.write_all(&bytes[..bytes.len() - 10]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    slow
}

#[test]
fn a_call_that_never_ends_does_not_keep_the_server() {
    let folder = with("shutdown_seconds = 1");
    let mut server = Server::start(&folder);
    let _slow = half_a_call(&server);
    let begun = Instant::now();
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let folder = with("drain_seconds = 60\nshutdown_seconds = 60");
    let mut server = Server::start(&folder);
    let _slow = half_a_call(&server);
    let begun = Instant::now();
    server.signal("-TERM");
    server.logged("no longer ready");
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn systemd_is_told_of_every_stage() {
    let folder = with("drain_seconds = 0");
    let path = folder.0.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let told = |wanted: &str| {
        let mut bytes = [0; 512];
        loop {
            let read = socket.recv(&mut bytes).unwrap_or_else(|error| panic!("{wanted}: {error}"));
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            if text.lines().any(|line| line == wanted) {
                return text;
            }
        }
    };
    let mut server = Server::start_with(&folder, &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    assert!(told("READY=1").contains(&format!("STATUS=listens on {}", server.address)));
    told("WATCHDOG=1");
    server.signal("-HUP");
    assert!(told("RELOADING=1").contains("MONOTONIC_USEC="));
    told("READY=1");
    server.signal("-TERM");
    told("STOPPING=1");
    assert!(server.child.wait().unwrap().success());
}
