//! The run: databases, servers, rounds, table.
//!
//! What a wanted row does not need is not made: a million users take a minute to fill in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use regserver::api::{Api, Options as ApiOptions};

use crate::child::Child;
use crate::databases::Prepared;
use crate::load::{self, Bound, Measured, Plan};
use crate::machine::{self, Cores};
use crate::options::Options;
use crate::report::{Report, say};
use crate::requests::{Ask, Requests};
use crate::rows::{GOALS, GoalKind, Kind, ROWS, Row, Server};
use crate::scratch::Scratch;
use crate::statements::{self, Statements};

/// Users of the small databases.
const FEW: u64 = 10_000;
/// Registrations before those that count.
const WARM_REGISTRATIONS: u32 = 256;
const REGISTERED: &str = "<intresult>0</intresult>";

/// Measures everything that is wanted and prints it.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let rows = wanted(options);
    let (cores, scratch) = (Cores::choose()?, Scratch::new(&options.folder)?);
    say(&format!(
        "server on core {}, load on core {}; {} rounds of {:.1} s a row; databases in {}{}",
        cores.server,
        cores.load,
        options.rounds(),
        options.length().as_secs_f64(),
        options.folder.display(),
        if cfg!(debug_assertions) { "; a debug build, its figures mean nothing" } else { "" },
    ))?;
    let mut bench = Bench::prepare(options, cores, &scratch, &rows)?;
    machine::pin(cores.load)?;
    let users = |row: &Row| match row.kind {
        Kind::Calls { server: Server::Yardstick, .. }
        | Kind::Registrations { .. }
        | Kind::Statements { .. } => 0,
        Kind::Calls { server: Server::Many, .. } => options.many(),
        Kind::Calls { .. } => FEW,
    };
    let mut report = Report::new(rows.into_iter().map(|row| (row, users(row))).collect());
    for round in 0..options.rounds() {
        let started = Instant::now();
        for row in report.rows() {
            let measured = bench.measure(row, round).with_context(|| format!("row {}", row.name))?;
            report.add(row, measured);
        }
        say(&format!("round {} took {:.1} s", round + 1, started.elapsed().as_secs_f64()))?;
    }
    say("")?;
    report.print()
}

/// The rows that are asked for, with the yardstick and whatever their goals compare them with.
fn wanted(options: &Options) -> Vec<&'static Row> {
    let compared = |name: &str| {
        GOALS.iter().any(|goal| {
            options.wants(goal.row) && matches!(goal.kind, GoalKind::Rate(other) if other == name)
        })
    };
    let rows = ROWS.iter().enumerate();
    rows.filter(|(at, row)| *at == 0 || options.wants(row.name) || compared(row.name))
        .map(|(_, row)| row)
        .collect()
}

/// A server that stays from round to round.
struct Running {
    child: Child,
    key: Vec<u8>,
    users: u64,
    /// Where the next login goes on, so that no user logs in twice.
    next: u64,
}

struct Bench<'a> {
    options: &'a Options,
    cores: Cores,
    scratch: &'a Scratch,
    servers: HashMap<&'static str, Running>,
    empty: Prepared,
    statements: Option<Statements>,
}

fn name(server: Server) -> &'static str {
    match server {
        Server::Yardstick => "yardstick",
        Server::Few => "few",
        Server::Many => "many",
        Server::Logins => "logins",
    }
}

