//! An import as `regserver import` makes it: the file in pieces into a job, and the job on the server's core.

use std::fmt::Write;
use std::time::Instant;

use anyhow::{Context, bail};
use regserver::api::jobs::Turn;
use regserver::api::{Api, Options};
use regserver::commands::jobs::importusers::MOST;
use regserver::wire::fields::{Fields, Value};

use crate::databases::Prepared;
use crate::load::Measured;
use crate::machine;
use crate::servers;

/// Imports so many users. The threads of the program stay on the core of the thread that starts it.
pub fn run(prepared: &Prepared, core: usize, rows: u64, passwords: bool) -> anyhow::Result<Measured> {
    let import = || {
        machine::pin(core)?;
        let config = servers::config(&prepared.database)?;
        let api = Api::open(&config, Options::default())?.api;
        let (started, before) = (Instant::now(), machine::process_nanos(std::process::id())?);
        let job = send(&api, rows, passwords)?;
        if api.work_on(job, &mut |_| true)? != Turn::Ended {
            bail!("the import was not done");
        }
        let (time, nanos) = (started.elapsed(), machine::process_nanos(std::process::id())? - before);
        let done = api.read(|tx| tx.job(job))?.context("the job is gone")?;
        api.stop();
        if u64::try_from(done.counts.made)? != rows {
            bail!("{} of {rows} users were made", done.counts.made);
        }
        Ok(Measured { requests: rows, time, nanos, ..Measured::default() })
    };
    let panicked = |_| anyhow::anyhow!("an import ended in a panic");
    std::thread::scope(|scope| scope.spawn(import).join()).map_err(panicked)?
}

/// The job with all rows.
fn send(api: &std::sync::Arc<Api>, rows: u64, passwords: bool) -> anyhow::Result<i64> {
    let mut job = String::new();
    let numbers: Vec<u64> = (0..rows).collect();
    for piece in numbers.chunks(MOST) {
        let mut csv = "username,email,password".to_owned();
        for number in piece {
            let password = if passwords { format!("sekret-{number:06}") } else { String::new() };
            write!(csv, "\nimported{number:07},imported{number}@example.com,{password}")?;
        }
        job = ask(api, &csv, &job, "false")?;
    }
    Ok(ask(api, "", &job, "true")?.parse()?)
}

fn ask(api: &std::sync::Arc<Api>, csv: &str, job: &str, last: &str) -> anyhow::Result<String> {
    let mut fields = Fields::new();
    for (name, value) in [("csv", csv), ("job", job), ("last", last)] {
        fields.push(name, Value::Text(value.into()));
    }
    let body = api.operate("importusers", &fields).body;
    let number = body.split("<job>").nth(1).and_then(|rest| rest.split('<').next());
    number.map(str::to_owned).with_context(|| format!("a piece was refused: {body}"))
}
