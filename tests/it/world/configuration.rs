//! The world's configuration, changed as a file would be and read by the program's own reader.

use regserver::config::Config;
use toml::{Table, Value};

use super::Folder;

const WORLD: &str = include_str!("../../../fixtures/world.toml");

/// The text of `fixtures/world.toml` as a table.
pub struct Configuration(pub Table);

impl Configuration {
    /// The world's, with its files in that folder.
    pub fn of_the_world(folder: &Folder) -> Configuration {
        Configuration::of(WORLD, folder)
    }

    /// That text, with its files in that folder.
    pub fn of(text: &str, folder: &Folder) -> Configuration {
        let mut configuration = Configuration(text.parse().unwrap());
        let path = folder.path().join("regserver.db").display().to_string();
        configuration.section("database").insert("path".into(), path.into());
        configuration
    }

    /// A section, made if it is not there.
    pub fn section(&mut self, name: &str) -> &mut Table {
        let section = self.0.entry(name).or_insert_with(|| Table::new().into());
        section.as_table_mut().unwrap()
    }

    /// States a server setting.
    pub fn server(&mut self, name: &str, value: &str) -> &mut Configuration {
        self.section("settings").insert(name.into(), value.into());
        self
    }

    /// States a provider's setting, `GROUP/NAME`.
    pub fn provider(&mut self, code: &str, name: &str, value: &str) -> &mut Configuration {
        let provider = self.entry("provider", "code", code);
        let settings = provider.entry("settings").or_insert_with(|| Table::new().into());
        settings.as_table_mut().unwrap().insert(name.into(), value.into());
        self
    }

    /// A stated service.
    pub fn service(&mut self, name: &str) -> &mut Table {
        self.entry("service", "name", name)
    }

    fn entry(&mut self, list: &str, key: &str, value: &str) -> &mut Table {
        let list = self.0[list].as_array_mut().unwrap();
        let tables = list.iter_mut().filter_map(Value::as_table_mut);
        let mut named = tables.filter(|table| table.get(key).and_then(Value::as_str) == Some(value));
        named.next().unwrap_or_else(|| panic!("there is no {value}"))
    }

    /// As the program reads it.
    pub fn read(&self) -> Config {
        let text = toml::to_string(&self.0).unwrap();
        Config::from_toml(&text, std::iter::empty()).unwrap_or_else(|faults| panic!("{faults}"))
    }
}
