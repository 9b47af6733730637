//! TLS between the load and a server: a certificate made for the run, and a client that believes it alone.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, bail};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The certificate and its key, beside a database whose server is to have them.
pub const FILES: [&str; 2] = ["tls.pem", "tls.key"];

/// Makes them, as an operator does.
pub fn make(folder: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    command.args(["-subj", "/CN=regbench", "-addext", "subjectAltName=IP:127.0.0.1"]);
    command.args(["-addext", "basicConstraints=CA:FALSE", "-out", FILES[0], "-keyout", FILES[1]]);
    let made = command.current_dir(folder).output().context("openssl is needed to measure TLS")?;
    if !made.status.success() {
        bail!("openssl makes no certificate: {}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(())
}

/// A client that speaks TLS 1.3.
pub fn client(folder: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join(FILES[0]))?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
