//! The certificate is exchanged while connections stand, and one that is not good takes no other's place.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::certificates::{made, mode, place, sh};
use super::{configuration, encrypted, folder};
use crate::program::{Folder, Server};

type Connection = StreamOwned<ClientConnection, TcpStream>;

/// A connection that believes every certificate of the folder.
fn connected(folder: &Folder, server: &Server) -> Connection {
    let mut roots = RootCertStore::empty();
    for name in ["one", "two", "kept"] {
        if let Ok(certificate) = CertificateDer::from_pem_file(folder.0.join(format!("{name}.pem"))) {
            // One that is damaged is nobody's.
            let _ = roots.add(certificate);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(encrypted(server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    StreamOwned::new(client, stream)
}

/// Asks `/test` over it; the certificate that it was made with.
fn ask(connection: &mut Connection) -> Vec<u8> {
    connection.write_all(b"GET /test HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"}\n") {
        let mut piece = [0; 1024];
        let length = connection.read(&mut piece).unwrap();
        assert!(length > 0, "the connection was closed");
        read.extend_from_slice(&piece[..length]);
    }
    assert!(read.starts_with(b"HTTP/1.1 200 "));
    connection.conn.peer_certificates().unwrap()[0].to_vec()
}

fn certificate(folder: &Folder, name: &str) -> Vec<u8> {
    CertificateDer::from_pem_file(folder.0.join(format!("{name}.pem"))).unwrap().to_vec()
}

/// Sends SIGHUP and waits for what the log says of it.
fn hang_up(server: &Server, said: &str) -> String {
    let before = server.log().len();
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

#[test]
fn a_new_certificate_is_shown_and_a_standing_connection_goes_on() {
    let folder = folder("");
    made(&folder, "two", "60");
    place(&folder, "one", &folder, "kept");
    let server = Server::start(&folder);
    server.logged("the certificate is one.pem, good for ");
    let mut standing = connected(&folder, &server);
    let first = certificate(&folder, "kept");
    assert_eq!(ask(&mut standing), first);
    // The same names with other contents, as whoever renews certificates leaves them.
    place(&folder, "two", &folder, "one");
    assert_eq!(ask(&mut connected(&folder, &server)), first, "before the signal");
    let log = hang_up(&server, "was read again");
    assert!(log.contains("good for 59 days") || log.contains("good for 60 days"), "{log}");
    assert_eq!(ask(&mut standing), first);
    assert_eq!(ask(&mut connected(&folder, &server)), certificate(&folder, "two"));
    // Other names in the configuration.
    std::fs::write(folder.0.join("regserver.toml"), configuration("kept")).unwrap();
    hang_up(&server, "was read again");
    assert_eq!(ask(&mut connected(&folder, &server)), first);
    assert_eq!(ask(&mut standing), first);
    assert!(server.stop());
}

/// Spoils what the configuration names, and says how that is told.
type Spoil = (fn(&Folder), &'static str);

const SPOILED: &[Spoil] = &[
    (|folder| sh(folder, "cp two.key one.key"), "one.key is not the key of the first certificate in one.pem"),
    (|folder| sh(folder, "cp ended.pem one.pem; cp ended.key one.key"), "one.pem ended at "),
    (|folder| sh(folder, "echo nothing > one.pem"), "there is no certificate in one.pem"),
    (
        |folder| {
            sh(
                folder,
                "printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n' > one.pem",
            )
        },
        "is damaged",
    ),
    (|folder| sh(folder, "echo nothing > one.key"), "there is no private key in one.key"),
    (|folder| sh(folder, "rm one.pem"), "cannot read one.pem"),
    (|folder| mode(folder, "one.key", 0o604), "chmod 600 one.key"),
    (
        |folder| {
            sh(
                folder,
                "openssl pkey -in two.key -aes256 -passout pass:sekret -out one.key; chmod 600 one.key",
            )
        },
        "has a password",
    ),
];

#[test]
fn one_that_is_not_good_is_reported_and_the_old_one_stays() {
    let folder = folder("");
    for (name, days) in [("kept", "30"), ("two", "30"), ("ended", "-1")] {
        made(&folder, name, days);
    }
    place(&folder, "one", &folder, "kept");
    let server = Server::start(&folder);
    let first = certificate(&folder, "kept");
    for (spoil, said) in SPOILED {
        spoil(&folder);
        // Nothing else of the file holds either.
        std::fs::write(folder.0.join("regserver.toml"), configuration("one") + "hsts_seconds = 0\n").unwrap();
        let log = hang_up(&server, "was not read again");
        assert!(log.contains(said), "{said}: {log}");
        assert_eq!(ask(&mut connected(&folder, &server)), first, "{said}");
        let check = folder.run(&["check"], "");
        let text = String::from_utf8(check.stdout).unwrap();
        assert_eq!(check.status.code(), Some(1), "{text}");
        let line = text.lines().find(|line| line.contains("FAULT  certificate")).unwrap();
        assert!(line.contains(said), "{said}: {text}");
        sh(&folder, "rm -f one.pem one.key");
        place(&folder, "kept", &folder, "one");
    }
    hang_up(&server, "was read again");
    let check = String::from_utf8(folder.run(&["check"], "").stdout).unwrap();
    assert!(check.contains("ok     certificate    one.pem, good for 29 days"), "{check}");
}

#[test]
fn a_start_says_what_is_wrong_and_goes_on_with_one_that_has_ended() {
    let folder = folder("");
    for (name, days) in [("two", "30"), ("ended", "-1"), ("soon", "3")] {
        made(&folder, name, days);
    }
    place(&folder, "one", &folder, "kept");
    for (spoil, said) in SPOILED.iter().filter(|(_, said)| !said.contains("ended at")) {
        spoil(&folder);
        let start = folder.run(&["serve"], "");
        let why = String::from_utf8(start.stderr).unwrap();
        assert!(start.status.code() == Some(2) && why.contains(said), "{said}: {why}");
        sh(&folder, "rm -f one.pem one.key");
        place(&folder, "kept", &folder, "one");
    }
    place(&folder, "ended", &folder, "one");
    let server = Server::start(&folder);
    server.logged("one.pem ended at ");
    // What is not new is no reason against the rest of the file.
    hang_up(&server, "was read again");
    place(&folder, "soon", &folder, "one");
    mode(&folder, "one.key", 0o640);
    hang_up(&server, "ends in 2 days");
    let check = String::from_utf8(folder.run(&["check"], "").stdout).unwrap();
    assert!(check.contains("note   certificate    tls.certificate: one.pem ends in 2 days"), "{check}");
    place(&folder, "kept", &folder, "one");
    mode(&folder, "one.key", 0o640);
    hang_up(&server, "can be read by its whole group");
}
