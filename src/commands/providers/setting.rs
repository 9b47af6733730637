//! What the commands about settings share: how one is shown with where its value comes from, and how a new
//! value is checked.

use schemars::JsonSchema;
use serde::Serialize;

use super::service::stated;
use crate::call::Call;
use crate::domain::settings::{self, Kind, Setting};
use crate::error::{Code, Result, invalid};
use crate::snapshot::Provider;
use crate::store::settings::Values;

/// What stands for a secret value.
const MASK: &str = "•••";

/// Settings with their values.
#[derive(Serialize, JsonSchema)]
pub struct Settings {
    /// the settings, in the order in which a console shows them
    settinglist: SettingList,
}

/// The settings of the list.
#[derive(Serialize, JsonSchema)]
struct SettingList {
    setting: Vec<ShownSetting>,
}

/// A setting.
#[derive(Serialize, JsonSchema)]
struct ShownSetting {
    /// the name
    name: &'static str,
    /// the value in force; of a secret one only that there is one
    value: String,
    /// the value where none is stated
    default: &'static str,
    /// where the value comes from: default, server, provider, configuration
    source: &'static str,
    /// what it may be: text, lines, truth, number, choice, addresses, provider, languages, language, url, email,
    /// host, features, version, key
    kind: &'static str,
    /// what there is to choose from
    choice: Vec<&'static str>,
    /// the lowest number
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<i64>,
    /// the highest number
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<i64>,
    /// what the number counts; empty: nothing in particular
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    /// who may change it: command, defaultprovider, configuration
    changedby: &'static str,
    /// whether the configuration states it, so that it is changed only there
    stated: bool,
    /// whether anything looks at it in this version
    effective: bool,
    /// what it means
    help: &'static str,
}

/// Where a value comes from, and what it is.
struct Origin {
    source: &'static str,
    value: String,
    stated: bool,
}

/// The settings of the server.
pub fn of_server(call: &Call, values: &Values, wanted: &Wanted<'_>) -> Result<Settings> {
    let origin = |setting: &'static Setting| {
        let stated = call.snapshot.stated.settings.contains(setting.name);
        // What is secret is never stored as a value; the server has made it.
        let stored = values.server(setting.name).or_else(|| setting.secret.then(String::new));
        let source = match &stored {
            _ if stated => "configuration",
            Some(_) => "server",
            None => "default",
        };
        Origin { source, value: stored.unwrap_or_else(|| setting.default.to_owned()), stated }
    };
    wanted.among(settings::SERVER, origin)
}

/// The settings of a provider.
pub fn of_provider(call: &Call, values: &Values, of: &Provider, wanted: &Wanted<'_>) -> Result<Settings> {
    let origin = |setting: &'static Setting| {
        let stated = call.snapshot.stated.has(&of.code, setting.name);
        let behind =
            || setting.behind().and_then(|name| values.server(name)).filter(|value| !value.is_empty());
        let (source, value) = match values.provider(of.id, setting.name) {
            Some(value) if stated => ("configuration", value),
            Some(value) => ("provider", value),
            None => match behind() {
                Some(value) => ("server", value),
                None => ("default", setting.default.to_owned()),
            },
        };
        Origin { source, value, stated }
    };
    wanted.among(settings::PROVIDER, origin)
}

/// Which settings a call asks for.
pub struct Wanted<'a> {
    /// Only that one.
    pub setting: Option<&'a str>,
    /// Only those that differ from the default.
    pub changed: bool,
}

impl Wanted<'_> {
    fn among(
        &self,
        all: &'static [Setting],
        origin: impl Fn(&'static Setting) -> Origin,
    ) -> Result<Settings> {
        if let Some(name) = self.setting
            && !all.iter().any(|setting| setting.name == name)
        {
            return Code::SettingUnknown.refuse();
        }
        let named = all.iter().filter(|setting| self.setting.is_none_or(|name| setting.name == name));
        let shown = named.map(|setting| (setting, origin(setting)));
        let kept = shown.filter(|(_, origin)| !self.changed || origin.source != "default");
        let setting = kept.map(|(setting, origin)| ShownSetting::of(setting, origin)).collect();
        Ok(Settings { settinglist: SettingList { setting } })
    }
}

impl ShownSetting {
    fn of(setting: &'static Setting, origin: Origin) -> ShownSetting {
        let (minimum, maximum, unit) = match setting.kind {
            Kind::Number { min, max, unit } => (Some(min), Some(max), Some(unit)),
            _ => (None, None, None),
        };
        ShownSetting {
            name: setting.name,
            value: if setting.secret { MASK.to_owned() } else { origin.value },
            default: setting.default,
            source: origin.source,
            kind: setting.kind.name(),
            choice: setting.kind.choices(),
            minimum,
            maximum,
            unit,
            changedby: setting.change.name(),
            stated: origin.stated,
            effective: !setting.is_idle(),
            help: setting.help,
        }
    }
}

/// A new value in its written form; refuses what the configuration states, and what the setting cannot be.
pub fn checked(setting: &Setting, is_stated: bool, value: Option<&str>) -> Result<Option<String>> {
    if is_stated {
        return Err(stated());
    }
    let value = value.map(|value| setting.check(value)).transpose();
    value.map_err(|why| invalid(format!("{} {why}", setting.name)))
}
