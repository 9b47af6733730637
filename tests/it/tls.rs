//! TLS with the real program and other programs' clients: which versions it speaks, what is private over it, and how
//! its certificate is exchanged.

mod certificates;
mod swap;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::watch::{get, numbers};
use crate::program::{CONFIG, Folder, Server, body, header, post, program, signed, xml};
use certificates::{made, place};

/// The configuration with an encrypted address and the files `NAME.pem` and `NAME.key`.
fn configuration(name: &str) -> String {
    let files = format!("certificate = \"{name}.pem\"\nkey = \"{name}.key\"\n");
    format!("{CONFIG}\n[tls]\nlisten = [\"127.0.0.1:0\"]\n{files}")
}

/// A folder with a certificate called `one`.
pub fn folder(more: &str) -> Folder {
    let folder = Folder::configured(&(configuration("one") + more));
    made(&folder, "one", "30");
    folder
}

/// Where calls are encrypted.
fn encrypted(server: &Server) -> SocketAddr {
    let after = server.banner.split("https://").nth(1).unwrap();
    after.split('/').next().unwrap().parse().unwrap()
}

/// What another client says of a connection to that address.
fn client(to: SocketAddr, options: &[&str]) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &to.to_string()]).args(options).stdin(Stdio::null());
    let output = command.output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// What `curl` gets at a path, or with which code it ends.
fn curl(folder: &Folder, server: &Server, path: &str, options: &[&str]) -> Result<String, i32> {
    let mut command = Command::new("curl");
    command.args(["-s", "--cacert", "one.pem"]).args(options).current_dir(&folder.0);
    let output = command.arg(format!("https://{}{path}", encrypted(server))).output().unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap()),
        false => Err(output.status.code().unwrap()),
    }
}

/// A server of another make that speaks whatever it is asked for.
struct Lenient(Child, SocketAddr);

impl Lenient {
    fn start(folder: &Folder) -> Lenient {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", "one.pem", "-key", "one.key"]);
        command.args(["-min_protocol", "TLSv1", "-cipher", "DEFAULT@SECLEVEL=0", "-www"]);
        command.current_dir(&folder.0).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ")?.parse().ok()).unwrap();
        Lenient(child, address)
    }
}

