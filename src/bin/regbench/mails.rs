//! Mails that wait, sent by a server that starts with them.
//!
//! The outbox is filled by registrations, as in life; then a server is started on it and sends everything to a mail
//! server of this program's, over one connection. The first mails do not count.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use regserver::api::{Api, Options};
use regserver::config::Durability;

use crate::child::Child;
use crate::databases::Prepared;
use crate::load::{Measured, percentiles};
use crate::requests::{Ask, Requests};
use crate::servers;
use crate::sink::Sink;

/// One mail in so many is sent before those that count.
const WARM: usize = 5;
/// A server that sends nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(20);
/// How often the mail server is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Fills the outbox of a database.
pub fn fill(prepared: &Prepared, mails: u64) -> anyhow::Result<()> {
    let mut config = servers::config(&prepared.database)?;
    // How they came there is not what is measured.
    config.storage.durability = Durability::Normal;
    let api = Api::open(&config, Options::default())?.api;
    let reader = api.reader()?;
    let mut requests = Requests::new(Ask::RegisterByMail, servers::KEY.as_bytes(), 0..0, 0);
    for _ in 0..mails {
        let answer = requests.with(|received| {
            let (wire, id) = (received.wire, received.request_id);
            api.drive(api.begin(received, &reader), wire, id)
        })?;
        if answer.trace.code != 0 {
            bail!("a registration was refused: {}", answer.body);
        }
    }
    drop(reader);
    api.stop();
    Ok(())
}

/// Sends them; memory is what was added from the first mail that counts to the last.
pub fn run(prepared: &Prepared, core: usize, mails: u64) -> anyhow::Result<Measured> {
    let (all, sink) = (usize::try_from(mails)?, Sink::start()?);
    let warm = (all / WARM).max(1);
    let child = Child::mailing(&prepared.database, core, sink.port)?;
    let failed = || format!("the server's log ends: {}", child.complaint());
    wait(&sink, warm).with_context(failed)?;
    let (before, from) = (child.used()?, sink.kept().times.len());
    wait(&sink, all).with_context(failed)?;
    let after = child.used()?;
    let kept = sink.kept();
    if (kept.times.len(), kept.ids.len(), kept.connections) != (all, all, 1) {
        let (came, different, connections) = (kept.times.len(), kept.ids.len(), kept.connections);
        bail!("{came} mails came of {all}, {different} of them different, over {connections} connections");
    }
    let counted = &kept.times[from - 1..];
    let mut gaps: Vec<Duration> = counted.windows(2).map(|two| two[1] - two[0]).collect();
    Ok(Measured {
        requests: gaps.len() as u64,
        time: counted.last().zip(counted.first()).map_or(Duration::ZERO, |(last, first)| *last - *first),
        latency: percentiles(&mut gaps),
        nanos: after.nanos.saturating_sub(before.nanos),
        memory_kib: Some(after.memory_kib.saturating_sub(before.memory_kib)),
        commits: Some(u64::from(after.commits.wrapping_sub(before.commits))),
        ..Measured::default()
    })
}

/// Waits until so many mails have come.
fn wait(sink: &Sink, mails: usize) -> anyhow::Result<()> {
    let (mut before, mut heard) = (0, Instant::now());
    loop {
        let kept = sink.kept();
        if let Some(fault) = &kept.fault {
            bail!("the sender went wrong: {fault}");
        }
        let came = kept.times.len();
        drop(kept);
        if came >= mails {
            return Ok(());
        }
        if came > before {
            (before, heard) = (came, Instant::now());
        } else if heard.elapsed() > SILENCE {
            bail!("only {came} mails came");
        }
        std::thread::sleep(LOOK);
    }
}
