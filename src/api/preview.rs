//! What a configuration would do at the next start, found by doing it to a copy.
//!
//! Of a text that is sent no file is read: whoever may send one must not learn by it what the machine's files hold,
//! so the keys of a `key_file` are left out, and the reply says whose. The server's own configuration names the
//! server's own files, and they are looked at as a start would.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde_json::Value;

use super::Api;
use super::open::apply;
use super::trial;
use crate::call::{Fault, Planned, Preview};
use crate::commands::providers::doubles::Demands;
use crate::config::Config;
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::{Error, Result, invalid};
use crate::snapshot::{Snapshot, Stated};
use crate::store::providers::ProviderRow;
use crate::store::services::ServiceRow;
use crate::store::settings::Values;
use crate::store::{Tx, Vault};

/// What stands for a secret.
const MASK: &str = "•••";

/// The time, and chance.
type Matter<'a> = (Time, &'a dyn Fn(&str) -> [u8; 32]);

/// Of that text, or of the file that the program was started with.
pub(super) fn of(api: &Api, tx: &Tx<'_>, text: Option<&str>, matter: Matter<'_>) -> Result<Preview> {
    let read = text.map_or_else(|| running(api), |text| Ok(text.to_owned()))?;
    let mut config = match Config::from_text(&read) {
        Ok(config) => config,
        Err(error) => return Ok(Preview { faults: alone(error.faults()), ..Preview::default() }),
    };
    let places = Places::of(&config, Config::lines(&read));
    let (faults, unread) = keys(&mut config, text.is_some(), &places);
    let scratch = tx.scratch()?;
    let tried = scratch.tx();
    let end = attempt(&tried, &config, &api.vault, matter);
    if let Err(fault) = end.and_then(|()| unique(tx, &tried)) {
        let fault = Fault { line: places.of_text(&fault), text: fault, alone: false };
        let faults = faults.into_iter().chain([fault]).collect();
        return Ok(Preview { faults, unread, changes: Vec::new() });
    }
    if !faults.is_empty() {
        return Ok(Preview { faults, unread, changes: Vec::new() });
    }
    let (before, after) = (State::of(tx, &api.vault)?, State::of(&tried, &api.vault)?);
    Ok(Preview { faults, unread, changes: after.differs_from(&before, &places) })
}

/// What is wrong with the key files of the server's own configuration, and the services whose files a text that was
/// sent names, which stay unread.
fn keys(config: &mut Config, sent: bool, places: &Places) -> (Vec<Fault>, Vec<String>) {
    let fault = |(name, text): (String, String)| Fault {
        line: places.of_entry(&names::key(&name)),
        text,
        alone: true,
    };
    let faults = if sent { Vec::new() } else { trial::key_faults(config).into_iter().map(fault).collect() };
    let mut unread = Vec::new();
    for service in &mut config.services {
        if service.key_file.take().is_some() && sent {
            unread.push(service.name.clone());
        }
    }
    (faults, unread)
}

/// The text of the file.
fn running(api: &Api) -> Result<String> {
    let path = api.configuration.as_ref().ok_or_else(|| {
        invalid("the server was started without a configuration file: send one as configuration")
    })?;
    // The reason is for the log: it names the machine's files.
    std::fs::read_to_string(path).map_err(|error| {
        log::warn!("{} cannot be read: {error}", path.display());
        invalid("the configuration file cannot be read: the server's log says why")
    })
}

/// Faults of the text by itself: each begins with its line, where it has one.
fn alone(faults: &[String]) -> Vec<Fault> {
    let read = |fault: &String| {
        let rest = fault.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
        let found = rest.and_then(|(line, text)| Some((line.parse().ok()?, text)));
        let (line, text) = found.map_or((None, fault.as_str()), |(line, text)| (Some(line), text));
        Fault { line, text: text.to_owned(), alone: true }
    };
    faults.iter().map(read).collect()
}

