//! A certificate with its key, read from the files of the configuration, and what may be wrong with them.
//!
//! Every fault is found here and not at the first handshake: a server that starts and then refuses everybody would be
//! found out by its callers. Each is told with what mends it, in the log and by `regserver check` alike.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use zeroize::Zeroizing;

use super::validity;
use crate::config;
use crate::domain::time::{DAY, Time};

/// With so few days left somebody should look why there is no new one.
const SOON: i64 = 14;

/// A certificate, those between it and its authority, and its key.
#[derive(Debug)]
pub struct Certificate {
    key: Arc<CertifiedKey>,
    begins: Time,
    ends: Time,
    file: PathBuf,
    /// The file of the key, where the program's group may read it too.
    shared: Option<PathBuf>,
}

impl Certificate {
    /// Reads both files; whether it is good just now is [`Certificate::fault`]'s to say.
    pub fn read(config: &config::Tls) -> anyhow::Result<Certificate> {
        let (key, shared) = private_key(&config.key)?;
        let file = config.certificate.clone();
        let chain = chain(&file)?;
        let damaged = || format!("tls.certificate: the first certificate in {} is damaged", file.display());
        let (begins, ends) =
            chain.first().and_then(|own| validity::of(own.as_ref())).with_context(damaged)?;
        let key = match CertifiedKey::from_der(chain, key, &default_provider()) {
            Ok(key) => Arc::new(key),
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => bail!(
                "tls.key: {} is not the key of the first certificate in {}: name the two files that were made \
                 together; the server's own certificate must come first, those between it and its authority behind it",
                config.key.display(),
                file.display()
            ),
            Err(Error::InvalidCertificate(_)) => bail!("{}: fetch or make it anew", damaged()),
            Err(error) => bail!(
                "tls.key: {} cannot be used: {error}; an RSA key of 2048 bits or more, or a key on the curve P-256 or \
                 P-384, or of Ed25519, can",
                config.key.display()
            ),
        };
        Ok(Certificate { key, begins, ends, file, shared: shared.then(|| config.key.clone()) })
    }

    /// What handshakes need.
    pub fn key(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }

    /// Whether both show the same.
    pub fn is_same(&self, other: &Certificate) -> bool {
        self.key.cert == other.key.cert
    }

    /// Days for which it is still good; none where it has ended.
    pub fn days_left(&self, now: Time) -> i64 {
        ((self.ends.0 - now.0) / DAY).max(0)
    }

    /// Why nobody will accept it just now.
    pub fn fault(&self, now: Time) -> Option<String> {
        let of = format!("tls.certificate: {}", self.file.display());
        if self.ends <= now {
            let ended = self.ends.rfc3339();
            return Some(format!(
                "{of} ended at {ended}, so callers refuse it: renew it, put the new one in its place, and send SIGHUP"
            ));
        }
        (now < self.begins).then(|| {
            let begins = self.begins.rfc3339();
            format!("{of} begins at {begins}, so callers refuse it until then: see whether the machine's clock is right")
        })
    }

    /// What an operator should know without anything being broken.
    pub fn note(&self, now: Time) -> Option<String> {
        let days = self.days_left(now);
        if days < SOON && self.ends > now {
            return Some(format!(
                "tls.certificate: {} ends in {days} days, at {}: renew it, put the new one in its place, and send SIGHUP",
                self.file.display(),
                self.ends.rfc3339()
            ));
        }
        let shared = self.shared.as_ref()?;
        Some(format!(
            "tls.key: {0} can be read by its whole group: chmod 600 {0}, unless that is meant",
            shared.display()
        ))
    }

    /// Where it was read from, and until when it is good.
    pub fn about(&self, now: Time) -> String {
        format!(
            "{}, good for {} days, until {}",
            self.file.display(),
            self.days_left(now),
            self.ends.rfc3339()
        )
    }

    /// Tells the log of it.
    pub fn tell(&self, now: Time) {
        match (self.fault(now), self.note(now)) {
            (Some(fault), _) => log::error!("{fault}"),
            (None, Some(note)) => log::warn!("{note}"),
            (None, None) => log::info!("the certificate is {}", self.about(now)),
        }
    }
}

fn chain(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let text = contents("tls.certificate", file)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = read.map_err(|error| anyhow::anyhow!("tls.certificate: {}: {error}", file.display()))?;
    if chain.is_empty() {
        bail!(
            "tls.certificate: there is no certificate in {}: a PEM file is expected, which begins with \
             -----BEGIN CERTIFICATE-----",
            file.display()
        );
    }
    Ok(chain)
}

/// The key, and whether the program's group may read it. Where everybody may, it is no secret any more.
fn private_key(file: &Path) -> anyhow::Result<(PrivateKeyDer<'static>, bool)> {
    let text = contents("tls.key", file)?;
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o007 != 0 {
        bail!("tls.key: {0} can be read by every user of this machine: chmod 600 {0}", file.display());
    }
    match PrivateKeyDer::from_pem_slice(&text) {
        Ok(key) => Ok((key, mode & 0o070 != 0)),
        Err(_) if text.windows(9).any(|part| part == b"ENCRYPTED") => bail!(
            "tls.key: {0} has a password, which nobody could type at a start: write it without one, `openssl pkey -in \
             {0} -out NEW`, and chmod 600 NEW",
            file.display()
        ),
        Err(error) => bail!(
            "tls.key: there is no private key in {}: a PEM file is expected, which begins with \
             -----BEGIN PRIVATE KEY----- ({error})",
            file.display()
        ),
    }
}

fn contents(key: &str, file: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = fs::File::open(file).and_then(|mut open| open.read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let mend = match error.kind() {
                ErrorKind::NotFound => "name the file that is there",
                _ => "let the program's user read it, and its folders",
            };
            Err(anyhow::anyhow!("{key}: cannot read {}: {error}: {mend}", file.display()))
        }
    }
}
