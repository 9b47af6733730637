//! `[mail]`: how mails leave.
//!
//! The protocol's settings know a server and a time-out, and anybody who may change settings may change those. A
//! password has no place among them: it stands here, or in a file of its own.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::faults::Faults;
use crate::domain::secret::Secret;

/// `[mail]`: how mails leave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// The mail server; blank: the setting `SMTPServer`.
    pub server: String,
    /// Its port; 0 = the usual one.
    pub port: u16,
    /// How the way there is encrypted.
    pub tls: MailTls,
    /// The name to log in with; blank: no login.
    pub user: String,
    /// The password for that.
    pub password: Secret,
    /// A file whose first line is the password; instead of `password`.
    pub password_file: PathBuf,
    /// Further authorities that the server's certificate may come from.
    pub ca_file: PathBuf,
    /// The name by which the program greets; blank: the setting `MailSenderHost`, else the machine's name.
    pub hello: String,
}

/// How the way to the mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// On request, and not without.
    #[default]
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all.
    None,
}

impl MailTls {
    /// The port that servers listen on for it.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

impl Mail {
    /// Notes what does not fit together.
    pub(super) fn check(&self, faults: &mut Faults) {
        for (key, text) in [("server", &self.server), ("hello", &self.hello)] {
            if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '/') {
                faults.add(&format!("mail.{key}"), format!("`mail.{key}` must be the name of a machine"));
            }
        }
        if self.server.matches(':').count() == 1 {
            faults.add("mail.server", "`mail.server` is a name alone: the port stands in `mail.port`");
        }
        let (stated, file) = (!self.password.reveal().is_empty(), !self.password_file.as_os_str().is_empty());
        if stated && file {
            let what = "`mail.password` and `mail.password_file` are both stated: leave one of them out";
            faults.add("mail.password", what);
        }
        if self.user.is_empty() == (stated || file) {
            faults.add("mail.user", "`mail.user` and a password belong together: state both or neither");
        }
        if !self.user.is_empty() && self.tls == MailTls::None && !is_here(&self.server) {
            let what =
                "`mail.tls` is none, so anybody on the way could read the password: take starttls or tls";
            faults.add("mail.tls", what);
        }
    }
}

/// Whether a server is this machine.
fn is_here(server: &str) -> bool {
    server == "localhost" || server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