impl Drop for Lenient {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn versions_before_1_2_end_with_the_alert_that_says_so() {
    let folder = folder("");
    let server = Server::start(&folder);
    let lenient = Lenient::start(&folder);
    for (option, name) in [("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1")] {
        let options = [option, "-cipher", "DEFAULT@SECLEVEL=0"];
        let refused = client(encrypted(&server), &options);
        assert!(refused.contains("SSL alert number 70"), "{name}: {refused}");
        assert!(refused.contains("Cipher is (NONE)"), "{name}: {refused}");
        // The same client is let in by a server that takes these versions, so it is ours that refused.
        let taken = client(lenient.1, &options);
        assert!(taken.contains(&format!("Protocol  : {name}\n")), "{name}: {taken}");
        assert!(!taken.contains("alert"), "{name}: {taken}");
    }
}

#[test]
fn versions_1_2_and_1_3_are_spoken_and_test_says_which() {
    let folder = folder("");
    let server = Server::start(&folder);
    let authority = folder.0.join("one.pem");
    for (option, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let options = [option, "-verify_return_error", "-CAfile", authority.to_str().unwrap()];
        let said = client(encrypted(&server), &options);
        assert!(said.contains(&format!("New, {name}, Cipher is ")), "{said}");
        assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    }
    for (version, name) in [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")] {
        let options = ["--tls-max", version, &format!("--tlsv{version}")];
        let expected = format!("{{\"tls\":\"{name}\",\"address\":\"127.0.0.1\"}}\n");
        assert_eq!(curl(&folder, &server, "/test", &options), Ok(expected.clone()));
        assert_eq!(
            curl(&folder, &server, "/test?x", &[&options[..], &["-d", "<any/>"]].concat()),
            Ok(expected)
        );
    }
    // What is offered first is not what is taken: over one connection goes one call at a time.
    let version = curl(&folder, &server, "/test", &["--http2", "-o", "/dev/null", "-w", "%{http_version}"]);
    assert_eq!(version, Ok("1.1".to_owned()));
    assert_eq!(curl(&folder, &server, "/test", &["--tls-max", "1.1", "--tlsv1.0"]), Err(35));
    let call = xml("getversion", "");
    let reply =
        curl(&folder, &server, &format!("/yvva/api/api.xml?checksum={}", signed(&call)), &["-d", &call]);
    assert!(reply.is_ok_and(|reply| reply.contains("<version>")));
}

#[test]
fn test_tells_the_address_that_counts_and_nothing_else() {
    let folder = Folder::configured(&CONFIG.replace("workers = 2", "trusted_proxies = [\"127.0.0.3\"]"));
    let server = Server::start(&folder);
    let says = |reply: &str, address: &str| {
        assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
        assert_eq!(header(reply, "content-type"), Some("application/json; charset=UTF-8"));
        assert_eq!(body(reply), format!("{{\"tls\":\"none\",\"address\":\"{address}\"}}\n"));
        assert_eq!(header(reply, "strict-transport-security"), None);
    };
    says(&server.send(&get("/test")), "127.0.0.1");
    says(&server.send_from("127.0.0.9", &post("/test?SESS=secret", "<any/>")), "127.0.0.9");
    let forwarded = b"GET /test HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 2001:db8::7\r\n\r\n";
    says(&server.send_from("127.0.0.3", forwarded), "2001:db8::7");
    says(&server.send_from("127.0.0.9", forwarded), "127.0.0.9");
    let nonsense = b"GET /test HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: nobody\r\n\r\n";
    assert!(server.send_from("127.0.0.3", nonsense).starts_with("HTTP/1.1 403 "));
    let put = server.send(b"PUT /test HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assert!(put.starts_with("HTTP/1.1 405 "), "{put}");
    assert_eq!(header(&put, "allow"), Some("GET, HEAD, POST"));
    assert!(server.send(&get("/test/")).starts_with("HTTP/1.1 404 "));
    let log = server.log();
    assert!(!log.contains("secret"), "{log}");
    // A stranger counts against the limit of strangers, as with calls.
    let stranger = |_| server.send_from("127.0.0.9", &get("/test")).starts_with("HTTP/1.1 200 ");
    assert!((0..60).map(stranger).any(|answered| !answered));
}

#[test]
fn browsers_are_told_to_come_back_encrypted_where_they_are() {
    let folder = folder("");
    let server = Server::start(&folder);
    let told = |server: &Server, path: &str| {
        let reply = curl(&folder, server, path, &["-i", "-d", "x"]).unwrap();
        header(&reply, "strict-transport-security").map(str::to_owned)
    };
    for path in ["/test", "/yvva/api/api.xml", "/nowhere", "/healthz"] {
        assert_eq!(told(&server, path).as_deref(), Some("max-age=31536000"), "{path}");
        let plain = server.send(&post(path, "x"));
        assert_eq!(header(&plain, "strict-transport-security"), None, "{plain}");
    }
    std::fs::write(folder.0.join("regserver.toml"), configuration("one") + "hsts_seconds = 0\n").unwrap();
    server.signal("-HUP");
    server.logged("was read again");
    assert_eq!(told(&server, "/test"), None);
}

#[test]
fn credentials_are_private_over_tls_and_through_a_proxy_that_says_so() {
    let trusted =
        configuration("one").replace("workers = 2", "workers = 2\ntrusted_proxies = [\"127.0.0.1\"]");
    let (plain, behind) = (folder(""), Folder::configured(&trusted));
    place(&plain, "one", &behind, "one");
    let (open, proxied) = (Server::start(&plain), Server::start(&behind));
    let to = "X-Forwarded-For: 192.0.2.1";
    let (http, https) = ("X-Forwarded-Proto: http", "X-Forwarded-Proto: https");
    // A key that nobody has is looked up where it may be shown, and else not even that.
    for (folder, server, headers, private) in [
        (&plain, &open, &[][..], true),
        (&plain, &open, &[to, http], true),
        (&behind, &proxied, &[], true),
        (&behind, &proxied, &[to, http], false),
        (&behind, &proxied, &[to], false),
        (&behind, &proxied, &[to, https], true),
    ] {
        let before = server.log().len();
        let headers = headers.iter().flat_map(|header| ["-H", header]);
        let options: Vec<&str> =
            ["-u", "no:body", "-d", "{\"command\":\"getversion\"}"].into_iter().chain(headers).collect();
        assert!(curl(folder, server, "/yvva/api/api.json", &options).unwrap().contains("-30000"));
        std::thread::sleep(Duration::from_millis(100));
        let log = server.log()[before..].to_owned();
        assert_eq!(!log.contains("a credential came in plain text"), private, "{options:?}: {log}");
    }
    // The same claim without encryption.
    let request = "POST /yvva/api/api.json HTTP/1.1\r\nHost: x\r\nAuthorization: Basic bm86Ym9keQ==\r\n\
                   X-Forwarded-For: 192.0.2.1\r\nContent-Length: 2\r\n\r\n{}";
    let before = open.log().matches("in plain text").count();
    open.send(request.as_bytes());
    open.logged("a credential came in plain text");
    assert_eq!(open.log().matches("in plain text").count(), before + 1);
}

#[test]
fn calls_in_plain_text_can_be_refused_altogether() {
    let folder = folder("[settings]\nForceHTTPSUsage = true\n");
    let server = Server::start(&folder);
    let call = xml("getversion", "");
    let path = format!("/yvva/api/api.xml?checksum={}", signed(&call));
    let here = server.send(&post(&path, &call));
    assert!(here.contains("<version>"), "{here}");
    // A proxy on this machine that nobody has listed speaks for somebody who is elsewhere.
    let from = "Host: x\r\nX-Forwarded-For: 192.0.2.1\r\n";
    let request = String::from_utf8(post(&path, &call)).unwrap().replace("Host: x\r\n", from);
    let refused = server.send(request.as_bytes());
    assert!(refused.starts_with("HTTP/1.1 403 ") && refused.contains("-30000"), "{refused}");
    server.logged("the call came in plain text, and ForceHTTPSUsage is True");
    let options = ["-d", &call, "-H", "X-Forwarded-For: 192.0.2.1"];
    assert!(curl(&folder, &server, &path, &options).unwrap().contains("<version>"));
}

#[test]
fn slow_handshakes_end_and_hold_nobody_up() {
    let more = "[limits]\nheader_seconds = 1\nrequests_per_second = 1000\n";
    let folder = folder(more);
    let server = Server::start(&folder);
    let silent: Vec<TcpStream> = (0..600).map(|_| TcpStream::connect(encrypted(&server)).unwrap()).collect();
    let started = Instant::now();
    assert!(server.call("getversion", "").contains("<version>"));
    assert!(curl(&folder, &server, "/test", &[]).is_ok());
    assert!(started.elapsed() < Duration::from_millis(900), "{:?}", started.elapsed());
    for mut stream in silent {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        assert!(matches!(stream.read(&mut [0; 16]), Ok(0) | Err(_)));
    }
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn the_numbers_have_the_days_that_are_left() {
    let folder = folder("");
    let server = Server::start(&folder);
    let days = numbers(&server)["regserver_tls_certificate_days_left"];
    assert!((29.0..=30.0).contains(&days), "{days}");
    drop(server);
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    assert!(!numbers(&server).contains_key("regserver_tls_certificate_days_left"));
}

#[test]
fn the_programs_own_client_calls_over_tls() {
    let folder = folder("");
    let server = Server::start(&folder);
    let url = format!("https://{}", encrypted(&server));
    let run = |more: &[&str]| {
        let arguments = [&["call", "getversion", "--url", &url], more].concat();
        let output = program(&folder.0).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, said) = run(&["--cacert", "one.pem"]);
    assert!(code == Some(0) && said.contains("<version>"), "{said}");
    let (code, said) = run(&[]);
    assert!(code == Some(3) && said.contains("name the file of its authority with --cacert"), "{said}");
    made(&folder, "other", "30");
    assert_eq!(run(&["--cacert", "other.pem"]).0, Some(3));
    for (file, why) in [("none.pem", "cannot be read"), ("one.key", "there is no certificate in it")] {
        let (code, said) = run(&["--cacert", file]);
        assert!(code == Some(2) && said.contains(why), "{said}");
    }
    let (_, said) = run(&["--cacert", "one.pem", "--dry-run"]);
    assert!(said.contains("curl --cacert 'one.pem' -d "), "{said}");
}

#[test]
fn where_all_is_encrypted_the_client_goes_there() {
    let folder = Folder::configured(
        &configuration("one").replace("listen = [\"127.0.0.1:0\"]\nworkers", "listen = []\nworkers"),
    );
    made(&folder, "one", "30");
    let text = std::fs::read_to_string(folder.0.join("regserver.toml")).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::fs::write(folder.0.join("regserver.toml"), text.replace("127.0.0.1:0", &free.to_string())).unwrap();
    let mut child = program(&folder.0).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(&format!("https://{free}/"))));
    let output = program(&folder.0).args(["call", "getversion", "--cacert", "one.pem"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    child.kill().unwrap();
    child.wait().unwrap();
}
