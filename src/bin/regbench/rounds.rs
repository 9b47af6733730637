//! The run: databases, servers, rounds, table.
//!
//! What a wanted row does not need is not made: a million users take a minute to fill in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use regserver::api::{Api, Options as ApiOptions};
use rustls::ClientConfig;

use crate::child::Child;
use crate::databases::Prepared;
use crate::encryption;
use crate::failures;
use crate::floods;
use crate::goals::GOALS;
use crate::imports;
use crate::kinds::{Calls, Kind, Mails, Server};
use crate::load::{self, Bound, Lane, Measured, Plan};
use crate::machine::{self, Cores};
use crate::mails;
use crate::options::Options;
use crate::report::{Report, say};
use crate::requests::{Ask, Requests};
use crate::rows::{ROWS, Row};
use crate::scratch::Scratch;
use crate::servers;
use crate::single;
use crate::sink::Sink;
use crate::statements::{self, Statements};

/// How long a server may take until its first mail has left.
const FIRST_MAIL: Duration = Duration::from_secs(10);
/// Users of the small databases.
const FEW: u64 = 10_000;
/// Passwords that an import has for each second of a row: about as many as one core hashes.
const HASHES: u64 = 64;
/// Registrations before those that count.
const WARM_REGISTRATIONS: u32 = 256;

/// Measures everything that is wanted and prints it.
pub fn run(options: &Options, scratch: &Scratch) -> anyhow::Result<()> {
    let rows = wanted(options);
    let cores = Cores::choose()?;
    say(&format!(
        "server on core {}, load on core {}; {} rounds of {:.1} s a row; databases in {}{}",
        cores.server,
        cores.load,
        options.rounds(),
        options.length().as_secs_f64(),
        options.folder.display(),
        if cfg!(debug_assertions) { "; a debug build, its figures mean nothing" } else { "" },
    ))?;
    let mut bench = Bench::prepare(options, cores, scratch, &rows)?;
    machine::pin(cores.load)?;
    let users = |row: &Row| match row.kind.server() {
        None | Some(Server::Yardstick | Server::Empty) => 0,
        Some(Server::Many) => options.many(),
        Some(Server::Small) => options.many() / 1_000,
        Some(Server::Few | Server::Logins | Server::Mixed | Server::Assigned | Server::Uncounted) => FEW,
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
    let compared = |name: &str| GOALS.iter().any(|goal| options.wants(goal.row) && goal.against.needs(name));
    let rows = ROWS.iter().enumerate();
    rows.filter(|(at, row)| *at == 0 || options.wants(row.name) || compared(row.name))
        .map(|(_, row)| row)
        .collect()
}

/// A server that stays from round to round.
struct Running {
    child: Child,
    prepared: Prepared,
    /// Where logins and registrations go on, so that no user comes twice.
    next: u64,
}

impl Running {
    /// Where it is asked, and how that is encrypted.
    fn reached(&self, encrypted: bool) -> anyhow::Result<(SocketAddr, Option<Arc<ClientConfig>>)> {
        if !encrypted {
            return Ok((self.child.address, None));
        }
        let address = self.child.encrypted.context("this server does not encrypt")?;
        Ok((address, Some(encryption::client(self.prepared.folder())?)))
    }
}

struct Bench<'a> {
    options: &'a Options,
    cores: Cores,
    scratch: &'a Scratch,
    servers: HashMap<&'static str, Running>,
    /// The databases that servers are started on anew.
    starts: HashMap<&'static str, Prepared>,
    empty: Prepared,
    /// The one with mails that wait.
    outbox: Option<Prepared>,
    statements: Option<Statements>,
}

/// What two rows with the same server share.
fn name(server: Server) -> &'static str {
    match server {
        Server::Yardstick => "yardstick",
        Server::Few => "few",
        Server::Many | Server::Small => "many",
        Server::Logins => "logins",
        Server::Mixed => "mixed",
        Server::Assigned => "assigned",
        Server::Uncounted => "uncounted",
        Server::Empty => "empty",
    }
}

