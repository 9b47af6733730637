//! What carries a connection: a socket, or TLS over it.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;

use rustix::fd::{AsFd, BorrowedFd};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

/// The way.
pub enum Way {
    /// In plain text.
    Plain(TcpStream),
    /// Over TLS.
    Encrypted(TcpStream, Box<ClientConnection>),
}

impl Way {
    /// Agrees with the server on how it is encrypted, if it is, and then waits for nobody.
    pub fn over(mut stream: TcpStream, client: Option<Arc<ClientConfig>>) -> anyhow::Result<Way> {
        let server: IpAddr = stream.peer_addr()?.ip();
        let Some(client) = client else {
            stream.set_nonblocking(true)?;
            return Ok(Way::Plain(stream));
        };
        let mut client = ClientConnection::new(client, ServerName::IpAddress(server.into()))?;
        while client.is_handshaking() {
            client.complete_io(&mut stream)?;
        }
        stream.set_nonblocking(true)?;
        Ok(Way::Encrypted(stream, Box::new(client)))
    }

    /// Sends all of it.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Way::Plain(stream) => stream.write_all(bytes),
            Way::Encrypted(stream, client) => {
                client.writer().write_all(bytes)?;
                while client.wants_write() {
                    client.write_tls(stream)?;
                }
                Ok(())
            }
        }
    }

    /// What is there.
    pub fn receive(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Way::Plain(stream) => stream.read(into),
            Way::Encrypted(stream, client) => {
                if client.read_tls(stream)? == 0 {
                    return Ok(0);
                }
                client.process_new_packets().map_err(std::io::Error::other)?;
                client.reader().read(into)
            }
        }
    }
}

impl AsFd for Way {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Way::Plain(stream) | Way::Encrypted(stream, _) => stream.as_fd(),
        }
    }
}
