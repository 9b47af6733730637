//! TLS: how connections are encrypted, and the certificate that is shown just now.
//!
//! The versions are 1.2 and 1.3 and nothing older, whatever the configuration says (`access.md` §2). The certificate is
//! held apart from the settings of the connections: each handshake asks for it anew, so another one can be shown from
//! one moment to the next, and connections that stand already keep what they have agreed on.

mod certificate;
mod validity;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use anyhow::bail;
use arc_swap::ArcSwap;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::config;
use crate::domain::time::Time;
pub use certificate::Certificate;

/// The version that a connection has agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(ProtocolVersion);

impl Version {
    /// Notes the version of a connection where requests can ask for it; one in plain text has none.
    pub fn note(connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
        if let Some(version) = stream.get_ref().1.protocol_version() {
            data.insert(Version(version));
        }
    }

    /// As other programs write it.
    pub fn name(self) -> &'static str {
        match self.0 {
            ProtocolVersion::TLSv1_3 => "TLSv1.3",
            _ => "TLSv1.2",
        }
    }
}

/// The certificate that is shown.
#[derive(Debug)]
pub struct Shown(ArcSwap<Certificate>);

impl Shown {
    /// The one of the configuration; nothing where nothing is encrypted. One that has ended is shown all the same: a
    /// start in the night must not fail for what callers will tell soon enough.
    pub fn open(config: &config::Tls, now: Time) -> anyhow::Result<Option<Arc<Shown>>> {
        if config.listen.is_empty() {
            return Ok(None);
        }
        let certificate = Certificate::read(config)?;
        certificate.tell(now);
        Ok(Some(Arc::new(Shown(ArcSwap::from_pointee(certificate)))))
    }

    /// The one that the configuration names now, to be shown from now on by [`Shown::hold`]. One that is not good takes
    /// no other's place.
    pub fn again(&self, config: &config::Tls, now: Time) -> anyhow::Result<Certificate> {
        let next = Certificate::read(config)?;
        if let Some(fault) = next.fault(now)
            && !next.is_same(&self.0.load())
        {
            bail!("{fault}");
        }
        Ok(next)
    }

    /// Shows that one from now on.
    pub fn hold(&self, next: Certificate, now: Time) {
        next.tell(now);
        self.0.store(Arc::new(next));
    }

    /// Days for which the certificate is still good.
    pub fn days_left(&self, now: Time) -> i64 {
        self.0.load().days_left(now)
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().key())
    }
}

/// The alert that a version is too old, in a record of the version that every client reads.
const TOO_OLD: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];
/// The most of a hello that is read only to be thrown away.
const MOST: u64 = 65_536;
/// The head of a record and of the hello in it, up to the version that the client speaks.
const HELLO: usize = 11;

/// Agrees with the client on how the connection is encrypted, within that time.
///
/// A client that speaks no version but old ones is told so here. The library would refuse it as well, but most often
/// for lacking an extension that old versions do not know, and with an alert that helps nobody to find out.
pub async fn accept(
    mut stream: TcpStream,
    settings: Arc<ServerConfig>,
    most: Duration,
) -> std::io::Result<TlsStream<TcpStream>> {
    let agree = async {
        let mut hello = [0; HELLO];
        let there = stream.peek(&mut hello).await?;
        if there == HELLO && is_too_old(&hello) {
            stream.write_all(&TOO_OLD).await?;
            stream.shutdown().await?;
            // What has come is taken, else the alert would be lost with it.
            tokio::io::copy(&mut (&mut stream).take(MOST), &mut tokio::io::sink()).await?;
            return Err(std::io::Error::other("a version of TLS before 1.2"));
        }
        Ok(TlsAcceptor::from(settings).accept(stream).await?.into())
    };
    tokio::time::timeout(most, agree).await?
}

/// Whether a hello is of a version before 1.2. Later ones call themselves 1.2 at this place.
fn is_too_old(hello: &[u8; HELLO]) -> bool {
    let [kind, .., message, _, _, _, major, minor] = *hello;
    kind == 22 && message == 1 && [major, minor] < [3, 3]
}

/// How connections are encrypted.
pub fn settings(shown: &Arc<Shown>) -> anyhow::Result<ServerConfig> {
    let settings = ServerConfig::builder_with_provider(default_provider().into())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth();
    let mut settings = settings.with_cert_resolver(shown.clone());
    settings.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(settings)
}
