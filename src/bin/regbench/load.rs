//! The load: requests over a number of connections, on one thread with `epoll`.
//!
//! In a closed loop each connection sends the next request when it has its reply, so as many requests
//! are under way as there are connections. In an open loop requests fall due at a fixed pace, whatever
//! the server does, and their time counts from when they were due: what waits behind a slow reply is
//! slow too. An async runtime would do the same with more work for each request, and the load program
//! must never be what is measured: its own share of its core is reported with the rest.

#[path = "load/connection.rs"]
mod connection;
#[path = "load/way.rs"]
mod way;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use rustix::event::{Timespec, epoll};
use rustls::ClientConfig;

use crate::child::Used;
use crate::requests::Requests;
use connection::Connection;

/// A server that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(20);
/// For so long it asks again and again for replies before it sleeps. Waking a sleeping core costs
/// whoever wakes it, here the server, and more the slower it is; a client on another machine costs it
/// nothing.
const SPIN: Duration = Duration::from_micros(200);

/// How long, or how much: whichever comes first.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// The time.
    pub time: Duration,
    /// The number of replies.
    pub requests: u64,
}

/// What one measurement is to do.
pub struct Plan {
    /// Where the server is.
    pub server: SocketAddr,
    /// The address that the connections come from.
    pub from: Ipv4Addr,
    /// How the connections are encrypted; none: not at all.
    pub client: Option<Arc<ClientConfig>>,
    /// What is not counted.
    pub warm: Bound,
    /// What is.
    pub measure: Bound,
    /// Requests a second of the open loop; none: a closed one.
    pub pace: Option<u32>,
    /// Whether the load has a core for itself, and need not sleep at once when nothing is there.
    pub spin: bool,
}

/// Requests and the connections that they go over.
pub struct Lane<'a> {
    /// The requests.
    pub requests: &'a mut Requests,
    /// How many connections there are.
    pub connections: usize,
}

/// What was measured.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Replies.
    pub requests: u64,
    /// In that time.
    pub time: Duration,
    /// Middle and 99th percentile of the time from request to reply.
    pub latency: Option<(Duration, Duration)>,
    /// Processor time of the server.
    pub nanos: u64,
    /// Own memory of the server at the end, with all connections waiting.
    pub memory_kib: Option<u64>,
    /// Commits of the server.
    pub commits: Option<u64>,
    /// Bytes of the API log with its write-ahead log, for each minute.
    pub api_log: Option<u64>,
    /// Bytes of the text log, for each minute.
    pub text_log: Option<u64>,
    /// The share of the time in which the load program had something to do.
    pub busy: Option<f64>,
}

/// Runs the plan: all lanes at once, the first one is measured.
pub fn run(
    plan: &Plan,
    lanes: &mut [Lane<'_>],
    used: &mut dyn FnMut() -> anyhow::Result<Used>,
) -> anyhow::Result<Measured> {
    let mut load = Load::new(plan, lanes)?;
    load.start()?;
    load.go_on(plan.warm)?;
    let (before, started) = (used()?, Instant::now());
    load.latencies.clear();
    load.idle = Duration::ZERO;
    load.go_on(plan.measure)?;
    let (time, after, idle) = (started.elapsed(), used()?, load.idle);
    let mut latencies = std::mem::take(&mut load.latencies);
    load.drain()?;
    Ok(Measured {
        requests: latencies.len() as u64,
        time,
        latency: percentiles(&mut latencies),
        nanos: after.nanos.saturating_sub(before.nanos),
        memory_kib: Some(after.memory_kib),
        commits: Some(u64::from(after.commits.wrapping_sub(before.commits))),
        busy: Some(1.0 - idle.as_secs_f64() / time.as_secs_f64()),
        ..Measured::default()
    })
}

/// The middle and the 99th percentile.
pub fn percentiles(times: &mut [Duration]) -> Option<(Duration, Duration)> {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().wrapping_sub(1)));
    Some((*at(50)?, *at(99)?))
}

struct Load<'a, 'b> {
    plan: &'a Plan,
    lanes: &'a mut [Lane<'b>],
    epoll: rustix::fd::OwnedFd,
    events: Vec<epoll::Event>,
    connections: Vec<Connection>,
    /// In an open loop, connections without a request.
    free: VecDeque<usize>,
    /// In an open loop, when the next request is due.
    due: Instant,
    request: Vec<u8>,
    latencies: Vec<Duration>,
    heard: Instant,
    idle: Duration,
}

