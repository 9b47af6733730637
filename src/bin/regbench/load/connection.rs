//! One connection: one request at a time, and its reply checked.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustls::ClientConfig;

use super::way::Way;
use crate::reply;

/// Longer than any reply: fifty users with everything about them.
const BUFFER: usize = 64 << 10;

/// A connection.
pub struct Connection {
    /// Whose requests it carries.
    pub lane: usize,
    way: Way,
    since: Instant,
    expected: Option<&'static str>,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// Connects from an address; the standard library cannot choose that.
    pub fn open(
        server: SocketAddr,
        from: Ipv4Addr,
        lane: usize,
        client: Option<Arc<ClientConfig>>,
    ) -> anyhow::Result<Connection> {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
        bind(&socket, &SocketAddrV4::new(from, 0))?;
        connect(&socket, &server).context("the server cannot be reached")?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        Ok(Connection {
            lane,
            way: Way::over(stream, client)?,
            since: Instant::now(),
            expected: None,
            buffer: vec![0; BUFFER],
            filled: 0,
        })
    }

    /// Whether a reply is under way.
    pub fn waits(&self) -> bool {
        self.expected.is_some()
    }

    /// Sends a request whose time counts from `since`.
    pub fn send(&mut self, request: &[u8], expected: &'static str, since: Instant) -> anyhow::Result<()> {
        self.since = since;
        self.expected = Some(expected);
        // The connection is empty, so the few hundred bytes always fit.
        self.way.send(request).context("a request cannot be sent")
    }

    /// Reads what is there; the time that the reply took, once it is complete.
    pub fn read(&mut self) -> anyhow::Result<Option<Duration>> {
        match self.way.receive(&mut self.buffer[self.filled..]) {
            Ok(0) => bail!("the server closed a connection, or its reply is too long"),
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let received = &self.buffer[..self.filled];
        let Some((length, body)) = reply::complete(received)? else { return Ok(None) };
        let expected = self.expected.take().filter(|_| length == received.len());
        let Some(expected) = expected else { bail!("the server sent more than one reply to a request") };
        reply::check(&received[body..], expected)?;
        self.filled = 0;
        Ok(Some(self.since.elapsed()))
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.way.as_fd()
    }
}
