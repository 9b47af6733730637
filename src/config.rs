//! The configuration: what must be known before the database is open, or belongs to the machine and not to the data.
//!
//! One TOML file, then the environment for single keys. A mistyped key that is silently ignored is the worst fault a
//! configuration can have, so every unknown name is an error that tells the nearest known one; and because the person
//! at the keyboard wants to mend everything in one go, the reading does not stop at the first fault, as serde alone
//! would, but lists all of them with their lines.

mod check;
mod entries;
mod faults;
mod mail;
mod names;
mod read;
mod reload;
mod sections;
mod tls;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use entries::{Provider, Service, ServiceKey, ServiceKind, Stated};
pub use faults::ConfigError;
pub use mail::{Mail, MailTls};
pub use sections::{
    Api, Auth, Backup, Database, Durability, HotFolder, Level, Limits, Log, LogFormat, Server, Storage, Watch,
};
pub use tls::Tls;

/// Where the configuration is looked for when no path is named.
const PLACES: [&str; 2] = ["conf/regserver.toml", "regserver.toml"];

/// The whole configuration; its `Default` is what holds when nothing is stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// `[server]`: where the program listens and whom it believes.
    pub server: Server,
    /// `[tls]`: where calls are encrypted, and with which certificate.
    pub tls: Tls,
    /// `[api]`: how callers without a checksum show who they are.
    pub api: Api,
    /// `[database]`: where the data lies.
    pub database: Database,
    /// `[storage]`: how the data is written and read.
    pub storage: Storage,
    /// `[backup]`: the copies of the database that the server makes by itself.
    pub backup: Backup,
    /// `[hotfolder]`: how the files of hot folders are handled.
    pub hotfolder: HotFolder,
    /// `[limits]`: what one caller, or all of them, may ask for.
    pub limits: Limits,
    /// `[mail]`: how mails leave.
    pub mail: Mail,
    /// `[watch]`: who may ask how the server is.
    pub watch: Watch,
    /// `[auth]`: how passwords are hashed.
    pub auth: Auth,
    /// `[log]`: what the program says about itself.
    pub log: Log,
    /// `[settings]`: the server's settings that the file decides, checked and in their written form.
    pub settings: Stated,
    /// `[[provider]]`: the providers that the file states.
    #[serde(rename = "provider", skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
    /// `[[service]]`: the services that the file states.
    #[serde(rename = "service", skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    #[serde(skip)]
    found: Option<PathBuf>,
}

impl Config {
    /// Reads the file at `path`, or the one that lies in the usual place if there is one, and then the environment.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match path {
            Some(path) => Some(path.to_owned()),
            None => usual_place(Path::new(""))?,
        };
        let Some(path) = path else {
            return Self::from_toml("", environment());
        };
        let text =
            fs::read_to_string(&path).map_err(|fault| ConfigError::one(unreadable(&fault)).of(&path))?;
        let read = Self::from_toml(&text, environment()).map_err(|fault| fault.of(&path))?;
        Ok(Self { found: Some(path), ..read })
    }

    /// Reads a configuration from its text and from variables of the form `REGSERVER_<SECTION>_<KEY>`.
    ///
    /// Variables of other names are left alone.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn from_toml(text: &str, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        read::config(text, env)
    }

    /// Reads a configuration from its text and the environment of this program.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn from_text(text: &str) -> Result<Self, ConfigError> {
        Self::from_toml(text, environment())
    }

    /// The line of each key of a text, by its path: `settings.RegServerName`, `service[2]`, `service[2].name`.
    #[must_use]
    pub fn lines(text: &str) -> BTreeMap<String, usize> {
        read::places(text)
    }

    /// The file of the master key: the one stated, else the database's path with `.key` behind it.
    #[must_use]
    pub fn master_key_file(&self) -> PathBuf {
        if !self.database.master_key_file.as_os_str().is_empty() {
            return self.database.master_key_file.clone();
        }
        let mut path = self.database.path.clone().into_os_string();
        path.push(".key");
        path.into()
    }

    /// The file it came from; `None` if there was none.
    #[must_use]
    pub fn found(&self) -> Option<&Path> {
        self.found.as_deref()
    }
}

