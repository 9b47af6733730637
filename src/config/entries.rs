//! The entries of which there may be several, and the settings that the file states.
//!
//! They are applied at every start: what is stated is made or brought to the stated value, and nothing is deleted
//! because it is no longer mentioned. A key is a secret wherever it stands, so these types show it to nobody: neither
//! `Debug` nor serialising writes one.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::ConfigError;
use crate::domain::secret::Secret;
pub use crate::domain::service::ServiceKind;
use crate::domain::settings;
use crate::domain::time::Time;
use crate::gate::checksum::Method;

/// What a key must be.
pub(super) const KEY: &str = "at least 16 characters, and no space around them";

/// `[[provider]]`: one provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provider {
    /// Its code: four of A-Z and 0-9.
    pub code: String,
    /// Its name; blank = the code.
    pub name: String,
    /// The code of the provider that may act for it.
    pub managed_by: Option<String>,
    /// Its settings that the file decides, by `GROUP/NAME`.
    pub settings: Stated,
}

/// `[[service]]`: one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its name, unique without regard to case; 1 to 64 characters.
    pub name: String,
    /// The code of the provider it acts for; `None` = the default provider.
    pub provider: Option<String>,
    /// What it is.
    pub kind: ServiceKind,
    /// How its calls are signed.
    pub method: Method,
    /// The addresses and ranges it calls from, as stated; [`settings::network`] reads each of them.
    pub addresses: Vec<String>,
    /// A file whose first line is its key; instead of `keys`.
    pub key_file: Option<PathBuf>,
    /// Its live keys, two at most; none = one is made and kept in the database.
    pub keys: Vec<ServiceKey>,
    /// The commands it may call; empty = all.
    pub commands: Vec<String>,
    /// Whether it may call at all.
    pub enabled: bool,
    /// Failed logins that all its calls together may cause within `LoginMaxInterval`; 0 = no limit.
    pub login_limit: u32,
}

/// A key of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceKey {
    /// The key itself, at least 16 characters.
    #[serde(skip_serializing)]
    pub key: Secret,
    /// When it stops being accepted; `None` = never.
    #[serde(deserialize_with = "moment", serialize_with = "moment_text")]
    pub not_after: Option<Time>,
}

/// Settings that the file states, by name, checked and in their written form.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Stated(BTreeMap<String, String>);

impl Default for Service {
    fn default() -> Self {
        Self {
            name: String::new(),
            provider: None,
            kind: ServiceKind::default(),
            method: Method::Md5Key,
            addresses: Vec::new(),
            key_file: None,
            keys: Vec::new(),
            commands: Vec::new(),
            enabled: true,
            login_limit: 0,
        }
    }
}

impl Service {
    /// The keys that hold: those stated here, or the one in the key file; empty if neither is stated.
    ///
    /// The file is read when the keys are needed and not with the configuration, which programs read that have no right
    /// to the key.
    ///
    /// # Errors
    /// The file cannot be read, or its first line is no key.
    pub fn live_keys(&self) -> Result<Vec<ServiceKey>, ConfigError> {
        let Some(path) = &self.key_file else {
            return Ok(self.keys.clone());
        };
        let fault = |what: &str| {
            ConfigError::one(format!("service `{}`: key file {} {what}", self.name, path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| fault(&format!("cannot be read: {error}")))?;
        let key = Secret::new(text.lines().next().unwrap_or(""));
        let key = ServiceKey { key, not_after: None };
        if !key.is_usable() {
            return Err(fault(&format!("must begin with a line of {KEY}")));
        }
        Ok(vec![key])
    }
}

impl ServiceKey {
    /// Whether it is long enough, and free of space at its ends that nobody would see.
    pub(super) fn is_usable(&self) -> bool {
        let key = self.key.reveal();
        key.chars().count() >= 16 && key.trim() == key
    }
}

impl Stated {
    /// The value stated for this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every stated name with its value, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with `***` in place of each secret.
    fn masked(&self) -> impl Iterator<Item = (&str, &str)> {
        let secret = |name| settings::server(name).is_some_and(|setting| setting.secret);
        self.iter().map(move |(name, value)| (name, if secret(name) { "***" } else { value }))
    }
}

impl fmt::Debug for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.masked()).finish()
    }
}

impl Serialize for Stated {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.masked())
    }
}

/// Reads a moment, written as TOML's own date or as text. A moment without an offset is refused: the machine's idea of
/// local time would decide when a key ends.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Time>, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::Datetime(moment) => moment.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    let must = "must be a moment with its offset, such as 2027-01-31T00:00:00Z";
    Time::parse_rfc3339(&text).map(Some).ok_or_else(|| D::Error::custom(must))
}

fn moment_text<S: Serializer>(moment: &Option<Time>, to: S) -> Result<S::Ok, S::Error> {
    moment.map(Time::rfc3339).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn service(line: &str) -> Result<Service, ConfigError> {
        let text = format!("[[service]]\nname = 'one'\naddresses = ['10.0.0.1']\n{line}");
        Config::from_toml(&text, std::iter::empty()).map(|mut config| config.services.remove(0))
    }

    #[test]
    fn the_methods_have_short_names() {
        for (method, long, short) in Method::ALL {
            for name in [long, short] {
                let read = service(&format!("method = '{name}'"));
                assert_eq!(read.map(|service| service.method), Ok(method));
            }
        }
        let fault = service("method = 'sha1'").err();
        assert_eq!(
            fault.as_ref().map(ConfigError::faults),
            Some(
                &["line 4: `service[1].method` must be md5, md5-salt, hmac-sha1 or hmac-sha256".to_owned()][..]
            )
        );
    }

    #[test]
    fn the_kinds_are_written_as_they_are_read() {
        for kind in ["api", "shop", "webportal", "adminconsole", "authservice", "hostserver"] {
            let read = service(&format!("kind = '{kind}'"));
            assert_eq!(read.map(|service| service.kind.as_str()), Ok(kind));
        }
    }

    #[test]
    fn a_moment_is_a_date_of_toml_or_a_text() {
        let ends = |moment: &str| {
            let read = service(&format!("keys = [{{ key = '0123456789abcdef', not_after = {moment} }}]"));
            read.ok().and_then(|service| service.keys[0].not_after)
        };
        assert!(ends("2027-01-31T00:00:00Z").is_some());
        assert_eq!(ends("2027-01-31T02:00:00+02:00"), ends("'2027-01-31T00:00:00Z'"));
        assert_eq!(ends("2027-01-31T02:00:00"), None);
    }
}
