//! The load: a closed loop over a number of connections, on one thread with `epoll`.
//!
//! Each connection sends the next request when it has its reply, so as many requests are under way as
//! there are connections. An async runtime would do the same with more work for each request, and the
//! load program must never be what is measured: its own share of its core is reported with the rest.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::event::{Timespec, epoll};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use crate::child::Used;
use crate::reply;
use crate::requests::Requests;

/// A server that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(20);
/// For so long it asks again and again for replies before it sleeps. Waking a sleeping core costs
/// whoever wakes it, here the server, and more the slower it is; a client on another machine costs it
/// nothing.
const SPIN: Duration = Duration::from_micros(200);
const BUFFER: usize = 8 << 10;

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
    /// How many there are.
    pub connections: usize,
    /// What is not counted.
    pub warm: Bound,
    /// What is.
    pub measure: Bound,
    /// Whether the load has a core for itself, and need not sleep at once when nothing is there.
    pub spin: bool,
    /// How the reply proper begins.
    pub expected: &'static str,
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
    /// The share of the time in which the load program had something to do.
    pub busy: Option<f64>,
}

/// Runs the plan.
pub fn run(
    plan: &Plan,
    requests: &mut Requests,
    used: &mut dyn FnMut() -> anyhow::Result<Used>,
) -> anyhow::Result<Measured> {
    let mut load = Load::new(plan, requests)?;
    load.send_first()?;
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
    })
}

fn percentiles(latencies: &mut [Duration]) -> Option<(Duration, Duration)> {
    latencies.sort_unstable();
    let at =
        |share: usize| latencies.get((latencies.len() * share / 100).min(latencies.len().wrapping_sub(1)));
    Some((*at(50)?, *at(99)?))
}

/// One connection.
struct Connection {
    stream: TcpStream,
    sent: Instant,
    waiting: bool,
    buffer: Vec<u8>,
    filled: usize,
}

struct Load<'a> {
    plan: &'a Plan,
    requests: &'a mut Requests,
    epoll: rustix::fd::OwnedFd,
    events: Vec<epoll::Event>,
    connections: Vec<Connection>,
    request: Vec<u8>,
    latencies: Vec<Duration>,
    heard: Instant,
    idle: Duration,
}

impl<'a> Load<'a> {
    fn new(plan: &'a Plan, requests: &'a mut Requests) -> anyhow::Result<Load<'a>> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(plan.connections);
        for number in 0..plan.connections {
            let stream = open(plan)?;
            let data = epoll::EventData::new_u64(number as u64);
            epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
            let (sent, buffer) = (Instant::now(), vec![0; BUFFER]);
            connections.push(Connection { stream, sent, waiting: false, buffer, filled: 0 });
        }
        Ok(Load {
            plan,
            requests,
            epoll,
            events: Vec::with_capacity(plan.connections),
            connections,
            request: Vec::with_capacity(1024),
            latencies: Vec::with_capacity(1 << 16),
            heard: Instant::now(),
            idle: Duration::ZERO,
        })
    }

    fn send_first(&mut self) -> anyhow::Result<()> {
        (0..self.connections.len()).try_for_each(|number| self.send(number))
    }

    fn send(&mut self, number: usize) -> anyhow::Result<()> {
        self.requests.write(&mut self.request)?;
        let connection = &mut self.connections[number];
        connection.sent = Instant::now();
        connection.waiting = true;
        // The connection is empty, so the few hundred bytes always fit.
        connection.stream.write_all(&self.request).context("a request cannot be sent")
    }

    /// Sends and receives until the bound.
    fn go_on(&mut self, bound: Bound) -> anyhow::Result<()> {
        let started = Instant::now();
        let most = bound.requests.saturating_add(self.latencies.len() as u64);
        while started.elapsed() < bound.time && (self.latencies.len() as u64) < most {
            let left = bound.time.saturating_sub(started.elapsed());
            self.receive(left, true)?;
        }
        Ok(())
    }

    /// Receives what is under way and sends nothing more.
    fn drain(&mut self) -> anyhow::Result<()> {
        while self.connections.iter().any(|connection| connection.waiting) {
            self.receive(SILENCE, false)?;
        }
        Ok(())
    }

    fn receive(&mut self, longest: Duration, again: bool) -> anyhow::Result<()> {
        if self.wait(Duration::ZERO)? == 0 {
            let since = Instant::now();
            while self.wait(Duration::ZERO)? == 0 && since.elapsed() < SPIN.min(longest) && self.plan.spin {}
            if self.events.is_empty() {
                self.wait(longest.min(SILENCE))?;
            }
            self.idle += since.elapsed();
        }
        if self.events.is_empty() && self.heard.elapsed() >= SILENCE {
            bail!("the server does not answer");
        }
        for at in 0..self.events.len() {
            let number = usize::try_from(self.events[at].data.u64())?;
            if self.read(number)? && again {
                self.send(number)?;
            }
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

    /// Reads what is there; whether it completed the reply.
    fn read(&mut self, number: usize) -> anyhow::Result<bool> {
        let connection = &mut self.connections[number];
        match connection.stream.read(&mut connection.buffer[connection.filled..]) {
            Ok(0) => bail!("the server closed a connection, or its reply is too long"),
            Ok(read) => connection.filled += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let received = &connection.buffer[..connection.filled];
        let Some((length, body)) = reply::complete(received)? else { return Ok(false) };
        if length != received.len() || !connection.waiting {
            bail!("the server sent more than one reply to a request");
        }
        reply::check(&received[body..], self.plan.expected)?;
        self.latencies.push(connection.sent.elapsed());
        connection.filled = 0;
        connection.waiting = false;
        Ok(true)
    }
}

/// The standard library cannot choose the address that a connection comes from.
fn open(plan: &Plan) -> anyhow::Result<TcpStream> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddrV4::new(plan.from, 0))?;
    connect(&socket, &plan.server).context("the server cannot be reached")?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}
