//! A mail server of the tests: aiosmtpd, told what to do by the addresses that it gets.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running mail server.
pub struct Sink {
    child: Child,
    pub port: u16,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Sink {
    /// Without encryption.
    pub fn plain() -> Sink {
        Sink::start(&[])
    }

    /// With these arguments.
    pub fn start(arguments: &[&str]) -> Sink {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mails/sink.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the mail server starts: python3-aiosmtpd is installed").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = said.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Sink { child, port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(), said }
    }

    /// The mails so far.
    pub fn mails(&self) -> Vec<Value> {
        self.said.lock().unwrap().iter().filter(|value| value["to"].is_array()).cloned().collect()
    }

    /// Waits for that many mails.
    pub fn wait(&self, number: usize) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(60);
        while self.mails().len() < number && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.mails()
    }

    /// What clients greeted with so far.
    pub fn hellos(&self) -> Vec<Value> {
        self.said.lock().unwrap().iter().filter(|value| value["hello"].is_string()).cloned().collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The only header of that name.
pub fn header(mail: &Value, name: &str) -> String {
    let all = mail["headers"].as_array().unwrap().iter();
    let values: Vec<&Value> = all.filter(|header| header[0] == name).map(|header| &header[1]).collect();
    assert_eq!(values.len(), 1, "{name}: {mail}");
    values[0].as_str().unwrap().to_owned()
}

/// A certificate for 127.0.0.1 and its key, made in that folder.
pub fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=sink"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", key.to_str().unwrap(), "-out", cert.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (cert, key)
}
