//! `[tls]`: where calls are encrypted, and with which certificate.
//!
//! A section of its own beside `[server]`, so that a plain address and an encrypted one can stand side by side: one for
//! this machine, one for everybody. Versions and ciphers are no keys: what is sound is the program's business, and a key
//! for them would only be set to allow what is not.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Server;
use super::faults::Faults;

/// `[tls]`: where calls are encrypted, and with which certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tls {
    /// The socket addresses to listen on; none = calls are nowhere encrypted.
    pub listen: Vec<SocketAddr>,
    /// The file of the certificate and those between it and its authority.
    pub certificate: PathBuf,
    /// The file of its private key.
    pub key: PathBuf,
    /// Seconds for which a browser shall come back only encrypted; 0 = nothing is said of that.
    pub hsts_seconds: u32,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            hsts_seconds: 31_536_000,
        }
    }
}

impl Tls {
    /// Notes what is wrong with it, also beside the addresses of calls that are not encrypted.
    pub(super) fn check(&self, server: &Server, faults: &mut Faults) {
        let files = [("certificate", &self.certificate), ("key", &self.key)];
        for (name, file) in files {
            let path = format!("tls.{name}");
            match (self.listen.is_empty(), file.as_os_str().is_empty()) {
                (false, true) => faults
                    .add(&path, format!("`{path}` must name a file, because `tls.listen` names an address")),
                (true, false) => {
                    let what = format!(
                        "`{path}` is used nowhere: `tls.listen` must name an address, such as [\"0.0.0.0:8443\"]"
                    );
                    faults.add(&path, what);
                }
                _ => {}
            }
        }
        let both = self.listen.iter().find(|address| address.port() != 0 && server.listen.contains(address));
        if let Some(both) = both {
            let what = format!(
                "`tls.listen` and `server.listen` both have {both}: calls there are encrypted or they are not"
            );
            faults.add("tls.listen", what);
        }
    }
}
