//! A call made as a person or by a site: with an API key, a signature or a session in place of a service's checksum.
//!
//! What proves a person need not stand on the command line, which every user of the machine can list
//! and the shell remembers: it comes from a file, or from the environment. Nothing is sent in plain
//! text to another machine; the server would refuse it, but only after everybody on the way has read it.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;

use super::call::quoted;
use super::{Failure, WRONG};
use crate::gate::signature;

/// Has the secret of a key, or the token of a session.
const VARIABLE: &str = "API_SECRET";

/// What is shown in place of a checksum.
#[derive(Args)]
pub struct Credential {
    /// Call as the user of this API key, over the JSON endpoint; the secret may also come from elsewhere
    #[arg(long, value_name = "NAME[:SECRET]", conflicts_with_all = ["service", "key_file", "session"])]
    key: Option<String>,
    /// Sign with the key of --key, of the kind signing, in place of sending its secret
    #[arg(long, requires = "key")]
    sign: bool,
    /// Sign as the site that has this key, over the JSON endpoint; alone it may call registeruser
    #[arg(long, value_name = "KEY", conflicts_with_all = ["service", "key_file", "session", "key"])]
    site: Option<String>,
    /// The public key of the user for whom the site calls
    #[arg(long, value_name = "KEY", requires = "site")]
    user_key: Option<String>,
    /// Call with a session, over the JSON endpoint
    #[arg(long, conflicts_with_all = ["service", "key_file"])]
    session: bool,
    /// A file whose first line is the secret of --key or --site or the token of --session; without it they are taken
    /// from the variable API_SECRET
    #[arg(long, value_name = "FILE", conflicts_with_all = ["service", "key_file"])]
    secret_file: Option<PathBuf>,
}

/// A credential that is there as a whole.
pub enum Shown {
    /// A key and its secret.
    Key(String, String),
    /// The token of a session.
    Session(String),
    /// A signature, with this secret.
    Signed(Signer),
}

/// Who signs.
pub struct Signer {
    /// The key of the site, if one signs.
    pub site: Option<String>,
    user: Option<String>,
    secret: String,
}

impl Signer {
    /// The headers without their prefix.
    fn headers(&self, body: &str) -> Vec<(&'static str, String)> {
        let signature = signature::sign(self.secret.as_bytes(), body.as_bytes());
        let (site, user) = (self.site.clone(), self.user.clone());
        let all = [("SITE", site), ("USER", user), ("KEY", Some(signature))];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Credential {
    /// The credential, if the call is to be made with one.
    pub fn read(&self) -> Result<Option<Shown>, Failure> {
        if let Some(site) = &self.site {
            let secret = self.secret(&format!("the secret of the site {site}"))?;
            let (site, user) = (Some(site.clone()), self.user_key.clone());
            return Ok(Some(Shown::Signed(Signer { site, user, secret })));
        }
        match &self.key {
            Some(key) => {
                let (name, secret) = match key.split_once(':') {
                    Some((name, secret)) => (name, secret.to_owned()),
                    None => (key.as_str(), self.secret(&format!("the secret of the key {key}"))?),
                };
                Ok(Some(match self.sign {
                    false => Shown::Key(name.to_owned(), secret),
                    true => Shown::Signed(Signer { site: None, user: Some(name.to_owned()), secret }),
                }))
            }
            None if self.session => Ok(Some(Shown::Session(self.secret("the token of the session")?))),
            None if self.secret_file.is_some() => Err(Failure(
                WRONG,
                "--secret-file is for --key, --site or --session: say which of them it is for".into(),
            )),
            None => Ok(None),
        }
    }

    fn secret(&self, what: &str) -> Result<String, Failure> {
        let text = match &self.secret_file {
            Some(file) => std::fs::read_to_string(file).map_err(|error| {
                Failure(WRONG, format!("cannot read {what} from {}: {error}", file.display()))
            })?,
            None => std::env::var(VARIABLE).map_err(|_| {
                Failure(WRONG, format!("{what} is needed: name a file with --secret-file, or set {VARIABLE}"))
            })?,
        };
        let line = text.lines().next().unwrap_or_default().trim();
        match line.is_empty() {
            true => Err(Failure(WRONG, format!("{what} is needed, and the first line is blank"))),
            false => Ok(line.to_owned()),
        }
    }
}

impl Shown {
    /// The headers that show it with that body; `prefix` begins the names of our own headers.
    pub fn headers(&self, prefix: &str, body: &str) -> Vec<(String, String)> {
        match self {
            Shown::Key(name, secret) => {
                let encoded = BASE64_STANDARD.encode(format!("{name}:{secret}"));
                vec![("Authorization".to_owned(), format!("Basic {encoded}"))]
            }
            Shown::Session(token) => vec![(format!("{prefix}-SESSION"), token.clone())],
            Shown::Signed(signer) => {
                let named = |(name, value)| (format!("{prefix}-{name}"), value);
                signer.headers(body).into_iter().map(named).collect()
            }
        }
    }

    /// The arguments for curl with that body, with the variable in place of what is secret.
    pub fn curl(&self, prefix: &str, body: &str) -> String {
        match self {
            Shown::Key(name, _) => format!("-u {}:\"${VARIABLE}\"", quoted(name)),
            Shown::Session(_) => format!("-H \"{prefix}-SESSION: ${VARIABLE}\""),
            Shown::Signed(_) => {
                let header = |(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")));
                self.headers(prefix, body).into_iter().map(header).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Whether whoever reads it on the way can call in its place.
    pub fn is_secret(&self) -> bool {
        !matches!(self, Shown::Signed(_))
    }
}

/// Nobody else may read it on the way there.
pub fn check_way(url: &str) -> Result<(), Failure> {
    let Some(rest) = url.strip_prefix("http://") else { return Ok(()) };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let here =
        name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    match here {
        true => Ok(()),
        false => Err(Failure(
            WRONG,
            format!("a key or a session is not sent to {name} in plain text: give --url https://{host}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_on_this_machine() {
        for url in
            ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:8080", "https://example.com/x"]
        {
            assert!(check_way(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com/x",
            "http://192.0.2.1:8080",
            "http://localhost.example.com",
            "http://[2001:db8::1]",
        ] {
            assert!(check_way(url).is_err(), "{url}");
        }
    }
}