impl<'a, 'b> Load<'a, 'b> {
    fn new(plan: &'a Plan, lanes: &'a mut [Lane<'b>]) -> anyhow::Result<Load<'a, 'b>> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections: Vec<Connection> = Vec::new();
        for (lane, part) in lanes.iter().enumerate() {
            for _ in 0..part.connections {
                let connection = Connection::open(plan.server, plan.from, lane, plan.client.clone())?;
                let data = epoll::EventData::new_u64(connections.len() as u64);
                epoll::add(&epoll, &connection, data, epoll::EventFlags::IN)?;
                connections.push(connection);
            }
        }
        Ok(Load {
            plan,
            lanes,
            epoll,
            events: Vec::with_capacity(connections.len()),
            connections,
            free: VecDeque::new(),
            due: Instant::now(),
            request: Vec::with_capacity(1024),
            latencies: Vec::with_capacity(1 << 16),
            heard: Instant::now(),
            idle: Duration::ZERO,
        })
    }

    fn start(&mut self) -> anyhow::Result<()> {
        let all = 0..self.connections.len();
        match self.plan.pace {
            Some(_) => self.free.extend(all),
            None => all.into_iter().try_for_each(|number| self.send(number, Instant::now()))?,
        }
        Ok(())
    }

    fn send(&mut self, number: usize, since: Instant) -> anyhow::Result<()> {
        let connection = &mut self.connections[number];
        let expected = self.lanes[connection.lane].requests.write(&mut self.request)?;
        connection.send(&self.request, expected, since)
    }

    /// Sends and receives until the bound.
    fn go_on(&mut self, bound: Bound) -> anyhow::Result<()> {
        let started = Instant::now();
        let most = bound.requests.saturating_add(self.latencies.len() as u64);
        self.due = started;
        while started.elapsed() < bound.time && (self.latencies.len() as u64) < most {
            let mut left = bound.time.saturating_sub(started.elapsed());
            if let Some(pace) = self.plan.pace {
                self.send_due(Duration::from_secs(1) / pace.max(1))?;
                if !self.free.is_empty() {
                    left = left.min(self.due.saturating_duration_since(Instant::now()));
                }
            }
            self.receive(left, true)?;
        }
        Ok(())
    }

    /// Sends what is due, as far as connections are free; the rest stays due.
    fn send_due(&mut self, every: Duration) -> anyhow::Result<()> {
        while self.due <= Instant::now() {
            let Some(number) = self.free.pop_front() else { break };
            self.send(number, self.due)?;
            self.due += every;
        }
        Ok(())
    }

    /// Receives what is under way and sends nothing more.
    fn drain(&mut self) -> anyhow::Result<()> {
        while self.connections.iter().any(Connection::waits) {
            self.receive(SILENCE, false)?;
        }
        Ok(())
    }

    fn receive(&mut self, longest: Duration, again: bool) -> anyhow::Result<()> {
        if self.wait(Duration::ZERO)? == 0 {
            let since = Instant::now();
            while self.wait(Duration::ZERO)? == 0 && since.elapsed() < SPIN.min(longest) && self.plan.spin {}
            if self.events.is_empty() && since.elapsed() < longest {
                self.wait((longest - since.elapsed()).min(SILENCE))?;
            }
            self.idle += since.elapsed();
        }
        if self.events.is_empty() && self.heard.elapsed() >= SILENCE {
            bail!("the server does not answer");
        }
        for at in 0..self.events.len() {
            let number = usize::try_from(self.events[at].data.u64())?;
            self.read(number, again)?;
        }
        if !self.events.is_empty() {
            self.heard = Instant::now();
        }
        Ok(())
    }

    fn wait(&mut self, longest: Duration) -> anyhow::Result<usize> {
        let longest = Timespec::try_from(longest)?;
        self.events.clear();
        let space = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, space, Some(&longest)) {
            Err(rustix::io::Errno::INTR) => Ok(0),
            ready => Ok(ready?),
        }
    }

    /// Reads what is there; where that completes the reply, the connection goes on.
    fn read(&mut self, number: usize, again: bool) -> anyhow::Result<()> {
        let connection = &mut self.connections[number];
        let Some(took) = connection.read()? else { return Ok(()) };
        if connection.lane == 0 {
            self.latencies.push(took);
        }
        match self.plan.pace {
            Some(_) => self.free.push_back(number),
            None if again => self.send(number, Instant::now())?,
            None => {}
        }
        Ok(())
    }
}
