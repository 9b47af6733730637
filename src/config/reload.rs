//! What of a configuration can change while the program runs, and what waits for a restart.
//!
//! Threads, sockets and files that are open already stay as they are. They are listed here once; which keys
//! were changed in vain is found by comparing, so no second list can forget one.

use toml::{Table, Value};

use super::read::PLAIN;
use super::{Config, ConfigError};

impl Config {
    /// Reads the same configuration again, for a program that runs with this one. Gives what holds from now on,
    /// and the keys that were changed and need a restart.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn again(&self) -> Result<(Self, Vec<String>), ConfigError> {
        let read = Self::load(self.found())?;
        let next = read.clone().keeping(self);
        let waiting = next.differences(&read);
        Ok((next, waiting))
    }

    /// With everything of the running one that cannot change meanwhile.
    fn keeping(mut self, running: &Self) -> Self {
        let old = running.clone();
        self.server.listen = old.server.listen;
        self.server.workers = old.server.workers;
        self.server.shutdown_seconds = old.server.shutdown_seconds;
        self.tls.listen = old.tls.listen;
        self.database = old.database;
        self.storage = old.storage;
        self.backup = old.backup;
        self.hotfolder = old.hotfolder;
        self.auth = old.auth;
        self.limits.connections = old.limits.connections;
        self.limits.header_seconds = old.limits.header_seconds;
        self.limits.keep_alive_seconds = old.limits.keep_alive_seconds;
        self.limits.hash_wait_seconds = old.limits.hash_wait_seconds;
        self
    }

    /// The keys of the plain sections that have other values, as `section.key`.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (ours, theirs) = (self.plain(), other.plain());
        let keys = ours.iter().filter(|(key, value)| !theirs.contains(&((*key).clone(), (*value).clone())));
        keys.map(|(key, _)| key.clone()).collect()
    }

    /// The keys of the plain sections with their values.
    fn plain(&self) -> Vec<(String, Value)> {
        let root = Table::try_from(self).unwrap_or_default();
        let sections = PLAIN.iter().filter_map(|name| Some((name, root.get(*name)?.as_table()?)));
        let keys = |(section, table): (&&str, &Table)| -> Vec<(String, Value)> {
            table.iter().map(|(key, value)| (format!("{section}.{key}"), value.clone())).collect()
        };
        sections.flat_map(keys).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default configuration with another value for each key of the plain sections.
    fn all_changed() -> Config {
        let mut root = Table::try_from(Config::default()).unwrap();
        for name in PLAIN {
            for (key, value) in root[name].as_table_mut().unwrap() {
                *value = match (key.as_str(), &value) {
                    ("durability", _) => "normal".into(),
                    ("level", _) => "debug".into(),
                    ("format", _) => "json".into(),
                    ("tls", _) => "none".into(),
                    ("listen", _) => Value::Array(vec!["127.0.0.1:9".into()]),
                    (_, Value::Integer(number)) => Value::Integer(number + 1),
                    (_, Value::Boolean(truth)) => Value::Boolean(!truth),
                    (_, Value::Array(_)) => Value::Array(vec!["10.0.0.7/32".into()]),
                    (_, value) => format!("{}x", value.as_str().unwrap()).into(),
                };
            }
        }
        root.try_into().unwrap()
    }

    #[test]
    fn every_key_changes_at_once_or_is_named_as_waiting() {
        let (running, read) = (Config::default(), all_changed());
        let every: Vec<String> = running.plain().into_iter().map(|(key, _)| key).collect();
        assert_eq!(running.differences(&read), every);
        let next = read.clone().keeping(&running);
        let waiting = next.differences(&read);
        assert_eq!(
            waiting
                .iter()
                .map(|key| key.split('.').next().unwrap())
                .collect::<std::collections::BTreeSet<_>>(),
            ["auth", "backup", "database", "hotfolder", "limits", "server", "storage", "tls"].into()
        );
        let changed = running.differences(&next);
        assert_eq!(changed.len() + waiting.len(), every.len());
        assert!(changed.iter().all(|key| !waiting.contains(key)), "{changed:?} {waiting:?}");
    }
}
