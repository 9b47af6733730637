//! TLS: how connections are encrypted, and the certificate that is shown just now.
//!
//! The versions are 1.2 and 1.3 and nothing older, whatever the configuration says (`access.md` §2). The certificate is
//! held apart from the settings of the connections: each handshake asks for it anew, so another one can be shown from
//! one moment to the next, and connections that stand already keep what they have agreed on.

mod certificate;
mod validity;

use std::any::Any;
use std::sync::Arc;

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

use crate::config;
use crate::domain::time::Time;
pub use certificate::{Certificate, SOON};

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

/// How connections are encrypted.
pub fn settings(shown: &Arc<Shown>) -> anyhow::Result<ServerConfig> {
    let settings = ServerConfig::builder_with_provider(default_provider().into())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth();
    Ok(settings.with_cert_resolver(shown.clone()))
}