fn unreadable(fault: &std::io::Error) -> String {
    let hint = match fault.kind() {
        std::io::ErrorKind::NotFound => "name one that is there, or make it with `regserver init`",
        _ => "make it readable for the user that runs the program",
    };
    format!("the file cannot be read: {fault}: {hint}")
}

/// The one file that lies in a usual place of the folder. Two are refused: whichever were taken, somebody would edit the
/// other.
fn usual_place(folder: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let mut there = PLACES.iter().map(|place| folder.join(place)).filter(|path| path.exists());
    match (there.next(), there.next()) {
        (Some(first), Some(second)) => Err(ConfigError::one(format!(
            "both {} and {} are here: name the one to use, or remove the other",
            first.display(),
            second.display()
        ))),
        (first, _) => Ok(first),
    }
}

/// The environment as text. What is not Unicode is read with marks in place of it and then refused where it is used;
/// `env::vars` would panic, also for a variable that is none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toml::{Table, Value};

    use super::*;

    /// The shipped file with its examples in force: a `#` directly before a word hides an example.
    fn shipped_with_examples() -> String {
        let shown = |line: &'static str| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        };
        let lines = include_str!("../conf/regserver.toml").lines().map(shown);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The keys of all entries of this name together.
    fn shown<'a>(file: &'a Table, entry: &str) -> BTreeSet<&'a str> {
        let entries = file.get(entry).and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(Value::as_table).flat_map(Table::keys).map(String::as_str).collect()
    }

    #[test]
    fn the_examples_show_every_key_of_an_entry() {
        let file: Table = toml::from_str(&shipped_with_examples()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(shown(&file, "provider"), names::of::<Provider>().iter().copied().collect());
        assert_eq!(shown(&file, "service"), names::of::<Service>().iter().copied().collect());
    }

    #[test]
    fn the_examples_can_be_used() {
        let config = Config::from_toml(&shipped_with_examples(), std::iter::empty())
            .unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(config.settings.get("DefaultProvider"), Some("ACME"));
        let provider = &config.providers[0];
        assert_eq!(provider.settings.get("API/API_SEND_EMAIL"), Some("True"));
        assert_eq!(provider.settings.get("EMAIL/EMAIL_ALLOWED_LANG"), Some("en,de,fr"));
        let [portal, shop] = config.services.as_slice() else { panic!("two services") };
        assert_eq!((portal.kind, portal.method.short()), (ServiceKind::WebPortal, "hmac-sha256"));
        assert!(portal.key_file.is_some() && portal.enabled);
        assert!(shop.keys[0].not_after.is_some() && shop.keys[1].not_after.is_none());
    }

    #[test]
    fn one_file_in_a_usual_place_is_found_and_two_are_refused() {
        let folder = env::temp_dir().join(format!("regserver-places-{}", std::process::id()));
        let write = |place: &str| {
            let path = folder.join(place);
            let made = fs::create_dir_all(folder.join("conf")).and_then(|()| fs::write(&path, ""));
            made.unwrap_or_else(|fault| panic!("{fault}"));
            path
        };
        assert_eq!(usual_place(&folder), Ok(None));
        let first = write(PLACES[1]);
        assert_eq!(usual_place(&folder), Ok(Some(first)));
        write(PLACES[0]);
        assert!(usual_place(&folder).is_err_and(|fault| fault.to_string().contains("remove the other")));
        fs::remove_dir_all(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    }

    #[test]
    fn every_number_has_bounds_that_hold_its_default() {
        let config = Config { services: vec![Service::default()], ..Config::default() };
        let root = Table::try_from(config).unwrap_or_else(|fault| panic!("{fault}"));
        let entry = root["service"][0].as_table().cloned().unwrap_or_default();
        let sections = root.iter().filter_map(|(name, section)| Some((name.as_str(), section.as_table()?)));
        for (section, table) in sections.chain([("service", &entry)]) {
            for (key, number) in table.iter().filter(|(_, value)| value.is_integer()) {
                let path = format!("{section}.{key}");
                assert_eq!(check::value::<Config>(&path, key, number), None, "{path}");
                let fault = check::value::<Config>(&path, key, &Value::Integer(-1));
                assert!(fault.is_some_and(|fault| fault.contains("a whole number from")), "{path}");
            }
        }
    }
}
