//! From text and environment to a configuration, with every fault on the way.
//!
//! The text becomes a tree of values; each key of it is tried alone against the struct that will hold it, and what does
//! not fit is noted and taken out. What remains is read by serde in one go. A reading by hand would let each key name
//! its own error too, but would say every key twice.

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::entries::{Provider, Service, ServiceKey};
use super::faults::{Faults, Place};
use super::sections::{Api, Auth, Backup, Database, HotFolder, Limits, Log, Server, Storage, Watch};
use super::tls::Tls;
use super::{Config, ConfigError, Mail, check, names};
use crate::domain::settings::{self, Kind, Setting};

/// The sections that hold one value to each key.
pub(super) const PLAIN: [&str; 12] = [
    "server",
    "tls",
    "api",
    "database",
    "storage",
    "backup",
    "hotfolder",
    "limits",
    "mail",
    "watch",
    "auth",
    "log",
];

/// What every variable of ours begins with.
const PREFIX: &str = "REGSERVER_";

/// Reads the whole configuration.
pub(super) fn config(text: &str, env: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut faults = Faults::default();
    let mut root = tree(text, &mut faults)?;
    shape(&mut root, &mut faults);
    environment(env, &mut root, &mut faults);
    section::<Server>(&mut root, "server", &mut faults);
    section::<Tls>(&mut root, "tls", &mut faults);
    section::<Api>(&mut root, "api", &mut faults);
    section::<Database>(&mut root, "database", &mut faults);
    section::<Storage>(&mut root, "storage", &mut faults);
    section::<Backup>(&mut root, "backup", &mut faults);
    section::<HotFolder>(&mut root, "hotfolder", &mut faults);
    section::<Limits>(&mut root, "limits", &mut faults);
    section::<Mail>(&mut root, "mail", &mut faults);
    section::<Watch>(&mut root, "watch", &mut faults);
    section::<Auth>(&mut root, "auth", &mut faults);
    section::<Log>(&mut root, "log", &mut faults);
    if let Some(Value::Table(table)) = root.get_mut("settings") {
        *table = stated(flat(table, "settings", false), settings::SERVER, &mut faults);
    }
    entries::<Provider>(&mut root, "provider", inside_provider, &mut faults);
    entries::<Service>(&mut root, "service", inside_service, &mut faults);
    let config = root.try_into::<Config>().map_err(|fault| ConfigError::one(fault.message().to_owned()))?;
    faults.settle();
    check::all(&config, &mut faults);
    faults.told()?;
    Ok(config)
}

/// The text as a tree of values, with the line of every key noted.
fn tree(text: &str, faults: &mut Faults) -> Result<Table, ConfigError> {
    let (document, mut errors) = DeTable::parse_recoverable(text);
    let table = toml::from_str(text).unwrap_or_else(|error| {
        // The second reading refuses what the first let pass, such as a number beyond 64 bits.
        errors.extend(errors.is_empty().then_some(error));
        Table::new()
    });
    for error in &errors {
        // Only the message: the library's own display quotes the line, and the line may hold a key.
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        faults.stands("", Place::Line(line));
        faults.add("", format!("not TOML: {}", error.message()));
    }
    std::mem::take(faults).told()?;
    lines(text, document.get_ref(), "", faults);
    Ok(table)
}

/// The line of every key of a text that could be read.
pub(super) fn places(text: &str) -> std::collections::BTreeMap<String, usize> {
    let mut faults = Faults::default();
    lines(text, DeTable::parse_recoverable(text).0.get_ref(), "", &mut faults);
    faults.lines()
}

fn lines(text: &str, table: &DeTable<'_>, path: &str, faults: &mut Faults) {
    for (key, value) in table {
        let path = join(path, key.get_ref());
        faults.stands(&path, Place::Line(line_of(text, key.span().start)));
        match value.get_ref() {
            DeValue::Table(inner) => lines(text, inner, &path, faults),
            DeValue::Array(list) => {
                list.iter().enumerate().for_each(|(index, item)| {
                    item_lines(text, item, &format!("{path}[{}]", index + 1), faults);
                });
            }
            _ => {}
        }
    }
}

