//! Where mails are handed over, from the configuration and the settings.

use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::config::{Mail, MailTls};
use crate::domain::secret::Secret;
use crate::domain::settings::ServerSettings;

/// How much longer a lease is than one answer may take.
const MARGIN: Duration = Duration::from_secs(15);
/// So old may a lease be when the next answer is waited for.
pub const RENEWED: Duration = Duration::from_secs(10);

/// A mail server and how it is spoken to.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is encrypted.
    pub tls: MailTls,
    /// The name to log in with; blank: no login.
    pub user: String,
    /// The password for that.
    pub password: Secret,
    /// Further authorities, PEM; blank: none.
    pub authorities: Vec<u8>,
    /// The name by which the program greets.
    pub hello: String,
    /// How long one answer may take.
    pub timeout: Duration,
}

impl Target {
    /// The mail server, if there is one.
    pub fn of(config: &Mail, settings: &ServerSettings) -> anyhow::Result<Option<Target>> {
        let (host, port) = match config.server.as_str() {
            "" => parts(&settings.smtp_server),
            server => (server, None),
        };
        if host.is_empty() {
            return Ok(None);
        }
        let stated = (config.port != 0).then_some(config.port);
        let authorities = match config.ca_file.as_os_str().is_empty() {
            true => Vec::new(),
            false => fs::read(&config.ca_file)
                .with_context(|| format!("mail.ca_file {}", config.ca_file.display()))?,
        };
        Ok(Some(Target {
            host: host.to_owned(),
            port: stated.or(port).unwrap_or_else(|| config.tls.port()),
            tls: config.tls,
            user: config.user.clone(),
            password: password(config)?,
            authorities,
            hello: hello(config, settings),
            timeout: Duration::from_secs(settings.smtp_seconds.unsigned_abs()),
        }))
    }

    /// How long a mail is in hand without being renewed: one answer, and some time to note it.
    pub fn lease(&self) -> Duration {
        self.timeout + MARGIN
    }

    /// What the TLS of this server must show.
    pub(super) fn parameters(&self) -> anyhow::Result<TlsParameters> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if !self.authorities.is_empty() {
            let certificate = Certificate::from_pem(&self.authorities).context("mail.ca_file")?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build().with_context(|| format!("TLS with {}", self.host))
    }

    /// How the program greets.
    pub(super) fn client(&self) -> ClientId {
        match self.hello.parse() {
            Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(self.hello.clone()),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A server as the setting writes it: `name`, `name:port`, `[address]:port`.
fn parts(text: &str) -> (&str, Option<u16>) {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        _ => (text, None),
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

fn password(config: &Mail) -> anyhow::Result<Secret> {
    let file = &config.password_file;
    if file.as_os_str().is_empty() {
        return Ok(config.password.clone());
    }
    let text = fs::read_to_string(file).with_context(|| format!("mail.password_file {}", file.display()))?;
    match text.lines().next().map(str::trim_end) {
        Some(line) if !line.is_empty() => Ok(Secret::new(line)),
        _ => bail!("mail.password_file {}: the first line is blank", file.display()),
    }
}

/// What is stated, else the machine's name where it can be one, else its loopback address.
fn hello(config: &Mail, settings: &ServerSettings) -> String {
    let own = rustix::system::uname();
    let own = own.nodename().to_string_lossy();
    let fits = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
    };
    let names = [config.hello.as_str(), settings.sender_host.as_str()];
    let stated = names.into_iter().find(|name| !name.is_empty());
    stated.or(Some(&*own).filter(fits)).unwrap_or("127.0.0.1").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_have_its_port() {
        assert_eq!(parts("mail.example.com"), ("mail.example.com", None));
        assert_eq!(parts("mail.example.com:2525"), ("mail.example.com", Some(2525)));
        assert_eq!(parts("[::1]:25"), ("::1", Some(25)));
        assert_eq!(parts("::1"), ("::1", None));
    }
}
