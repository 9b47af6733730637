//! `regserver check`: what could keep the server from working, and how to mend it.

mod attention;

use std::fmt::Write;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use super::{DONE, Failure, REFUSED, say};
use crate::api::trial;
use crate::config::Config;
use crate::domain::time::{Clock, SystemClock, Time};
use crate::http;
use crate::http::tls::Certificate;
use crate::mail::send::Post;
use crate::mail::target::Target;
use crate::snapshot::{Provider, Service, Snapshot};
use crate::store::rotation;

/// What was found.
#[derive(Default)]
struct Findings {
    text: String,
    faults: usize,
}

impl Findings {
    fn good(&mut self, what: &str, about: &str) {
        let _ = writeln!(self.text, "ok     {what:<14} {about}");
    }

    fn note(&mut self, what: &str, about: &str) {
        let _ = writeln!(self.text, "note   {what:<14} {about}");
    }

    fn fault(&mut self, what: &str, about: &str) {
        self.faults += 1;
        let _ = writeln!(self.text, "FAULT  {what:<14} {about}");
    }
}

/// Checks everything and prints one line for each.
pub fn run(path: Option<&Path>) -> Result<u8, Failure> {
    let mut found = Findings::default();
    match Config::load(path) {
        Err(error) => found.fault("configuration", &error.to_string()),
        Ok(config) => {
            match config.found() {
                Some(file) => found.good("configuration", &file.display().to_string()),
                None => found.good("configuration", "no file; the defaults hold"),
            }
            watched(&config, &mut found);
            encryption(&config, &mut found);
            database(&config, &mut found);
            start(&config, &mut found);
            attention::tasks(&config.database.path, &mut found);
        }
    }
    clock(&mut found);
    let _ = match found.faults {
        0 => writeln!(found.text, "\nno faults"),
        faults => writeln!(found.text, "\n{faults} to mend"),
    };
    say(&found.text);
    Ok(if found.faults == 0 { DONE } else { REFUSED })
}

/// Who may read the numbers, where that is more than somebody will have meant.
fn watched(config: &Config, found: &mut Findings) {
    if config.watch.metrics.iter().any(|range| range.prefix_len() == 0) {
        let about =
            "everybody may read at /metrics which services call what: list addresses in watch.metrics";
        found.note("metrics", about);
    }
}

/// The certificate, where calls are encrypted.
fn encryption(config: &Config, found: &mut Findings) {
    if config.tls.listen.is_empty() {
        return;
    }
    let now = SystemClock.now();
    match Certificate::read(&config.tls) {
        Err(error) => found.fault("certificate", &format!("{error:#}")),
        Ok(certificate) => {
            match certificate.fault(now) {
                Some(fault) => found.fault("certificate", &fault),
                None => found.good("certificate", &certificate.about(now)),
            }
            if let Some(note) = certificate.note(now) {
                found.note("certificate", &note);
            }
        }
    }
}

fn database(config: &Config, found: &mut Findings) {
    let (path, key) = (&config.database.path, config.master_key_file());
    let is_there = path.exists();
    match rotation::settled(&key, path) {
        Ok(Some(vault)) => {
            let about = format!("{}, fingerprint {}", key.display(), vault.fingerprint());
            found.good("master key", &about);
            kept_keys(&key, found);
        }
        Ok(None) if is_there => found.fault(
            "master key",
            &format!("{} is missing: put it back, or name it as database.master_key_file", key.display()),
        ),
        Ok(None) => {}
        Err(error) => found.fault("master key", &format!("{error:#}")),
    }
    if is_there {
        match crate::store::start::verify(path) {
            Ok(()) => {
                found.good("database", &format!("{}: pages and foreign keys are sound", path.display()))
            }
            Err(error) => found.fault("database", &format!("{error:#}: restore a copy that is whole")),
        }
    } else {
        folder(path, found);
    }
}

/// Keys from before a change of the master key, which are to go one day.
fn kept_keys(key: &Path, found: &mut Findings) {
    for old in rotation::kept(key) {
        let about = format!(
            "{} opens copies of the database from before the master key was changed: when none of them is kept any \
             more, remove it",
            old.display()
        );
        found.note("master key", &about);
    }
}

/// Where the first start makes the database.
fn folder(path: &Path, found: &mut Findings) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
        Ok(()) => {
            found.note("database", &format!("{} is not there yet; the first start makes it", path.display()));
        }
        Err(error) => found.fault(
            "database",
            &format!(
                "{} cannot be made: {}: {error}; make the folder, or name another place as database.path",
                path.display(),
                folder.display()
            ),
        ),
    }
}

