//! What a value of the configuration may be, and what must hold between values.
//!
//! Bounds of numbers stand in one table, so that a wrong type, a number too low and a number too high get the same
//! answer: what the key may be. serde's bounds would be those of the integer type, which nobody chose.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::Config;
use super::entries::{KEY, Provider, Service};
use super::faults::Faults;
use crate::domain::names;
use crate::domain::service::{NAME, may_be_called};
use crate::domain::settings::{self, Kind};

const FLOOR: &str = "; below this floor stolen hashes would be too cheap to guess";

/// The bounds of every number: key, lowest, highest, and why not lower, where that is not plain.
const BOUNDS: &[(&str, i64, i64, &str)] = &[
    ("server.workers", 0, 1024, ""),
    ("server.drain_seconds", 0, 3600, ""),
    ("server.shutdown_seconds", 0, 3600, ""),
    ("tls.hsts_seconds", 0, 315_360_000, ""),
    ("storage.readers", 1, 256, ""),
    ("storage.write_queue", 1, 1_000_000, ""),
    ("backup.every", 1, 8_760, ""),
    ("backup.keep", 1, 10_000, ""),
    ("hotfolder.settle_seconds", 0, 3_600, ""),
    ("hotfolder.max_mib", 1, 1_024, ""),
    ("hotfolder.keep_days", 1, 3_650, ""),
    ("limits.body_bytes", 1024, 1_073_741_824, ""),
    ("limits.requests_per_second", 1, 1_000_000, ""),
    ("limits.burst", 1, 1_000_000, ""),
    ("limits.service_requests_per_second", 0, 1_000_000, ""),
    ("limits.service_burst", 0, 1_000_000, ""),
    ("limits.connections", 1, 1_000_000, ""),
    ("limits.header_seconds", 1, 300, ""),
    ("limits.body_seconds", 1, 3600, ""),
    ("limits.keep_alive_seconds", 0, 3600, ""),
    ("limits.hash_wait_seconds", 1, 60, ""),
    ("mail.port", 0, 65_535, ""),
    ("auth.argon2_memory_kib", 19_456, 4_194_304, FLOOR),
    ("auth.argon2_passes", 2, 100, FLOOR),
    ("auth.argon2_lanes", 1, 64, FLOOR),
    ("auth.hash_threads", 0, 1024, ""),
    ("auth.login_cache", 0, 3600, ""),
    ("service.login_limit", 0, 1_000_000, ""),
];

/// What is wrong with the value of one key by itself, if anything.
pub(super) fn value<T: DeserializeOwned>(path: &str, key: &str, value: &Value) -> Option<String> {
    let plain = without_counts(path);
    if let Some(bounds) = BOUNDS.iter().find(|bounds| bounds.0 == plain) {
        return number(path, value, bounds);
    }
    let alone = Table::from_iter([(key.to_owned(), value.clone())]);
    let fault = alone.try_into::<T>().err()?;
    match expected(&plain) {
        Some(expected) => Some(format!("`{path}` must be {expected}")),
        None => Some(format!("`{path}`: {}", fault.message())),
    }
}

fn number(path: &str, value: &Value, bounds: &(&str, i64, i64, &str)) -> Option<String> {
    let (_, lowest, highest, floor) = *bounds;
    let number = value.as_integer();
    if number.is_some_and(|number| (lowest..=highest).contains(&number)) {
        return None;
    }
    let why = if number.is_some_and(|number| number < lowest) { floor } else { "" };
    Some(format!("`{path}` must be a whole number from {lowest} to {highest}, not {value}{why}"))
}

/// What a key holds, where serde's own words would not help or would repeat a secret.
fn expected(key: &str) -> Option<&'static str> {
    match key {
        "tls.listen" => Some("a list of addresses with ports, such as [\"0.0.0.0:8443\"]"),
        "server.listen" => Some("a list of addresses with ports, such as [\"127.0.0.1:8080\"]"),
        "api.cors_origins" => Some("a list of origins, such as [\"https://app.example.com\"]"),
        "mail.tls" => Some("starttls, tls or none"),
        "mail.password" => Some("a text"),
        "service.method" => Some("md5, md5-salt, hmac-sha1 or hmac-sha256"),
        "service.addresses" => Some("a list of addresses and ranges, such as [\"10.0.0.7\"]"),
        "service.commands" => Some("a list of names of commands, such as [\"loginuser\"]"),
        "service.keys" => Some("a list such as [{ key = \"…\", not_after = 2027-01-31T00:00:00Z }]"),
        "service.keys.key" => Some("a text"),
        "provider.settings" => Some("a table of settings"),
        _ => None,
    }
}

