//! `regserver call`: signs a call, sends it, prints the reply.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::credential::{self, Credential, Shown};
use super::hint::{self, As};
use super::local::{self, Signer};
use super::reply::{self, Form, Shape};
use super::trust::{self, Trust};
use super::{DONE, Failure, NO_SERVER, REFUSED, WRONG, complain, notation, say};
use crate::api::standard;
use crate::commands::{Field, Kind, fields_of};
use crate::config::Config;
use crate::domain::settings::closest;
use crate::domain::time::{Clock, SystemClock};
use crate::gate::checksum::Method;
use crate::http::JSON_PATH;
use crate::wire::Wire;

/// How long a server may take.
const WAIT: Duration = Duration::from_secs(60);
/// The longest reply that is read, in bytes.
const MOST: u64 = 256 * 1024 * 1024;

/// `call`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  regserver call registeruser useremail=a@example.com password=sekret-1234\n  \
    regserver call searchuser email='a@e*' --table\n  regserver call getuserdata username=alice --dry-run\n  \
    API_SECRET=… regserver call getuserdata username=alice --key KEY\n  \
    regserver call getversion --url https://reg.example.com --cacert own-ca.pem\n  \
    API_SECRET=… regserver call getuserdata username=alice --key KEY --sign --dry-run\n  \
    API_SECRET=… regserver call getuserdata username=alice --site KEY --user-key KEY\n\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong, 3 no server answered."
)]
pub struct Call {
    /// The command, as `regserver commands` lists it
    command: String,
    /// Its fields: name=value; a name may come several times, and a.b=value is b inside of a
    fields: Vec<String>,
    /// The service to call as; without it the one that owns 127.0.0.1
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The server; without it the first listen address of the configuration
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A file with the service's key, for a server on another machine
    #[arg(long, value_name = "FILE", conflicts_with = "service", requires = "method")]
    key_file: Option<PathBuf>,
    /// How the service signs: md5, md5-salt, hmac-sha1, hmac-sha256
    #[arg(long, value_name = "METHOD", requires = "key_file")]
    method: Option<String>,
    /// The endpoint it is sent to; without it xml for a service, json for a key, a site or a session
    #[arg(long, value_enum)]
    wire: Option<Endpoint>,
    #[command(flatten)]
    credential: Credential,
    #[command(flatten)]
    trust: Trust,
    /// Print the body and the curl line instead of sending
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    form: Form,
}

/// The endpoints of a server.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Endpoint {
    Xml,
    Json,
}

impl Endpoint {
    fn wire(self) -> Wire {
        match self {
            Endpoint::Xml => Wire::Xml,
            Endpoint::Json => Wire::Json,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Endpoint::Xml => "/yvva/api/api.xml",
            Endpoint::Json => JSON_PATH,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Endpoint::Xml => "text/xml; charset=UTF-8",
            Endpoint::Json => "application/json",
        }
    }
}

