//! Wrong passwords from ever new addresses, fed to the counters as the server feeds them.
//!
//! What grows with the number of guessers would be theirs to fill, so the memory is taken before and
//! after; the rows in the database are bounded by the writer itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use anyhow::{Context, bail};
use regserver::api::{Api, Options};
use regserver::domain::time::{Clock, SystemClock};
use regserver::error::Result;
use regserver::store::Tx;
use regserver::store::logins::{Guess, Whose};
use regserver::store::writer::{self, Job, Verdict, Writer};

use crate::databases::Prepared;
use crate::load::Measured;
use crate::machine;
use crate::servers;

/// As many as the writer takes at once.
const AT_ONCE: u64 = 256;

/// One failure on its way.
struct Failure {
    guess: Guess,
    done: Sender<Result<()>>,
}

impl Job for Failure {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        match tx.login_failed(&self.guess) {
            Ok(()) => Verdict::Keep,
            Err(_) => Verdict::Undo,
        }
    }

    fn end(self: Box<Self>, end: Result<()>) {
        // Where nobody waits any more, nobody counts.
        let _ = self.done.send(end);
    }
}

/// Feeds so many failures, each from an address of its own.
pub fn run(prepared: &Prepared, core: usize, failures: u64) -> anyhow::Result<Measured> {
    let config = servers::config(&prepared.database)?;
    let api = Api::open(&config, Options::default())?.api;
    let (snapshot, before) = (api.snapshot(), machine::own_memory_kib(std::process::id())?);
    let options = writer::Options {
        path: prepared.database.clone(),
        full: false,
        queue: AT_ONCE as usize,
        generation: 0,
        record: None,
        max_pages: None,
    };
    let feed = || {
        machine::pin(core)?;
        let writer = Writer::start(options, Box::new(|_| Ok(Box::new(|| ()))))?;
        let (started, nanos) = (Instant::now(), machine::process_nanos(std::process::id())?);
        let (done, ended) = channel();
        for number in 0..failures {
            let address = IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(number)?.wrapping_add(0x0b00_0000)));
            let user = Whose::User(1 + i64::try_from(number % prepared.users.max(1))?);
            let guess = Guess::key(&snapshot, api.vault(), SystemClock.now(), user, address);
            writer.submit(Box::new(Failure { guess, done: done.clone() }));
            if (number + 1).is_multiple_of(AT_ONCE) || number + 1 == failures {
                for _ in 0..=number % AT_ONCE {
                    ended.recv().context("the writer is gone")??;
                }
            }
        }
        let after = machine::own_memory_kib(std::process::id())?;
        let nanos = machine::process_nanos(std::process::id())?.saturating_sub(nanos);
        let time = started.elapsed();
        writer.stop();
        let memory_kib = Some(after.saturating_sub(before));
        anyhow::Ok(Measured { requests: failures, time, nanos, memory_kib, ..Measured::default() })
    };
    let measured = std::thread::scope(|scope| scope.spawn(feed).join());
    api.stop();
    match measured {
        Ok(measured) => measured,
        Err(_) => bail!("counting failures ended in a panic"),
    }
}