impl<'a> Bench<'a> {
    fn prepare(
        options: &'a Options,
        cores: Cores,
        scratch: &'a Scratch,
        rows: &[&Row],
    ) -> anyhow::Result<Bench<'a>> {
        let needs = |wanted: fn(&Kind) -> bool| rows.iter().any(|row| wanted(&row.kind));
        let few = Prepared::new(&scratch.folder("few")?, FEW)?;
        let empty = Prepared::new(&scratch.folder("empty")?, 0)?;
        let reply = sample(&few, scratch)?;
        let mut servers = HashMap::new();
        let yardstick = Child::yardstick(&reply, cores.server)?;
        servers.insert("yardstick", Running { child: yardstick, key: few.key.clone(), users: FEW, next: 0 });
        if needs(|kind| matches!(kind, Kind::Calls { server: Server::Logins, .. })) {
            servers.insert("logins", start(few.copy(&scratch.folder("logins")?)?, cores)?);
        }
        if needs(|kind| matches!(kind, Kind::Calls { server: Server::Many, .. })) {
            let started = Instant::now();
            let many = Prepared::new(&scratch.folder("many")?, options.many())?;
            let seconds = started.elapsed().as_secs_f64();
            say(&format!("{} users were filled in within {seconds:.1} s", options.many()))?;
            servers.insert("many", start(many, cores)?);
        }
        servers.insert("few", start(few, cores)?);
        let statements = match needs(|kind| matches!(kind, Kind::Statements { .. })) {
            true => {
                let copy = empty.copy(&scratch.folder("recorded")?)?;
                Some(statements::record(&copy, options.registrations() + u64::from(WARM_REGISTRATIONS))?)
            }
            false => None,
        };
        Ok(Bench { options, cores, scratch, servers, empty, statements })
    }

    fn measure(&mut self, row: &Row, round: usize) -> anyhow::Result<Measured> {
        match row.kind {
            Kind::Calls { server, ask, connections, from, expected } => {
                let (warm, measure) = (self.warm(), self.length());
                let running = self.servers.get_mut(name(server)).context("this server was not started")?;
                let (server, spin) = (running.child.address, self.cores.apart());
                let plan = Plan { server, from, connections, warm, measure, spin, expected };
                let mut requests =
                    Requests::new(ask, &running.key, running.users, round as u64).starting_at(running.next);
                let measured = measure_calls(&plan, &mut requests, &running.child)?;
                if ask == Ask::Login {
                    running.next = requests.position();
                }
                Ok(measured)
            }
            Kind::Registrations { connections } => self.registrations(connections),
            Kind::Statements { group } => self.statements(group),
        }
    }

    fn registrations(&self, connections: usize) -> anyhow::Result<Measured> {
        let running = start(self.empty.copy(&self.scratch.folder("registered")?)?, self.cores)?;
        let plan = Plan {
            server: running.child.address,
            from: [127, 0, 0, 1].into(),
            connections,
            warm: Bound { requests: WARM_REGISTRATIONS.into(), ..self.length() },
            measure: Bound { requests: self.options.registrations(), ..self.length() },
            spin: self.cores.apart(),
            expected: REGISTERED,
        };
        let mut requests = Requests::new(Ask::Register, &running.key, 0, 0);
        measure_calls(&plan, &mut requests, &running.child)
    }

    fn statements(&self, group: usize) -> anyhow::Result<Measured> {
        let statements = self.statements.as_ref().context("nothing was recorded")?;
        let copy = self.empty.copy(&self.scratch.folder("repeated")?)?;
        let warm = usize::try_from(WARM_REGISTRATIONS)?;
        statements.replay(&copy.database, group, self.cores.server, warm, self.length())
    }

    fn warm(&self) -> Bound {
        Bound { time: (self.options.length() / 4).min(Duration::from_secs(1)), requests: u64::MAX }
    }

    fn length(&self) -> Bound {
        Bound { time: self.options.length(), requests: u64::MAX }
    }
}

fn measure_calls(plan: &Plan, requests: &mut Requests, child: &Child) -> anyhow::Result<Measured> {
    let measured = load::run(plan, requests, &mut || child.used());
    let measured = measured.with_context(|| format!("the server's log ends: {}", child.complaint()))?;
    child.forget_log()?;
    Ok(measured)
}

fn start(prepared: Prepared, cores: Cores) -> anyhow::Result<Running> {
    let child = Child::api(&prepared.database, cores.server)?;
    Ok(Running { child, key: prepared.key, users: prepared.users, next: 0 })
}

/// A file with the reply that the yardstick sends: one of the product's own.
fn sample(prepared: &Prepared, scratch: &Scratch) -> anyhow::Result<PathBuf> {
    let config = crate::servers::config(&prepared.database);
    let api = Api::open(&config, ApiOptions::default())?.api;
    let reader = api.reader()?;
    let mut requests = Requests::new(Ask::Read, &prepared.key, prepared.users, 0);
    let answer = requests.with(|received| {
        let id = received.request_id;
        api.drive(api.begin(received, &reader), id)
    })?;
    drop(reader);
    api.stop();
    let file = scratch.path().join("reply.xml");
    std::fs::write(&file, answer.body)?;
    Ok(file)
}