/// `service[2].keys[1].key` as `service.keys.key`.
fn without_counts(path: &str) -> String {
    let parts = path.split('.').map(|part| part.split_once('[').map_or(part, |(name, _)| name));
    parts.collect::<Vec<_>>().join(".")
}

/// Notes everything that is wrong with the configuration as a whole.
pub(super) fn all(config: &Config, faults: &mut Faults) {
    server(config, faults);
    api(config, faults);
    config.tls.check(&config.server, faults);
    config.mail.check(faults);
    providers(&config.providers, faults);
    services(&config.services, faults);
    overlaps(config, faults);
}

fn server(config: &Config, faults: &mut Faults) {
    let server = &config.server;
    if server.listen.is_empty() && config.tls.listen.is_empty() {
        let what = "`server.listen` and `tls.listen` are empty, so nobody could reach the server";
        faults.add("server.listen", what);
    }
    if server.trusted_proxies.iter().any(|range| range.prefix_len() == 0) {
        let what =
            "`server.trusted_proxies` holds every address, so each caller could name the address it likes";
        faults.add("server.trusted_proxies", what);
    }
    if server.proxy_header.is_empty() || !server.proxy_header.chars().all(is_token) {
        let what = "`server.proxy_header` must be the name of a header, such as X-Forwarded-For";
        faults.add("server.proxy_header", what);
    }
    if config.database.path.as_os_str().is_empty() {
        faults.add("database.path", "`database.path` must name a file");
    }
}

fn api(config: &Config, faults: &mut Faults) {
    for text in &config.api.cors_origins {
        if let Err(fault) = origin(text) {
            faults.add("api.cors_origins", format!("`api.cors_origins`: `{text}` {fault}"));
        }
    }
    let end = config.api.header_prefix.strip_prefix("X-").unwrap_or_default();
    if end.is_empty() || !end.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        let what =
            "`api.header_prefix` must be X- with letters, digits and hyphens behind it, such as X-VEHMAN";
        faults.add("api.header_prefix", what);
    }
}

/// Whether a text is an origin as browsers write it: what is written otherwise would never match.
fn origin(text: &str) -> Result<(), &'static str> {
    if text.contains('*') {
        return Err("would let in pages that nobody has named: list each origin by itself");
    }
    let must = "must be scheme://host or scheme://host:port in lower case, such as https://app.example.com";
    let (scheme, rest) = text.split_once("://").ok_or(must)?;
    let own_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return Err(must),
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !rest.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let number = port.map(|port| port.parse::<u16>().ok().filter(|number| number.to_string() == port));
    if number == Some(None) || number == Some(Some(0)) || !is_host(host) {
        return Err(must);
    }
    if number == Some(Some(own_port)) {
        return Err("names the port that its scheme has anyway: leave it out, as browsers do");
    }
    Ok(())
}

fn is_host(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.to_string() == inner),
        None => !host.is_empty() && host.chars().all(plain),
    }
}

/// The characters that HTTP allows in the name of a header.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn providers(providers: &[Provider], faults: &mut Faults) {
    let mut seen = BTreeMap::new();
    for (index, provider) in providers.iter().enumerate() {
        let path = format!("provider[{}]", index + 1);
        let code = &provider.code;
        code_of(&path, "code", Some(code), faults);
        code_of(&path, "managed_by", provider.managed_by.as_ref(), faults);
        if provider.managed_by.as_ref() == Some(code) {
            faults.add(&path, format!("provider `{code}` cannot be managed by itself"));
        }
        text_of(&path, "name", &provider.name, 0..=100, faults);
        if !code.is_empty() && seen.insert(code, index).is_some() {
            faults.add(&path, format!("provider `{code}` is stated twice: the codes must differ"));
        }
    }
}

fn code_of(path: &str, key: &str, code: Option<&String>, faults: &mut Faults) {
    if let Some(Err(fault)) = code.map(|code| Kind::Provider.check(code)) {
        faults.add(&format!("{path}.{key}"), format!("`{path}.{key}` {fault}"));
    }
}

