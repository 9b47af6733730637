//! What becomes of a finished call in the API log: a row, a count among the refused ones, or nothing.
//!
//! A call that only read, and that nobody asked to be kept, is turned away by the first line: it must
//! cost nothing. What the row shows of the fields is therefore made beforehand only for calls that are
//! dear anyway; for a quick read that is refused the body is read once more.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::answer::Trace;
use super::{Api, Received, preview};
use crate::call::{Caller, Health, Preview, Program, RequestId};
use crate::command::{Effect, Entry};
use crate::commands;
use crate::domain::settings::Logging;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::domain::warm::Warm;
use crate::error::{Code, Result};
use crate::snapshot::{Service, Snapshot};
use crate::store::Tx;
use crate::store::api_log::{self, Refused};
use crate::wire::fields::{Fields, Value};

/// What stands for a secret.
const MASK: &str = "•••";
/// The longest that a row's fields may be, and how much each of them then shows.
const LONGEST: usize = 2_000;
const SHOWN: [usize; 2] = [200, 40];

impl Api {
    /// Counts a finished call that took so long.
    pub fn count(&self, trace: &Trace, took: Duration) {
        if self.counts {
            self.tally.count(trace, took);
        }
    }

    /// Hands a finished call over to the API log; `from` is where it came from, where the call itself
    /// never got so far as to tell.
    pub fn note(&self, trace: &Trace, request_id: RequestId, from: Option<IpAddr>) {
        let wanted = match trace.logging {
            Logging::Off => false,
            Logging::Changes => trace.code != 0 || trace.changed,
            Logging::All => true,
        };
        if wanted {
            self.keep(trace, request_id, trace.address.or(from));
        }
    }

    fn keep(&self, trace: &Trace, request_id: RequestId, address: Option<IpAddr>) {
        let service = trace.service();
        let provider = provider(trace);
        let snapshot = self.snapshot.load();
        let settings = snapshot.provider_by_id(provider).map(|provider| &provider.settings);
        if settings.is_some_and(|settings| !settings.request_logging) {
            return;
        }
        let now = self.clock.now();
        let time = trace.began.unwrap_or(now);
        let service = service.map(|service| service.name.clone()).unwrap_or_default();
        if let Some(reason) = reason(trace) {
            let code = trace.code;
            return self.log.refused(Refused { time, provider, service, address, reason, code, request_id });
        }
        self.log.call(api_log::Entry {
            time,
            provider,
            caller: trace.caller.as_ref().map(Caller::name).unwrap_or_default(),
            service,
            command: trace.command.unwrap_or_default(),
            user: trace.user,
            code: trace.code,
            micros: now.0.saturating_sub(time.0).max(0),
            address,
            request_id,
            fields: trace.fields.clone(),
        });
    }
}

impl Program for Api {
    fn log(&self) -> &api_log::ApiLog {
        &self.log
    }

    fn preview(
        &self,
        tx: &Tx<'_>,
        text: Option<&str>,
        now: Time,
        random: &dyn Fn(&str) -> [u8; 32],
    ) -> Result<Preview> {
        preview::of(self, tx, text, (now, random))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn frequency(&self, task: Task) -> i64 {
        match task {
            Task::Backup => i64::from(self.backup.every) * 3_600,
            task => task.frequency(),
        }
    }

    fn backups(&self) -> Option<&Path> {
        Some(self.backup.folder.as_path()).filter(|folder| !folder.as_os_str().is_empty())
    }

    fn warm(&self) -> &Warm {
        &self.warm
    }

    fn health(&self) -> Health {
        let mut wal = self.database.as_os_str().to_owned();
        wal.push("-wal");
        Health {
            started: self.started,
            writable: self.writer.pulse().writable(),
            changes_waiting: self.writer.waiting(),
            changes_refused: self.writer.refused(),
            hashes_waiting: self.hashers.waiting(),
            hashes_refused: self.hashers.refused(),
            hash_threads: self.hashers.threads(),
            hash_threads_busy: self.hashers.busy(),
            log_waiting: self.log.waiting(),
            log_dropped: self.log.dropped(),
            wal: std::fs::metadata(wal).map_or(0, |file| file.len()),
        }
    }
}

impl Trace {
    /// Begins to follow a call.
    pub(super) fn begin(snapshot: &Snapshot, now: Time, address: Option<IpAddr>) -> Trace {
        Trace { began: Some(now), address, logging: snapshot.server.api_log, ..Trace::default() }
    }

