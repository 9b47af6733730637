//! A server in a process of its own, killed when it is no longer needed.
//!
//! Only so are its processor time and memory its own: inside this program they would be mixed with
//! those of the load.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::Context;

use crate::machine;
use crate::servers::READY;

/// How long a start may take.
const START: Duration = Duration::from_secs(20);
/// How much of its log is shown when it fails.
const SHOWN: usize = 2_000;

/// The process.
pub struct Child {
    process: std::process::Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it does so with encryption.
    pub encrypted: Option<SocketAddr>,
    log: PathBuf,
    wal_index: Option<PathBuf>,
}

/// What a process has used, at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Processor time in nanoseconds.
    pub nanos: u64,
    /// Own memory in KiB.
    pub memory_kib: u64,
    /// Commits, counted from anywhere.
    pub commits: u32,
}

impl Child {
    /// Starts the server on a database.
    pub fn api(database: &Path, core: usize) -> anyhow::Result<Child> {
        Child::api_with(database, core, &[])
    }

    /// The same without counts and without an API log.
    pub fn uncounted(database: &Path, core: usize) -> anyhow::Result<Child> {
        Child::api_with(database, core, &["--uncounted"])
    }

    /// The same with a mail server at that port.
    pub fn mailing(database: &Path, core: usize, port: u16) -> anyhow::Result<Child> {
        Child::api_with(database, core, &["--mail", &port.to_string()])
    }

    fn api_with(database: &Path, core: usize, more: &[&str]) -> anyhow::Result<Child> {
        let mut command = itself("child-api", core)?;
        command.arg("--database").arg(database).args(more);
        let mut index = database.as_os_str().to_owned();
        index.push("-shm");
        Child::start(command, database.with_extension("log"), Some(index.into()))
    }

    /// Starts the yardstick that sends what stands in that file.
    pub fn yardstick(reply: &Path, core: usize) -> anyhow::Result<Child> {
        let mut command = itself("child-yardstick", core)?;
        command.arg("--reply").arg(reply);
        Child::start(command, reply.with_extension("log"), None)
    }

    fn start(mut command: Command, log: PathBuf, wal_index: Option<PathBuf>) -> anyhow::Result<Child> {
        let errors = File::options().create(true).append(true).open(&log)?;
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn()?;
        let stdout = process.stdout.take();
        let address = SocketAddr::from(([0, 0, 0, 0], 0));
        // From here on it is killed whatever happens.
        let mut child = Child { process, address, encrypted: None, log, wal_index };
        let (sender, receiver) = channel();
        let mut lines = BufReader::new(stdout.context("the child has no output")?);
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = lines.read_line(&mut line).map(|_| line);
            drop(sender.send(read));
        });
        let line = receiver.recv_timeout(START).context("a server did not start in time")??;
        let mut addresses = line.trim().strip_prefix(READY).unwrap_or_default().split(' ').map(str::parse);
        let address = addresses.next().and_then(Result::ok);
        child.encrypted = addresses.next().and_then(Result::ok);
        child.address = address.with_context(|| format!("a server did not start: {}", child.complaint()))?;
        Ok(child)
    }

    /// The end of its log.
    pub fn complaint(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(SHOWN)..]).trim().to_owned()
    }

    /// How much it has written to its log.
    pub fn log_bytes(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |file| file.len())
    }

    /// Throws its log away, so that a long run does not fill the disk.
    pub fn forget_log(&self) -> anyhow::Result<()> {
        Ok(File::options().write(true).open(&self.log)?.set_len(0)?)
    }

    /// What it has used so far.
    pub fn used(&self) -> anyhow::Result<Used> {
        let pid = self.process.id();
        Ok(Used {
            nanos: machine::process_nanos(pid)?,
            memory_kib: machine::own_memory_kib(pid)?,
            commits: self.commits()?,
        })
    }

    /// SQLite counts commits in the third word of its index of the write-ahead log; reading it there
    /// costs the server nothing.
    fn commits(&self) -> anyhow::Result<u32> {
        use std::io::Read;
        let Some(path) = &self.wal_index else { return Ok(0) };
        let mut head = [0; 12];
        File::open(path)?.read_exact(&mut head)?;
        let mut word = [0; 4];
        word.copy_from_slice(&head[8..]);
        Ok(u32::from_ne_bytes(word))
    }
}

fn itself(child: &str, core: usize) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(child).arg("--core").arg(core.to_string());
    Ok(command)
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
