//! The real program in a folder of its own, spoken to over real sockets.
//!
//! Few tests need this; it stands beside the world for what only a process can show: what is printed,
//! what HTTP does, what survives a kill.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use regserver::domain::time::{Clock, SystemClock};
use regserver::gate::checksum::Method;

/// The key of the service in [`CONFIG`].
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A service on loopback with a known key, at a port that the system chooses.
pub const CONFIG: &str = r#"
[server]
listen = ["127.0.0.1:0"]
workers = 2
[[service]]
name = "shop"
addresses = ["127.0.0.1"]
keys = [{ key = "0123456789abcdef0123456789abcdef" }]
"#;

/// A folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("regserver-program-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Writes the configuration where the program finds it.
    pub fn configured(config: &str) -> Folder {
        let folder = Folder::new();
        std::fs::write(folder.0.join("regserver.toml"), config).unwrap();
        folder
    }

    /// Runs a sub-command to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = program(&self.0).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program in that folder.
pub fn program(folder: &Path) -> Command {
    alone(Command::new(env!("CARGO_BIN_EXE_regserver")), folder)
}

/// A shell in that folder, which finds the program by its name.
pub fn shell(folder: &Path, line: &str) -> Command {
    let place = Path::new(env!("CARGO_BIN_EXE_regserver")).parent().unwrap().display();
    let mut command = alone(Command::new("sh"), folder);
    command.args(["-c", line]).env("PATH", format!("{place}:{}", std::env::var("PATH").unwrap()));
    command
}

/// In that folder, without variables of ours from outside.
fn alone(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REGSERVER_")) {
        command.env_remove(name);
    }
    command
}

/// A running server.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    /// What it printed until it was ready.
    pub banner: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub fn start(folder: &Folder) -> Server {
        Server::start_with(folder, &[])
    }

    /// The same with variables of the environment.
    pub fn start_with(folder: &Folder, variables: &[(&str, &str)]) -> Server {
        let mut child = program(&folder.0).envs(variables.iter().copied()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (errors, kept) = (child.stderr.take().unwrap(), log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        while !banner.contains("getversion --dry-run`") {
            let read = output.read_line(&mut banner).unwrap();
            if read == 0 {
                std::thread::sleep(Duration::from_millis(200));
                let said = log.lock().unwrap().clone();
                panic!("the server did not start: {banner}{said}");
            }
        }
        let after = banner.split("http://").nth(1).unwrap();
        let address = after.split('/').next().unwrap().parse().unwrap();
        Server { child, address, banner, log }
    }

    /// A new connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends one request on a connection of its own and reads all of the reply.
    pub fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        read_reply(&mut stream)
    }

    /// The same from another address of this machine.
    pub fn send_from(&self, address: &str, request: &[u8]) -> String {
        use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
        connect(&socket, &self.address).unwrap();
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request).unwrap();
        read_reply(&mut stream)
    }

    /// A signed call over the canonical path.
    pub fn call(&self, command: &str, fields: &str) -> String {
        let body = xml(command, fields);
        self.send(&post(&format!("/yvva/api/api.xml?checksum={}", signed(&body)), &body))
    }

    /// What it wrote to its log so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log has that text.
    pub fn logged(&self, text: &str) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if let Some(line) = self.log().lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the log never had {text:?}:\n{}", self.log());
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Asks it to stop and waits; true where it ended well.
    pub fn stop(mut self) -> bool {
        self.signal("-TERM");
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a call now.
pub fn xml(command: &str, fields: &str) -> String {
    let fields = regserver::cli::notation::fields(fields).unwrap();
    regserver::cli::notation::xml(command, &fields, SystemClock.now().seconds())
}

/// The checksum under [`KEY`].
pub fn signed(body: &str) -> String {
    Method::Md5Key.sign(KEY.as_bytes(), body.as_bytes())
}

/// A request with a body.
pub fn post(target: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One reply, head and body, from a connection that may stay open.
pub fn read_reply(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&bytes).into_owned(),
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

/// The value of a header, by its name in any case.
pub fn header<'a>(reply: &'a str, name: &str) -> Option<&'a str> {
    let head = reply.split("\r\n\r\n").next()?;
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The body of a reply.
pub fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
