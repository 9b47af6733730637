//! A mail server that takes everything and keeps nothing but times and names.
//!
//! It answers each command at once, so that what is measured is the sender. It is as strict as the protocol where a
//! sender could go wrong unseen: a command out of order ends the connection.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::bail;

/// The server; its thread ends with the program.
pub struct Sink {
    /// Where it listens.
    pub port: u16,
    kept: Arc<Mutex<Kept>>,
}

/// What it keeps.
#[derive(Default)]
pub struct Kept {
    /// When each mail had come.
    pub times: Vec<Instant>,
    /// Their Message-IDs.
    pub ids: HashSet<String>,
    /// Connections so far.
    pub connections: usize,
    /// What a sender did wrong.
    pub fault: Option<String>,
}

/// How far a sender has come with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    From,
    To,
}

impl Sink {
    /// Starts it on the core of the calling thread.
    pub fn start() -> anyhow::Result<Sink> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (port, kept) = (listener.local_addr()?.port(), Arc::<Mutex<Kept>>::default());
        let sink = Sink { port, kept: kept.clone() };
        std::thread::Builder::new().name("mail sink".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || {
                    if let Err(error) = talk(&stream, &kept) {
                        open(&kept).fault = Some(format!("{error:#}"));
                    }
                });
            }
        })?;
        Ok(sink)
    }

    /// What it has so far.
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        open(&self.kept)
    }
}

fn open(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection, until the other end is gone.
fn talk(stream: &TcpStream, kept: &Mutex<Kept>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    open(kept).connections += 1;
    let (mut to, mut lines) = (stream, BufReader::new(stream));
    let (mut stage, mut line) = (Stage::Idle, String::new());
    to.write_all(b"220 sink\r\n")?;
    loop {
        line.clear();
        // A sender that is killed breaks the connection off; that is no fault of its own.
        if !matches!(lines.read_line(&mut line), Ok(1..)) {
            return Ok(());
        }
        let (verb, _) = line.trim_end().split_once([' ', ':']).unwrap_or((line.trim_end(), ""));
        let (answer, next): (&[u8], Stage) = match (verb, stage) {
            ("EHLO", _) => (b"250 sink\r\n", Stage::Idle),
            ("MAIL", Stage::Idle) => (b"250 OK\r\n", Stage::From),
            ("RCPT", Stage::From | Stage::To) => (b"250 OK\r\n", Stage::To),
            ("RSET", _) => (b"250 OK\r\n", Stage::Idle),
            ("QUIT", _) => return Ok(to.write_all(b"221 bye\r\n")?),
            ("DATA", Stage::To) => {
                to.write_all(b"354 go on\r\n")?;
                let id = content(&mut lines)?;
                let mut kept = open(kept);
                kept.times.push(Instant::now());
                kept.ids.insert(id);
                (b"250 kept\r\n", Stage::Idle)
            }
            _ => bail!("{:?} came in the stage {stage:?}", line.trim_end()),
        };
        stage = next;
        to.write_all(answer)?;
    }
}

/// Reads a mail to its end; its Message-ID.
fn content(lines: &mut impl BufRead) -> anyhow::Result<String> {
    let (mut id, mut line) = (None, String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line)? == 0 {
            bail!("a mail was cut off");
        }
        if line == ".\r\n" {
            return id.ok_or_else(|| anyhow::anyhow!("a mail has no Message-ID"));
        }
        if let Some(value) = line.strip_prefix("Message-ID: ") {
            id = Some(value.trim_end().to_owned());
        }
    }
}
