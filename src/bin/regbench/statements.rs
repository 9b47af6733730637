//! The bare loops: the statements of registrations, without the server around them.
//!
//! What the database alone can do with the same work is the fair measure for a change. The product
//! records its own statements with their values; here they are run again on a database of the same
//! beginning, under the same pragmas, either committed in groups, as the server's writer does, or each
//! registration by itself, as a server without such a writer would.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use regserver::api::{Api, Options};
use regserver::config::Durability;
use regserver::store::backend::Recorded;
use rusqlite::{Connection, params_from_iter};

use crate::databases::Prepared;
use crate::load::{Bound, Measured};
use crate::machine;
use crate::requests::{Ask, Requests};
use crate::servers;

/// What the recording puts behind the statements of each batch, with the number of its jobs.
const MARK: &str = "-- jobs";

/// The statements of one registration.
struct Job {
    /// Its own.
    own: Vec<Recorded>,
    /// Those that write the search index, which the server's writer does once before each commit.
    text: Vec<Recorded>,
}

/// The statements of many registrations.
pub struct Statements {
    /// Once a batch: the look for other programs' changes.
    once: Vec<Recorded>,
    jobs: Vec<Job>,
}

/// Records that many registrations on a database, one a batch, so that it is plain what belongs to which.
pub fn record(prepared: &Prepared, registrations: u64) -> anyhow::Result<Statements> {
    let (sender, receiver) = channel();
    let mut config = servers::config(&prepared.database)?;
    // The statements are the same, and the recording is not what is measured.
    config.storage.durability = Durability::Normal;
    let api = Api::open(&config, Options { record: Some(sender), ..Options::default() })?.api;
    let reader = api.reader()?;
    let mut requests = Requests::new(Ask::Register, servers::KEY.as_bytes(), 0..0, 0);
    for _ in 0..registrations {
        let answer = requests.with(|received| {
            let (wire, id) = (received.wire, received.request_id);
            api.drive(api.begin(received, &reader), wire, id)
        })?;
        if answer.trace.code != 0 {
            bail!("a registration was refused: {}", answer.body);
        }
    }
    api.stop();
    drop((reader, api));
    let mut statements = Statements { once: Vec::new(), jobs: Vec::new() };
    for batch in receiver {
        statements.add(batch)?;
    }
    if statements.jobs.len() as u64 != registrations {
        bail!("{} registrations were recorded, not {registrations}", statements.jobs.len());
    }
    Ok(statements)
}

impl Statements {
    fn add(&mut self, mut batch: Vec<Recorded>) -> anyhow::Result<()> {
        let one = vec![rusqlite::types::Value::Integer(1)];
        if batch.pop() != Some((MARK, one)) {
            bail!("a batch of one job was expected");
        }
        let (looks, batch): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|(sql, _)| sql.contains("FROM meta"));
        self.once.extend(looks.into_iter().take(usize::from(self.once.is_empty())));
        let (text, own) = batch.into_iter().partition(|(sql, _)| sql.contains("users_text"));
        self.jobs.push(Job { own, text });
        Ok(())
    }

    /// Runs them on a database, so many registrations in a transaction; on a thread of its own, which
    /// sits where the server would.
    pub fn replay(
        &self,
        database: &Path,
        group: usize,
        core: usize,
        warm: usize,
        measure: Bound,
    ) -> anyhow::Result<Measured> {
        let replay = || {
            machine::pin(core)?;
            let connection = open(database)?;
            let (first, rest) = self.jobs.split_at(warm.min(self.jobs.len()));
            // All of them: the later ones speak of rows that the earlier ones made.
            self.groups(&connection, first, group, Bound { time: Duration::MAX, requests: u64::MAX })?;
            let (started, before) = (Instant::now(), machine::thread_nanos()?);
            let (requests, commits) = self.groups(&connection, rest, group, measure)?;
            let (time, nanos) = (started.elapsed(), machine::thread_nanos()? - before);
            Ok(Measured { requests, time, nanos, commits: Some(commits), ..Measured::default() })
        };
        let panicked = |_| anyhow::anyhow!("the bare loop ended in a panic");
        std::thread::scope(|scope| scope.spawn(replay).join()).map_err(panicked)?
    }

    fn groups(
        &self,
        connection: &Connection,
        jobs: &[Job],
        group: usize,
        bound: Bound,
    ) -> anyhow::Result<(u64, u64)> {
        let (started, mut done, mut commits) = (Instant::now(), 0, 0);
        for jobs in jobs.chunks(group.max(1)) {
            if started.elapsed() >= bound.time || done >= bound.requests {
                break;
            }
            connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            run(connection, &self.once)?;
            jobs.iter().try_for_each(|job| run(connection, &job.own))?;
            jobs.iter().try_for_each(|job| run(connection, &job.text))?;
            connection.prepare_cached("COMMIT")?.execute([])?;
            done += jobs.len() as u64;
            commits += 1;
        }
        Ok((done, commits))
    }
}

fn run(connection: &Connection, statements: &[Recorded]) -> anyhow::Result<()> {
    for (sql, values) in statements {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while rows.next().with_context(|| format!("a recorded statement failed: {sql}"))?.is_some() {}
    }
    Ok(())
}

/// As the server's writer opens its connection.
fn open(database: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;
         PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000; PRAGMA synchronous = FULL;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