impl<'a> Bench<'a> {
    fn prepare(
        options: &'a Options,
        cores: Cores,
        scratch: &'a Scratch,
        rows: &[&Row],
    ) -> anyhow::Result<Bench<'a>> {
        let few = Prepared::new(&scratch.folder("few")?, FEW)?;
        let empty = Prepared::new(&scratch.folder("empty")?, 0)?;
        if rows.iter().any(|row| matches!(row.kind, Kind::Calls(Calls { encrypted: true, .. }))) {
            encryption::make(few.folder())?;
        }
        let recorded = rows.iter().any(|row| matches!(row.kind, Kind::Statements { .. }));
        let statements = match recorded {
            true => {
                let copy = empty.copy(&scratch.folder("recorded")?)?;
                Some(statements::record(&copy, options.registrations() + u64::from(WARM_REGISTRATIONS))?)
            }
            false => None,
        };
        let mut outbox = None;
        if rows.iter().any(|row| row.kind == Kind::Mails) {
            let copy = empty.copy(&scratch.folder("outbox")?)?;
            mails::fill(&copy, options.mails())?;
            outbox = Some(copy);
        }
        let (servers, starts) = (HashMap::new(), HashMap::new());
        let mut bench = Bench { options, cores, scratch, servers, starts, empty, outbox, statements };
        let yardstick = Child::yardstick(&sample(&few, scratch)?, cores.server)?;
        bench.servers.insert("yardstick", Running { child: yardstick, prepared: few.clone(), next: 0 });
        bench.start_all(rows, few)?;
        Ok(bench)
    }

    /// The servers that rows need, and the databases of those that only start.
    fn start_all(&mut self, rows: &[&Row], few: Prepared) -> anyhow::Result<()> {
        let needs = |name_: &str, starts: bool| {
            let needed = |row: &&Row| {
                row.kind.server().is_some_and(|server| name(server) == name_)
                    && matches!(row.kind, Kind::Starts(_)) == starts
            };
            rows.iter().any(needed)
        };
        if needs("many", false) || needs("many", true) {
            let started = Instant::now();
            let many = Prepared::new(&self.scratch.folder("many")?, self.options.many())?;
            let seconds = started.elapsed().as_secs_f64();
            say(&format!("{} users were filled in within {seconds:.1} s", self.options.many()))?;
            if needs("many", true) {
                self.starts.insert("many", many.copy(&self.scratch.folder("many-start")?)?);
            }
            if needs("many", false) {
                self.serve("many", many)?;
            }
        }
        if needs("empty", true) {
            self.starts.insert("empty", self.empty.copy(&self.scratch.folder("empty-start")?)?);
        }
        for own in ["logins", "mixed", "assigned", "uncounted"].into_iter().filter(|own| needs(own, false)) {
            self.serve(own, few.copy(&self.scratch.folder(own)?)?)?;
        }
        self.serve("few", few)
    }

    fn serve(&mut self, name: &'static str, prepared: Prepared) -> anyhow::Result<()> {
        let child = match name {
            "uncounted" => Child::uncounted(&prepared.database, self.cores.server)?,
            _ => Child::api(&prepared.database, self.cores.server)?,
        };
        self.servers.insert(name, Running { child, prepared, next: 0 });
        Ok(())
    }

    fn measure(&mut self, row: &Row, round: usize) -> anyhow::Result<Measured> {
        let core = self.cores.server;
        match row.kind {
            Kind::Calls(calls) => self.calls(&calls, round),
            Kind::Registrations { connections, mails } => self.registrations(connections, mails),
            Kind::Mails => {
                let outbox = self.outbox.as_ref().context("no mails were prepared")?;
                mails::run(&outbox.copy(&self.scratch.folder("mails")?)?, core, self.options.mails())
            }
            Kind::Flood => {
                let copy = self.empty.copy(&self.scratch.folder("flooded")?)?;
                floods::run(&copy, core, self.options.length(), self.cores.apart())
            }
            Kind::Statements { group } => self.statements(group),
            Kind::Failures => {
                let copy = self
                    .servers
                    .get("few")
                    .context("this server was not started")?
                    .prepared
                    .copy(&self.scratch.folder("failures")?)?;
                failures::run(&copy, core, self.options.failures())
            }
            Kind::Import { passwords } => {
                let copy = self.empty.copy(&self.scratch.folder("imported")?)?;
                let rows = match passwords {
                    true => HASHES * self.options.length().as_secs().max(1),
                    false => self.options.registrations(),
                };
                imports::run(&copy, core, rows, passwords)
            }
            Kind::Hashes => single::hashes(core, self.options.length()),
            Kind::Starts(server) => {
                let prepared = self.starts.get(name(server)).context("this database was not prepared")?;
                single::starts(prepared, core, self.options.starts())
            }
        }
    }

    fn calls(&mut self, calls: &Calls, round: usize) -> anyhow::Result<Measured> {
        let Calls { server, ask, connections, beside, pace, encrypted } = *calls;
        let bounds = match ask {
            Ask::Register | Ask::Assign => self.registered(),
            _ => (self.warm(), self.length()),
        };
        let spin = self.cores.apart();
        let running = self.servers.get_mut(name(server)).context("this server was not started")?;
        let from = match (server, ask) {
            (Server::Small, _) => servers::SMALL_HERE,
            (_, Ask::ReadStrange) => servers::STRANGER,
            (_, Ask::ReadSigned) => servers::PROXY,
            _ => servers::HERE,
        };
        let (server_at, client) = running.reached(encrypted)?;
        let plan = Plan { server: server_at, from, client, warm: bounds.0, measure: bounds.1, pace, spin };
        let Prepared { users, small, .. } = running.prepared;
        let numbers = if server == Server::Small { users..users + small } else { 0..users };
        let requests = |ask| {
            Requests::new(ask, servers::KEY.as_bytes(), numbers.clone(), round as u64)
                .starting_at(running.next)
        };
        let mut all = vec![(requests(ask), connections)];
        all.extend(beside.map(|(ask, connections)| (requests(ask), connections)));
        let measured = measure_calls(&plan, &mut all, &running.child)?;
        running.next = all.iter().map(|(requests, _)| requests.position()).max().unwrap_or(0);
        Ok(measured)
    }

    fn registrations(&self, connections: usize, mails: Mails) -> anyhow::Result<Measured> {
        let prepared = self.empty.copy(&self.scratch.folder("registered")?)?;
        let (database, core, sink) = (&prepared.database, self.cores.server, Sink::start()?);
        let (child, ask) = match mails {
            Mails::None => (Child::api(database, core)?, Ask::Register),
            Mails::Wait => (Child::api(database, core)?, Ask::RegisterByMail),
            Mails::Leave => (Child::mailing(database, core, sink.port)?, Ask::RegisterByMail),
        };
        let (warm, measure) = self.registered();
        let (server, spin) = (child.address, self.cores.apart());
        let plan = Plan { server, from: servers::HERE, client: None, warm, measure, pace: None, spin };
        let requests = Requests::new(ask, servers::KEY.as_bytes(), 0..0, 0);
        let measured = measure_calls(&plan, &mut [(requests, connections)], &child)?;
        let none_left = || mails == Mails::Leave && sink.kept().times.is_empty();
        // A short measurement may be over before the first one has left.
        let begun = Instant::now();
        while none_left() {
            if begun.elapsed() > FIRST_MAIL {
                bail!("no mail left");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(measured)
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

    /// Registrations that do not count, and those that do.
    fn registered(&self) -> (Bound, Bound) {
        let warm = Bound { requests: WARM_REGISTRATIONS.into(), ..self.length() };
        (warm, Bound { requests: self.options.registrations(), ..self.length() })
    }
}

fn measure_calls(plan: &Plan, requests: &mut [(Requests, usize)], child: &Child) -> anyhow::Result<Measured> {
    let mut lanes: Vec<Lane<'_>> = requests
        .iter_mut()
        .map(|(requests, connections)| Lane { requests, connections: *connections })
        .collect();
    let measured = load::run(plan, &mut lanes, &mut || child.used());
    let measured = measured.with_context(|| format!("the server's log ends: {}", child.complaint()))?;
    child.forget_log()?;
    Ok(measured)
}

/// A file with the reply that the yardstick sends: one of the product's own.
fn sample(prepared: &Prepared, scratch: &Scratch) -> anyhow::Result<PathBuf> {
    let config = servers::config(&prepared.database)?;
    let api = Api::open(&config, ApiOptions::default())?.api;
    let reader = api.reader()?;
    let mut requests = Requests::new(Ask::Read, servers::KEY.as_bytes(), 0..prepared.users, 0);
    let answer = requests.with(|received| {
        let (wire, id) = (received.wire, received.request_id);
        api.drive(api.begin(received, &reader), wire, id)
    })?;
    drop(reader);
    api.stop();
    let file = scratch.path().join("reply.xml");
    std::fs::write(&file, answer.body)?;
    Ok(file)
}
