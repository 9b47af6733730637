//! The log: lines for people, or one JSON object a line for programs.
//!
//! A call's line carries its facts as key-value pairs, so that both forms come from one place.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use env_logger::fmt::Formatter;
use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Record};

use crate::config::{Log, LogFormat};
use crate::domain::time::{Clock, SystemClock};

/// Whether lines are JSON; there is one log in a program.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Starts the log by the configuration.
pub fn start(config: &Log) {
    let started = env_logger::Builder::new()
        .filter_level(LevelFilter::Trace)
        .filter_module("actix_server", LevelFilter::Warn)
        // It warns of whatever strangers send; what they are refused for is theirs to see.
        .filter_module("rustls", LevelFilter::Error)
        // It takes for an error of ours what is no HTTP, so anybody could fill the log with errors.
        .filter_module("actix_http", LevelFilter::Off)
        .format(|to, record| match AS_JSON.load(Ordering::Relaxed) {
            false => text(to, record),
            true => json(to, record),
        })
        .try_init();
    set(config);
    if started.is_err() {
        log::debug!("the log was started before");
    }
}

/// What holds from now on. The level is the one of the whole program, which every line asks first.
pub fn set(config: &Log) {
    AS_JSON.store(config.format == LogFormat::Json, Ordering::Relaxed);
    // A level's word is the filter's.
    log::set_max_level(config.level.as_str().parse().unwrap_or(LevelFilter::Info));
}

fn text(to: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let level = record.level();
    let style = to.default_level_style(level);
    write!(to, "{} {style}{level:<5}{style:#} {}", SystemClock.now().rfc3339(), record.target())?;
    let message = record.args().to_string();
    if !message.is_empty() {
        write!(to, " {}", message.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"))?;
    }
    let mut pairs = Pairs(Vec::new());
    let _ = record.key_values().visit(&mut pairs);
    for (name, value) in pairs.0 {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        write!(to, " {name}={value}")?;
    }
    writeln!(to)
}

fn json(to: &mut Formatter, record: &Record<'_>) -> std::io::Result<()> {
    let mut line = serde_json::Map::new();
    line.insert("time".into(), SystemClock.now().rfc3339().into());
    line.insert("level".into(), record.level().as_str().into());
    line.insert("target".into(), record.target().into());
    line.insert("message".into(), record.args().to_string().into());
    let mut pairs = Pairs(Vec::new());
    let _ = record.key_values().visit(&mut pairs);
    line.extend(pairs.0);
    writeln!(to, "{}", serde_json::Value::Object(line))
}

/// The key-value pairs of a line.
struct Pairs(Vec<(String, serde_json::Value)>);

impl<'kvs> VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let value = match (value.to_i64(), value.to_u64()) {
            (Some(number), _) => number.into(),
            (_, Some(number)) => number.into(),
            _ => value.to_string().into(),
        };
        self.0.push((key.to_string(), value));
        Ok(())
    }
}
