//! `regserver diagnose`: what a report of a fault needs, without anything that must stay secret.
//!
//! It only reads, and says what cannot be read instead of giving up: it is run where something is
//! broken. Names of users, keys and passwords do not come near it; the configuration's types write
//! their own secrets as marks.

use std::fmt::Write;
use std::path::Path;

use super::{DONE, Failure, local, say};
use crate::config::Config;
use crate::domain::settings;
use crate::domain::time::{Clock, SystemClock};
use crate::store::{Reader, counts};

/// Prints the report.
pub fn run(path: Option<&Path>) -> Result<u8, Failure> {
    let mut text = String::new();
    section(&mut text, "program");
    line(&mut text, "regserver", env!("CARGO_PKG_VERSION"));
    line(&mut text, "database library", &counts::library());
    line(&mut text, "platform", &platform());
    line(&mut text, "time", &SystemClock.now().rfc3339());
    match Config::load(path) {
        Err(error) => {
            section(&mut text, "configuration");
            let _ = writeln!(text, "{error}");
        }
        Ok(config) => {
            configuration(&mut text, &config);
            database(&mut text, &config);
        }
    }
    text.push_str("\nKeys, passwords and the salt are left out; addresses and names of services are not.\n");
    say(&text);
    Ok(DONE)
}

fn section(text: &mut String, name: &str) {
    let _ = writeln!(text, "{}== {name}", if text.is_empty() { "" } else { "\n" });
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name:<22} {value}");
}

fn platform() -> String {
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{} {}, {} {}, cores: {cores}",
        std::env::consts::OS,
        std::env::consts::ARCH,
        name.unwrap_or("unknown system").trim_matches('"'),
        kernel.trim(),
    )
}

fn configuration(text: &mut String, config: &Config) {
    section(text, "configuration");
    let file = config.found().map_or("no file; the defaults hold".into(), |file| file.display().to_string());
    line(text, "file", &file);
    let variables = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut ours: Vec<String> = variables.filter(|name| name.starts_with("REGSERVER_")).collect();
    ours.sort_unstable();
    line(text, "variables set", &if ours.is_empty() { "none".to_owned() } else { ours.join(" ") });
    match toml::to_string(&shown(config)) {
        Ok(shown) => text.push_str(&shown),
        Err(error) => line(text, "cannot be shown", &error.to_string()),
    }
}

/// The configuration with every secret masked; a provider's settings of a name that is not known too.
fn shown(config: &Config) -> toml::Table {
    let mut table = toml::Table::try_from(config).unwrap_or_default();
    for service in table.get_mut("service").and_then(toml::Value::as_array_mut).into_iter().flatten() {
        let keys = service.get("keys").and_then(toml::Value::as_array).map_or(0, Vec::len);
        if let Some(service) = service.as_table_mut() {
            service.insert("keys".into(), format!("({keys})").into());
        }
    }
    table
}

fn database(text: &mut String, config: &Config) {
    section(text, "database");
    let path = &config.database.path;
    line(text, "file", &path.display().to_string());
    line(text, "size in bytes", &size(path));
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    line(text, "WAL in bytes", &size(Path::new(&wal)));
    let key = if config.master_key_file().exists() { "there" } else { "missing" };
    line(text, "master key", key);
    if !path.exists() {
        return;
    }
    if let Err(error) = rows(text, path) {
        line(text, "cannot be read", &error.to_string());
    }
    services(text, config);
}

fn size(path: &Path) -> String {
    std::fs::metadata(path).map_or("not there".into(), |file| file.len().to_string())
}

fn rows(text: &mut String, path: &Path) -> crate::error::Result<()> {
    Reader::open(path)?.read(|tx| {
        line(text, "generation", &tx.generation()?.to_string());
        section(text, "rows");
        for (table, count) in tx.row_counts()? {
            line(text, table, &count.to_string());
        }
        section(text, "settings that differ from the default");
        let providers = tx.providers()?;
        let values = tx.setting_values()?;
        let mut shown: Vec<String> = values
            .iter()
            .map(|(provider, name, value)| {
                let code = providers.iter().find(|row| Some(row.id) == provider);
                let code = code.map_or("server", |row| row.code.as_str());
                format!("{code:<8} {name} = {}", masked(provider.is_some(), name, value))
            })
            .collect();
        shown.sort_unstable();
        text.push_str(&if shown.is_empty() { "none\n".to_owned() } else { shown.join("\n") + "\n" });
        Ok(())
    })
}

/// The value, unless the setting is secret or not known, so that nobody can say what stands there.
fn masked(of_provider: bool, name: &str, value: &str) -> String {
    let setting = if of_provider { settings::provider(name) } else { settings::server(name) };
    match setting {
        Some(setting) if !setting.secret => format!("{value:?}"),
        _ => "***".to_owned(),
    }
}

fn services(text: &mut String, config: &Config) {
    section(text, "services");
    let snapshot = match local::snapshot(config) {
        Ok(snapshot) => snapshot,
        Err(error) => return line(text, "cannot be read", &format!("{error:#}")),
    };
    let now = SystemClock.now();
    for service in snapshot.services() {
        let keys = service.keys_at(now, &snapshot.salt).count();
        let state = match (service.enabled, keys) {
            (false, _) => "disabled",
            (true, 0) => "WITHOUT A LIVE KEY",
            (true, _) => "may call",
        };
        let about = format!("{} of {}, {}, live keys: {keys}", state, service.provider.code, service.method);
        line(text, &service.name, &about);
    }
}