/// Applies it, and judges what comes out.
fn attempt(tx: &Tx<'_>, config: &Config, vault: &Vault, (now, random): Matter<'_>) -> Result<(), String> {
    apply(tx, config, vault, now, random).map_err(|error| format!("{error:#}"))?;
    match Snapshot::build(tx, vault, &Stated::default().into()) {
        Ok(_) => Ok(()),
        Err(Error::Refused { text: Some(text), .. }) => {
            Err(text.trim_start_matches("Invalid Request: ").to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The copy has no users whose addresses could be doubled: the data is asked itself.
fn unique(tx: &Tx<'_>, tried: &Tx<'_>) -> Result<(), String> {
    let kept = || Demands::stored(tried)?.kept(&Demands::stored(tx)?, tx);
    kept().map_err(|error| format!("{error:#}"))
}

/// Where the entries of a text stand, by what they are called.
struct Places {
    lines: BTreeMap<String, usize>,
    /// Names of services and codes of providers, with their paths.
    entries: Vec<(String, String)>,
}

impl Places {
    fn of(config: &Config, lines: BTreeMap<String, usize>) -> Places {
        let path = |what: &str, at: usize| format!("{what}[{}]", at + 1);
        let services = config.services.iter().enumerate();
        let services = services.map(|(at, service)| (names::key(&service.name), path("service", at)));
        let providers = config.providers.iter().enumerate();
        let providers = providers.map(|(at, provider)| (provider.code.clone(), path("provider", at)));
        Places { lines, entries: services.chain(providers).collect() }
    }

    fn line(&self, path: &str) -> Option<i64> {
        self.lines.get(path).and_then(|line| i64::try_from(*line).ok())
    }

    /// The line of a service or a provider.
    fn of_entry(&self, name: &str) -> Option<i64> {
        let found = self.entries.iter().find(|(known, _)| known == name);
        found.and_then(|(_, path)| self.line(path))
    }

    /// The line of a setting, of the server or of a provider.
    fn of_setting(&self, provider: Option<&str>, name: &str) -> Option<i64> {
        let Some(code) = provider else { return self.line(&format!("settings.{name}")) };
        let path = self.entries.iter().find(|(known, _)| known == code).map(|(_, path)| path.as_str())?;
        let written = [name.to_owned(), name.replace('/', ".")].map(|name| format!("{path}.settings.{name}"));
        written.iter().find_map(|path| self.line(path)).or_else(|| self.line(path))
    }

    /// The line of the entry that a fault names, or of the setting.
    fn of_text(&self, fault: &str) -> Option<i64> {
        let is_part = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';');
        let words: Vec<&str> = fault.split(is_part).filter(|word| !word.is_empty()).collect();
        let setting = words.iter().find_map(|word| self.of_setting(None, word));
        let entry = |word: &&str| self.of_entry(&names::key(word)).or_else(|| self.of_entry(word));
        setting.or_else(|| words.iter().find_map(entry))
    }
}

/// The keys of a service: their rows, and when they end.
type Keys = Vec<(i64, Option<Time>)>;

/// What a configuration can change.
pub(super) struct State {
    providers: Vec<ProviderRow>,
    services: Vec<(ServiceRow, Keys)>,
    settings: Values,
    salt: Vec<u8>,
}

impl State {
    pub(super) fn of(tx: &Tx<'_>, vault: &Vault) -> Result<State> {
        let keyed = |row: ServiceRow| {
            let keys = tx.service_key_lives(row.id)?.into_iter().map(|key| (key.id, key.ends)).collect();
            Ok((row, keys))
        };
        Ok(State {
            providers: tx.providers()?,
            services: tx.services()?.into_iter().map(keyed).collect::<Result<_>>()?,
            settings: tx.setting_values()?,
            salt: tx.open_salt(vault)?.expose_secret().to_vec(),
        })
    }

    fn code(&self, provider: Option<i64>) -> String {
        let found = self.providers.iter().find(|row| Some(row.id) == provider);
        found.map_or(String::new(), |row| row.code.clone())
    }

    /// What has become of it, without a place in a text.
    pub(super) fn changes_since(&self, before: &State) -> Vec<Planned> {
        self.differs_from(before, &Places { lines: BTreeMap::new(), entries: Vec::new() })
    }

    fn differs_from(&self, before: &State, places: &Places) -> Vec<Planned> {
        let mut planned = self.providers_differ(before, places);
        planned.extend(self.settings_differ(before, places));
        planned.extend(self.services_differ(before, places));
        planned
    }

    fn providers_differ(&self, before: &State, places: &Places) -> Vec<Planned> {
        let mut planned = Vec::new();
        for row in &self.providers {
            let old = before.providers.iter().find(|old| old.code == row.code);
            let new = old.is_none();
            let fields = [
                ("name", old.map(|old| old.name.clone()).unwrap_or_default(), row.name.clone()),
                (
                    "managedby",
                    old.map(|old| before.code(old.managed_by)).unwrap_or_default(),
                    self.code(row.managed_by),
                ),
            ];
            for (field, before, after) in fields.into_iter().filter(|(_, before, after)| before != after) {
                planned.push(Planned {
                    provider: Some(row.code.clone()),
                    what: "provider",
                    name: row.code.clone(),
                    new,
                    field: field.to_owned(),
                    before,
                    after,
                    line: places.of_entry(&row.code),
                });
            }
        }
        planned
    }

    fn settings_differ(&self, before: &State, places: &Places) -> Vec<Planned> {
        let mut names: Vec<(Option<i64>, String)> = self
            .settings
            .iter()
            .chain(before.settings.iter())
            .map(|(of, name, _)| (of, name.to_owned()))
            .collect();
        names.sort_unstable();
        names.dedup();
        let value = |values: &Values, (of, name): &(Option<i64>, String)| match of {
            Some(provider) => values.provider(*provider, name).unwrap_or_default(),
            None => values.server(name).unwrap_or_default(),
        };
        let changed = names.into_iter().filter_map(|key| {
            let (old, new) = (value(&before.settings, &key), value(&self.settings, &key));
            (old != new).then_some((key, old, new))
        });
        let mut planned: Vec<Planned> = changed
            .map(|((of, name), before, after)| {
                let provider = of.map(|of| self.code(Some(of)));
                let line = places.of_setting(provider.as_deref(), &name);
                setting(provider, name, before, after, line)
            })
            .collect();
        if self.salt != before.salt {
            let (name, line) = ("APIChecksumSalt", places.of_setting(None, "APIChecksumSalt"));
            planned.push(setting(None, name.to_owned(), MASK.to_owned(), MASK.to_owned(), line));
        }
        planned
    }

    fn services_differ(&self, before: &State, places: &Places) -> Vec<Planned> {
        let mut planned = Vec::new();
        for (row, keys) in &self.services {
            let key = names::key(&row.name);
            let old = before.services.iter().find(|(old, _)| names::key(&old.name) == key);
            let (mut was, mut is) = (old.map(|(old, _)| old.shown()).unwrap_or_default(), row.shown());
            if let Some((old, _)) = old {
                was.insert("distributor".into(), before.code(Some(old.provider_id)).into());
            }
            // Whoever would get a service is not to learn what it is before.
            let owner = match old {
                Some((old, _)) => before.code(Some(old.provider_id)),
                None => self.code(Some(row.provider_id)),
            };
            is.insert("distributor".into(), self.code(Some(row.provider_id)).into());
            if old.is_none_or(|(_, old)| old != keys) {
                is.insert("keys".into(), MASK.into());
            }
            for (field, after) in is {
                let (before, after) = (was.get(&field).map(text).unwrap_or_default(), text(&after));
                if before != after {
                    planned.push(Planned {
                        provider: Some(owner.clone()),
                        what: "service",
                        name: row.name.clone(),
                        new: old.is_none(),
                        field,
                        before,
                        after,
                        line: places.of_entry(&key),
                    });
                }
            }
        }
        planned
    }
}

fn setting(
    provider: Option<String>,
    name: String,
    before: String,
    after: String,
    line: Option<i64>,
) -> Planned {
    let field = "value".to_owned();
    Planned { provider, what: "setting", name, new: false, field, before, after, line }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