    /// The service that calls, or that opened the caller's session.
    pub fn service(&self) -> Option<&Service> {
        match self.caller.as_ref()? {
            Caller::Service(service) => Some(service),
            Caller::Person(person) => person.service.as_deref(),
            Caller::Site(_) | Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => None,
        }
    }

    /// Keeps length and hash of a body that is refused before its command is known.
    pub(super) fn mark(&mut self, received: &Received<'_>) {
        if self.command.is_none() && log::log_enabled!(target: "call", log::Level::Info) {
            self.body = Some((received.body.len(), hex::encode(Sha256::digest(received.body))));
        }
    }

    /// Adds the fields of a call that is refused and kept, where they were not kept before.
    pub(super) fn remember(&mut self, received: &Received<'_>) {
        if self.code != 0 {
            self.mark(received);
        }
        if self.code == 0 || !self.fields.is_empty() || self.logging == Logging::Off || reason(self).is_some()
        {
            return;
        }
        let entry = self.command.and_then(commands::find);
        if let (Some(entry), Ok(fields)) = (entry, received.wire.read(received.body)) {
            self.fields = masked(entry, &fields);
        }
    }
}

/// Whether the fields of a call of that command are kept from the start.
pub(super) fn beforehand(entry: &Entry, logging: Logging, slow: bool) -> bool {
    match entry.effect {
        Effect::Writes => true,
        Effect::Scans => logging != Logging::Off,
        Effect::Looks => logging == Logging::All || (slow && logging != Logging::Off),
    }
}

/// The provider that the call is for, else the caller's; 0: none is known.
fn provider(trace: &Trace) -> i64 {
    let own = || match trace.caller.as_ref()? {
        Caller::Service(service) => Some(service.provider.id),
        Caller::Person(person) => Some(person.provider.id),
        Caller::Site(site) => Some(site.provider.id),
        Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => None,
    };
    trace.provider.or_else(own).unwrap_or(0)
}

/// Why a call is only counted: the gate refused it, or its caller is nobody. Anybody can make such calls,
/// as many as they like.
fn reason(trace: &Trace) -> Option<String> {
    if trace.code == 0 {
        return None;
    }
    if let Some(why) = &trace.why {
        return Some(why.clone());
    }
    let text =
        Code::COMMON.iter().find(|code| **code as i64 == trace.code).map_or("refused", |code| code.text());
    let command = trace.command.unwrap_or("a call");
    match &trace.caller {
        None => Some(format!("{command} by somebody unknown: {} {text}", trace.code)),
        Some(Caller::Nobody(_)) => Some(format!("{command} without a credential: {} {text}", trace.code)),
        Some(_) => None,
    }
}

/// The fields as audit and log show them: those that the command knows, secrets masked, none longer than
/// a line.
pub(super) fn masked(entry: &Entry, fields: &Fields<'_>) -> String {
    let [usual, short] = SHOWN;
    let shown = cut(entry, fields, usual);
    if shown.len() <= LONGEST { shown } else { cut(entry, fields, short) }
}

fn cut(entry: &Entry, fields: &Fields<'_>, most: usize) -> String {
    let known = commands::fields_of(entry);
    let mut shown = serde_json::Map::new();
    for (name, value) in fields.iter() {
        let Some(field) =
            known.iter().find(|field| field.name == name || field.aliases.iter().any(|alias| alias == name))
        else {
            continue;
        };
        let text = match value {
            _ if field.secret => MASK.to_owned(),
            Value::Text(text) => text.chars().take(most).collect(),
            Value::Fields(_) => "…".to_owned(),
        };
        shown.entry(name).or_insert(text.into());
    }
    serde_json::Value::Object(shown).to_string()
}