fn item_lines(text: &str, item: &Spanned<DeValue<'_>>, path: &str, faults: &mut Faults) {
    faults.stands(path, Place::Line(line_of(text, item.span().start)));
    if let DeValue::Table(inner) = item.get_ref() {
        lines(text, inner, path, faults);
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Keeps the sections that exist and have the right form.
fn shape(root: &mut Table, faults: &mut Faults) {
    root.retain(|name, value| {
        let fault = match (name, value) {
            ("provider" | "service", Value::Array(list)) if list.iter().all(Value::is_table) => {
                return true;
            }
            ("provider" | "service", _) => format!("`{name}` must be written as [[{name}]]"),
            (_, Value::Table(_)) if names::of::<Config>().contains(&name) => return true,
            _ if names::of::<Config>().contains(&name) => {
                format!("`{name}` must be a section, [{name}]")
            }
            _ => unknown(name, name, names::of::<Config>()),
        };
        faults.add(name, fault);
        false
    });
}

/// Puts what the environment states over what the file states.
fn environment(env: impl Iterator<Item = (String, String)>, root: &mut Table, faults: &mut Faults) {
    let known = variables();
    for (variable, text) in env.filter(|(name, _)| name.starts_with(PREFIX)) {
        faults.stands(&variable, Place::Variable(variable.clone()));
        let Some((_, section, key, default)) = known.iter().find(|known| known.0 == variable) else {
            let names = known.iter().map(|known| known.0.as_str());
            let hint = match settings::closest(&variable, names) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("only those of {} have one", PLAIN.join(", ")),
            };
            faults.add(&variable, format!("no key of the configuration has this variable: {hint}"));
            continue;
        };
        let table = root.entry(*section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(table) = table {
            faults.stands(&format!("{section}.{key}"), Place::Variable(variable));
            table.insert(key.clone(), typed(&text, default));
        }
    }
}

/// Every variable that overrides a key: its name, section and key, and the key's default.
fn variables() -> Vec<(String, &'static str, String, Value)> {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    let keys = |section: &'static str| {
        let table = defaults.get(section).and_then(Value::as_table).cloned().unwrap_or_default();
        table.into_iter().map(move |(key, default)| {
            let name = format!("{PREFIX}{section}_{key}").to_ascii_uppercase();
            (name, section, key, default)
        })
    };
    PLAIN.into_iter().flat_map(keys).collect()
}

/// A variable's text as the kind of value that the default is; what cannot be read so stays text, and is refused later.
fn typed(text: &str, default: &Value) -> Value {
    let as_text = || Value::String(text.to_owned());
    let entries = || text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    match default {
        Value::Integer(_) => text.trim().parse().map_or_else(|_| as_text(), Value::Integer),
        Value::Boolean(_) => text.trim().parse().map_or_else(|_| as_text(), Value::Boolean),
        // As the file writes it, or with commas alone.
        Value::Array(_) => match text.trim().parse() {
            Ok(Value::Array(written)) => Value::Array(written),
            _ => Value::Array(entries().map(Value::from).collect()),
        },
        _ => as_text(),
    }
}

fn section<T: DeserializeOwned>(root: &mut Table, name: &str, faults: &mut Faults) {
    if let Some(Value::Table(table)) = root.get_mut(name) {
        sift::<T>(table, name, faults);
    }
}

/// Leaves in the table only what `T` can read; notes the rest.
fn sift<T: DeserializeOwned>(table: &mut Table, path: &str, faults: &mut Faults) {
    let known = names::of::<T>();
    table.retain(|key, value| {
        let path = join(path, key);
        let fault = if known.contains(&key) {
            check::value::<T>(&path, key, value)
        } else {
            Some(unknown(&path, key, known))
        };
        if let Some(fault) = &fault {
            faults.add(&path, fault.as_str());
        }
        fault.is_none()
    });
}

fn unknown(path: &str, key: &str, known: &[&str]) -> String {
    match settings::closest(key, known.iter().copied()) {
        Some(near) => format!("unknown key `{path}`: did you mean `{near}`?"),
        None => format!("unknown key `{path}`: known here are {}", known.join(", ")),
    }
}

fn entries<T: DeserializeOwned>(
    root: &mut Table,
    name: &str,
    inside: fn(&mut Table, &str, &mut Faults),
    faults: &mut Faults,
) {
    let list = root.get_mut(name).and_then(Value::as_array_mut);
    for (index, entry) in list.into_iter().flatten().enumerate() {
        if let Value::Table(entry) = entry {
            let path = format!("{name}[{}]", index + 1);
            inside(entry, &path, faults);
            sift::<T>(entry, &path, faults);
        }
    }
}

fn inside_provider(entry: &mut Table, path: &str, faults: &mut Faults) {
    if let Some(Value::Table(table)) = entry.get_mut("settings") {
        let path = join(path, "settings");
        *table = stated(flat(table, &path, true), settings::PROVIDER, faults);
    }
}

fn inside_service(entry: &mut Table, path: &str, faults: &mut Faults) {
    let keys = entry.get_mut("keys").and_then(Value::as_array_mut);
    for (index, key) in keys.into_iter().flatten().enumerate() {
        if let Value::Table(key) = key {
            sift::<ServiceKey>(key, &format!("{path}.keys[{}]", index + 1), faults);
        }
    }
}

/// One stated setting: its name, the path at which it stands, its value.
type Entry = (String, String, Value);

/// The settings of a table; a table inside it is a group, so that `GROUP.NAME` is `GROUP/NAME`.
fn flat(table: &Table, path: &str, groups: bool) -> Vec<Entry> {
    let mut found = Vec::new();
    for (key, value) in table {
        let path = join(path, key);
        match value {
            Value::Table(group) if groups => found.extend(
                group.iter().map(|(name, value)| (format!("{key}/{name}"), join(&path, name), value.clone())),
            ),
            _ => found.push((key.clone(), path, value.clone())),
        }
    }
    found
}

/// Checks stated settings against the catalogue and gives them in their written form.
fn stated(entries: Vec<Entry>, of: &'static [Setting], faults: &mut Faults) -> Table {
    let mut table = Table::new();
    for (name, path, value) in entries {
        let Some(setting) = of.iter().find(|setting| setting.name == name) else {
            let hint = match settings::nearest(&name, of) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "no setting has a name like it".to_owned(),
            };
            faults.add(&path, format!("unknown setting `{name}`: {hint}"));
            continue;
        };
        let written = text_of(&value, setting.kind).and_then(|text| setting.check(&text));
        match written {
            Ok(_) if table.contains_key(&name) => faults.add(&path, format!("`{name}` is stated twice")),
            Ok(written) => {
                table.insert(name, Value::String(written));
            }
            Err(fault) if setting.secret => faults.add(&path, format!("`{name}` {fault}")),
            Err(fault) => faults.add(&path, format!("`{name}` {fault}, not {value}")),
        }
    }
    table
}

/// A value of the file as the text of a setting.
fn text_of(value: &Value, kind: Kind) -> Result<String, String> {
    let between = if kind == Kind::Lines { "\n" } else { "," };
    let must = || "must be a text, a whole number, true, false, or a list of texts".to_owned();
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(truth) => Ok(if *truth { "True" } else { "False" }.to_owned()),
        Value::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(between)).ok_or_else(must)
        }
        _ => Err(must()),
    }
}
