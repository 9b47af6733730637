//! Whom a call over TLS believes: the known authorities of the web, or the one that `--cacert` names.
//!
//! A company's own authority, or a certificate that a server has signed for itself, is named for the call alone. There
//! is no way to believe whatever certificate comes: a call carries what must not reach anybody else.

use std::path::PathBuf;

use clap::Args;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::call::quoted;
use super::{Failure, WRONG};

/// The authorities.
#[derive(Args)]
pub struct Trust {
    /// Over https: a file (PEM) with the certificates to believe in, in place of the known authorities
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

impl Trust {
    /// How a call is encrypted where its address says https.
    pub fn settings(&self) -> Result<TlsConfig, Failure> {
        let Some(file) = &self.cacert else { return Ok(TlsConfig::default()) };
        let wrong = |why: &str| Failure(WRONG, format!("--cacert: {}: {why}", file.display()));
        let text = std::fs::read(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        let mut found: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&text) {
            if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(&error.to_string()))? {
                found.push(certificate);
            }
        }
        if found.is_empty() {
            return Err(wrong("there is no certificate in it; it begins with -----BEGIN CERTIFICATE-----"));
        }
        Ok(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&found)).build())
    }

    /// The same for curl, with a blank behind it.
    pub fn curl(&self) -> String {
        let shown = |file: &PathBuf| format!("--cacert {} ", quoted(&file.display().to_string()));
        self.cacert.as_ref().map_or_else(String::new, shown)
    }
}

/// What may help where a call came to no answer.
pub fn hint(error: &str) -> &'static str {
    match error {
        _ if error.contains("UnknownIssuer") => "name the file of its authority with --cacert",
        _ if error.contains("CaUsedAsEndEntity") => {
            "the server shows the certificate of an authority: make one with the extension basicConstraints=CA:FALSE"
        }
        _ if error.contains("NotValidForName") || error.contains("not valid for name") => {
            "call it by a name that its certificate has"
        }
        _ if error.contains("Expired") || error.contains("expired") => {
            "its certificate has ended: it needs a new one"
        }
        _ if error.contains("certificate") => {
            "see which certificate it shows: `openssl s_client -connect HOST:PORT`"
        }
        _ if error.contains("invalid HTTP version") => "does it want https:// there?",
        _ if error.contains("InvalidContentType") || error.contains("corrupt message") => {
            "does it want http:// there?"
        }
        _ if error.contains("invalid format") || error.contains("scheme") => {
            "write the whole address, such as http://127.0.0.1:8080"
        }
        _ => "start it with `regserver serve`",
    }
}