fn text_of(path: &str, key: &str, text: &str, length: std::ops::RangeInclusive<usize>, faults: &mut Faults) {
    let (fewest, most) = (length.start(), length.end());
    let plain = text.trim() == text && !text.chars().any(char::is_control);
    if !plain || !length.contains(&text.chars().count()) {
        let what = format!("`{path}.{key}` must be {fewest} to {most} characters without space around them");
        faults.add(&format!("{path}.{key}"), what);
    }
}

fn services(services: &[Service], faults: &mut Faults) {
    let mut seen = BTreeMap::new();
    for (index, service) in services.iter().enumerate() {
        let path = format!("service[{}]", index + 1);
        if !may_be_called(&service.name) {
            faults.add(&format!("{path}.name"), format!("`{path}.name` {NAME}"));
        }
        code_of(&path, "provider", service.provider.as_ref(), faults);
        addresses(&path, service, faults);
        keys(&path, service, faults);
        commands(&path, service, faults);
        let earlier = seen.insert(names::key(&service.name), &service.name);
        if let Some(earlier) = earlier.filter(|name| !name.is_empty()) {
            let what = format!(
                "services `{earlier}` and `{}` have the same name: case does not count",
                service.name
            );
            faults.add(&path, what);
        }
    }
}

fn addresses(path: &str, service: &Service, faults: &mut Faults) {
    let (path, name) = (format!("{path}.addresses"), &service.name);
    if service.addresses.is_empty() {
        faults.add(&path, format!("service `{name}` states no `addresses`, so it could never call"));
    }
    for address in &service.addresses {
        if let Err(fault) = settings::network(address) {
            faults.add(&path, format!("service `{name}`: address `{address}` {fault}"));
        }
    }
}

fn keys(path: &str, service: &Service, faults: &mut Faults) {
    let (path, name) = (format!("{path}.keys"), &service.name);
    if service.key_file.is_some() && !service.keys.is_empty() {
        faults.add(&path, format!("service `{name}` states both `key_file` and `keys`: keep one of them"));
    }
    if service.keys.len() > 2 {
        faults.add(&path, format!("service `{name}` states more than two keys: remove the oldest"));
    }
    for (index, key) in service.keys.iter().enumerate() {
        if !key.is_usable() {
            let at = format!("{path}[{}]", index + 1);
            faults.add(&at, format!("service `{name}`: a key must have {KEY}"));
        }
    }
}

fn commands(path: &str, service: &Service, faults: &mut Faults) {
    let plain = |command: &str| !command.is_empty() && command.chars().all(|c| c.is_ascii_lowercase());
    for command in service.commands.iter().filter(|command| !plain(command)) {
        let what = format!(
            "service `{}`: `{command}` is no name of a command: those are lower-case letters",
            service.name
        );
        faults.add(&format!("{path}.commands"), what);
    }
}

/// No address may belong to two services, nor to a service and to the external console.
fn overlaps(config: &Config, faults: &mut Faults) {
    let owners = owners(config);
    for (index, (name, path, ranges)) in owners.iter().enumerate() {
        for (earlier, _, others) in &owners[..index] {
            let Some((a, b)) = settings::overlap(others, ranges) else {
                continue;
            };
            let (a, b) = (settings::written(&a), settings::written(&b));
            let what =
                format!("{earlier} and {name} overlap: {a} and {b}; an address must tell whose call it is");
            faults.add(path, what);
        }
    }
}

/// Who owns addresses, of those that may call: what to call the owner, where that is stated, and the ranges.
fn owners(config: &Config) -> Vec<(String, String, Vec<IpNet>)> {
    let of_service = |(index, service): (usize, &Service)| {
        let ranges = service.addresses.iter().filter_map(|text| settings::network(text).ok());
        let path = format!("service[{}].addresses", index + 1);
        (format!("service `{}`", service.name), path, ranges.collect())
    };
    let name = "AdminConsoleIPAddress";
    let console = config.settings.get(name).and_then(|text| settings::networks(text).ok());
    let console = console.map(|ranges| (format!("`{name}`"), format!("settings.{name}"), ranges));
    let services = config.services.iter().enumerate().filter(|(_, service)| service.enabled);
    services.map(of_service).chain(console).collect()
}
