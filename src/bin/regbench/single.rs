//! What is measured without a load of many connections: the password hash alone, and starts.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use regserver::domain::passwords::Passwords;

use crate::child::{Child, Used};
use crate::databases::{self, Prepared};
use crate::load::{Measured, percentiles};
use crate::machine;
use crate::reply;
use crate::requests::{Ask, PASSWORD, Requests};
use crate::servers;

/// Longer than an answer to these requests.
const LONGEST: usize = 16 << 10;
/// A server that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(20);

/// How many passwords one thread verifies, with memory that it keeps, where the server would be.
pub fn hashes(core: usize, length: Duration) -> anyhow::Result<Measured> {
    let verify = || {
        machine::pin(core)?;
        let stored = databases::password()?;
        let mut passwords = Passwords::new(databases::cost());
        passwords.verify(PASSWORD, &stored)?;
        let (started, before) = (Instant::now(), machine::thread_nanos()?);
        let mut times = Vec::new();
        while started.elapsed() < length {
            let since = Instant::now();
            if !passwords.verify(PASSWORD, &stored)? {
                bail!("the right password was taken for a wrong one");
            }
            times.push(since.elapsed());
        }
        Ok(Measured {
            requests: times.len() as u64,
            time: started.elapsed(),
            nanos: machine::thread_nanos()? - before,
            latency: percentiles(&mut times),
            ..Measured::default()
        })
    };
    let panicked = |_| anyhow::anyhow!("hashing ended in a panic");
    std::thread::scope(|scope| scope.spawn(verify).join()).map_err(panicked)?
}

/// Starts servers one after the other, each until it has answered one request.
pub fn starts(prepared: &Prepared, core: usize, times: usize) -> anyhow::Result<Measured> {
    let ask = if prepared.users == 0 { Ask::ReadNobody } else { Ask::Read };
    let mut requests = Requests::new(ask, servers::KEY.as_bytes(), 0..prepared.users, 0);
    let mut took = Vec::with_capacity(times);
    let (mut nanos, mut memory, started) = (0, 0, Instant::now());
    for _ in 0..times {
        let mut request = Vec::new();
        let expected = requests.write(&mut request)?;
        let since = Instant::now();
        let child = Child::api(&prepared.database, core)?;
        let mut stream = TcpStream::connect(child.address)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.write_all(&request)?;
        first_answer(&mut stream, expected)?;
        took.push(since.elapsed());
        let Used { nanos: used, memory_kib, .. } = child.used()?;
        nanos += used;
        memory = memory_kib;
    }
    Ok(Measured {
        requests: took.len() as u64,
        time: started.elapsed(),
        nanos,
        memory_kib: Some(memory),
        latency: percentiles(&mut took),
        ..Measured::default()
    })
}

fn first_answer(stream: &mut TcpStream, expected: &str) -> anyhow::Result<()> {
    let (mut buffer, mut filled) = (vec![0; LONGEST], 0);
    loop {
        let read = stream.read(&mut buffer[filled..]).context("a started server does not answer")?;
        if read == 0 {
            bail!("a started server closed the connection");
        }
        filled += read;
        if let Some((_, body)) = reply::complete(&buffer[..filled])? {
            return reply::check(&buffer[body..filled], expected);
        }
    }
}
