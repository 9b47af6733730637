//! The log: lines for people, or one JSON object a line for programs.
//!
//! A call's line carries its facts as key-value pairs, so that both forms come from one place.

use std::io::Write;

use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource};

use crate::config::{Log, LogFormat};
use crate::domain::time::{Clock, SystemClock};

/// Starts the log by the configuration.
pub fn start(config: &Log) {
    let format = config.format;
    let started = env_logger::Builder::new()
        .parse_filters(config.level.as_str())
        .filter_module("actix_server", log::LevelFilter::Warn)
        .format(move |to, record| match format {
            LogFormat::Text => text(to, record),
            LogFormat::Json => json(to, record),
        })
        .try_init();
    if started.is_err() {
        log::debug!("the log was started before");
    }
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