impl Call {
    /// Sends it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        self.check_name()?;
        let fields = notation::pairs(self.fields.iter().cloned()).map_err(|why| Failure(WRONG, why))?;
        unknown_fields(&self.command, &fields).iter().for_each(|line| complain(line));
        let now = SystemClock.now().seconds();
        let shown = self.credential.read()?;
        let wire = self.wire.unwrap_or(if shown.is_some() { Endpoint::Json } else { Endpoint::Xml });
        let body = notation::body(wire.wire(), &self.command, &fields, now);
        let url = self.url(config, wire);
        let prefix = &config.api.header_prefix;
        let (url, headers) = match &shown {
            Some(shown) => {
                if shown.is_secret() && !config.api.allow_plaintext_credentials {
                    credential::check_way(&url)?;
                }
                (url, shown.headers(prefix, &body))
            }
            None => {
                let signer = self.signer(config)?;
                (format!("{url}?checksum={}", signer.method.sign(&signer.key, body.as_bytes())), Vec::new())
            }
        };
        if self.dry_run {
            let shown = shown.map_or_else(String::new, |shown| shown.curl(prefix, &body) + " ");
            let kind = match wire {
                Endpoint::Xml => String::new(),
                Endpoint::Json => format!("-H {} ", quoted("Content-Type: application/json")),
            };
            say(&format!(
                "{body}\n\ncurl {}{shown}{kind}-d {} {}\n",
                self.trust.curl(),
                quoted(&body),
                quoted(&url)
            ));
            return Ok(DONE);
        }
        let caller = match shown {
            None => As::Service,
            Some(Shown::Key(..)) => As::Key,
            Some(Shown::Signed(signer)) if signer.site.is_some() => As::Site,
            Some(Shown::Signed(_)) => As::Key,
            Some(Shown::Session(_)) => As::Session,
        };
        self.send(wire, &url, &headers, &body, caller)
    }

    fn check_name(&self) -> Result<(), Failure> {
        let known = || crate::commands::all().map(|entry| entry.name);
        if known().any(|name| name == self.command) {
            return Ok(());
        }
        let hint =
            closest(&self.command, known()).map_or(String::new(), |near| format!("; did you mean {near}?"));
        // A server of another version may know it, so it is sent all the same.
        let text = format!("this program does not know the command {}{hint}", self.command);
        complain(&format!("{text}; `regserver commands` lists those it knows"));
        Ok(())
    }

    fn signer(&self, config: &Config) -> Result<Signer, Failure> {
        let (Some(file), Some(method)) = (&self.key_file, &self.method) else {
            return Ok(local::signer(config, self.service.as_deref())?);
        };
        super::checksum::signer(file, method)
    }

    fn send(
        &self,
        wire: Endpoint,
        url: &str,
        headers: &[(String, String)],
        body: &str,
        caller: As,
    ) -> Result<u8, Failure> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(WAIT))
            .http_status_as_error(false)
            .tls_config(self.trust.settings()?)
            .build()
            .into();
        let shown = url.split('?').next().unwrap_or(url);
        let no_server = |error: ureq::Error| {
            let error = error.to_string();
            let hint = trust::hint(&error);
            Failure(NO_SERVER, format!("no server answers at {shown}: {error}; {hint}"))
        };
        let mut request = agent.post(url).content_type(wire.content_type());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut reply = request.send(body).map_err(no_server)?;
        let status = reply.status();
        let text = reply.body_mut().with_config().limit(MOST).read_to_string().map_err(no_server)?;
        let code = reply::print(wire.wire(), &self.command, &text, self.form.or(Shape::Plain))?;
        if code == DONE && reply::waits(wire.wire(), &self.command, &text) {
            complain(
                "the job waits for more pieces: send last=true with the last one, or by itself with its job=",
            );
        }
        if code != DONE {
            let refusal = reply::refusal(wire.wire(), &text).unwrap_or_default();
            complain(&hint::after(&refusal, &self.command, caller));
        }
        Ok(if status.is_success() { code } else { REFUSED })
    }

    fn url(&self, config: &Config, wire: Endpoint) -> String {
        match &self.url {
            Some(url) if url.contains("/api/") || url.contains("/td2") => url.clone(),
            Some(url) => format!("{}{}", url.trim_end_matches('/'), wire.path()),
            None => {
                let plain = config.server.listen.first().map(|address| ("http", address));
                let first = plain.or_else(|| config.tls.listen.first().map(|address| ("https", address)));
                let (scheme, address) = first.map_or_else(
                    || ("http", "127.0.0.1:8080".to_owned()),
                    |(scheme, address)| (scheme, super::serve::reachable(*address).to_string()),
                );
                format!("{scheme}://{address}{}", wire.path())
            }
        }
    }
}

/// A line for each field that the command does not have. The call is sent all the same: a server passes over what it
/// does not know, and one of another version may know it.
fn unknown_fields(command: &str, given: &[(String, String)]) -> Vec<String> {
    let Some(entry) = crate::commands::find(command) else { return Vec::new() };
    // The fields of the command that runs for many stand beside those of the one that runs it.
    let bulk = given.iter().find(|(name, _)| command == "runbulk" && name == "bulkcommand");
    let many = bulk.and_then(|(_, name)| crate::commands::find(name));
    let own: Vec<&Field> = [Some(entry), many].into_iter().flatten().flat_map(fields_of).collect();
    let known: Vec<&str> =
        own.iter().copied().chain(standard::FIELDS.iter()).flat_map(Field::names).collect();
    let mut unknown: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    unknown.retain(|name| !known.contains(name) && !is_member(name, &own));
    unknown.sort_unstable();
    unknown.dedup();
    let line = |name: &str| match begun(name, &own).or_else(|| closest(name, known.iter().copied())) {
        Some(near) => format!("`{name}` is no field of {command}; did you mean {near}?"),
        None => format!("`{name}` is no field of {command}; `regserver commands {command}` shows its fields"),
    };
    unknown.into_iter().map(line).collect()
}

/// Whether a name is that of a member of one of these fields, as `parameter.name`.
fn is_member(name: &str, fields: &[&Field]) -> bool {
    let Some((head, rest)) = name.split_once('.') else { return false };
    fields.iter().filter(|field| field.names().any(|known| known == head)).any(|field| {
        let members = match &field.kind {
            Kind::Members(members) => members,
            Kind::List(each) => match &**each {
                Kind::Members(members) => members,
                _ => return false,
            },
            _ => return false,
        };
        let members: Vec<&Field> = members.iter().collect();
        members.iter().any(|member| member.names().any(|known| known == rest)) || is_member(rest, &members)
    })
}

/// The one field of the command that begins with this, or with which this begins.
fn begun<'a>(name: &str, own: &[&'a Field]) -> Option<&'a str> {
    const SHORTEST: usize = 3;
    let alike = |field: &&&Field| {
        let shorter = name.len().min(field.name.len());
        shorter >= SHORTEST && (field.name.starts_with(name) || name.starts_with(&field.name))
    };
    let mut found = own.iter().filter(alike);
    match (found.next(), found.next()) {
        (Some(field), None) => Some(&field.name),
        _ => None,
    }
}

/// Quotes for a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The methods' short names, for errors.
pub fn methods() -> String {
    Method::ALL.iter().map(|(_, _, short)| *short).collect::<Vec<_>>().join(", ")
}