/// What a start with it would say; the rest is told of what would then hold.
fn start(config: &Config, found: &mut Findings) {
    let mut config = config.clone();
    let faulty = trial::key_faults(&mut config);
    for (name, fault) in &faulty {
        let fault = format!("{fault}: put the file there, or name another one as key_file");
        found.fault(&format!("service {name}"), &fault);
    }
    if let Err(error) = http::usable(&config) {
        found.fault("configuration", &format!("{error:#}"));
    }
    match trial::start(&config) {
        Err(error) => found.fault("start", &format!("{error:#}")),
        Ok(snapshot) => {
            found.good("start", "configuration and database fit together");
            services(&snapshot, &faulty, found);
            mail(&config, &snapshot, found);
            providers(&snapshot, found);
            attention::hot_folders(&snapshot, found);
        }
    }
    config.server.listen.iter().for_each(|address| listen(*address, found));
}

/// Whether the address is this machine's, and free.
fn listen(address: SocketAddr, found: &mut Findings) {
    match TcpListener::bind(address) {
        Ok(_) => found.good("listen", &address.to_string()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let about = format!(
                "{address} is in use: by the server, if it runs; else stop the other program, or change server.listen"
            );
            found.note("listen", &about);
        }
        Err(error) => found.fault("listen", &format!("{address}: {error}; change server.listen")),
    }
}

fn services(snapshot: &Snapshot, faulty: &[(String, String)], found: &mut Findings) {
    let now = SystemClock.now();
    let told = |service: &&Arc<Service>| !faulty.iter().any(|(name, _)| *name == service.name);
    for service in snapshot.services().filter(told) {
        let name = format!("service {}", service.name);
        match service.keys_at(now, &snapshot.salt).count() {
            _ if !service.enabled => found.note(&name, "disabled"),
            0 => found.fault(&name, "has no live key: `regserver service rotate` makes one; a stated service is mended in the configuration"),
            keys => found.good(&name, &format!("{}, live keys: {keys}", service.method)),
        }
        old_key(service, now, found);
    }
    if snapshot.services().all(|service| !service.enabled) {
        found.fault("services", "none may call: `regserver service add`, or a [[service]] block in the configuration, registers one");
    }
}

/// An old key that somebody still signs with, and when that will be refused.
fn old_key(service: &Service, now: Time, found: &mut Findings) {
    for key in service.live_keys(now) {
        let (Some(ends), Some(used)) = (key.not_after, key.last_used()) else { continue };
        let about = format!(
            "somebody signed with its old key at {}, which ends at {}: give that program the new one, or `regserver \
             service end-old-key {} --after 7d` leaves it more time",
            used.rfc3339(),
            ends.rfc3339(),
            service.name
        );
        found.note(&format!("service {}", service.name), &about);
    }
}

fn providers(snapshot: &Snapshot, found: &mut Findings) {
    for provider in snapshot.providers().filter(|provider| provider.settings.allow_checksum_error) {
        let name = format!("provider {}", provider.code);
        found.fault(&name, "API/API_ALLOW_CHECKSUMERR is True: checksums are not checked; remove it");
    }
}

/// Whether mails could leave: the mail server is connected to, and logged in to.
fn mail(config: &Config, snapshot: &Snapshot, found: &mut Findings) {
    let proved = match Target::of(&config.mail, &snapshot.server) {
        Ok(None) => {
            let about =
                "none is configured, so mails stay in the outbox: state mail.server in the configuration";
            return found.note("mail server", about);
        }
        Ok(Some(target)) => {
            let name = target.to_string();
            let proved = Post::to(target).and_then(|mut post| post.prove().map_err(anyhow::Error::msg));
            proved.map(|()| name.clone()).map_err(|error| format!("{name}: {error:#}"))
        }
        Err(error) => Err(format!("{error:#}")),
    };
    match proved {
        Ok(name) => found.good("mail server", &name),
        Err(error) => found.fault("mail server", &error),
    }
    let senderless = |provider: &&Arc<Provider>| provider.settings.sender_email.is_empty();
    if snapshot.server.sender_email.is_empty() {
        for provider in snapshot.providers().filter(senderless) {
            let name = format!("provider {}", provider.code);
            found.fault(&name, "its mails have no sender: set EMAIL/EMAIL_SENDER_EMAIL, or MailSenderEmail");
        }
    }
}

/// A clock before the program was written cannot be right.
fn clock(found: &mut Findings) {
    let now = SystemClock.now();
    match Time::parse_rfc3339("2026-01-01T00:00:00Z") {
        Some(earliest) if now < earliest => {
            found.fault("clock", &format!("{} is in the past: set the machine's clock", now.rfc3339()));
        }
        _ => found.good("clock", &now.rfc3339()),
    }
}
