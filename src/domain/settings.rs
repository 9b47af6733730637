//! The catalogue of settings: every name the server and its providers know, with kind, default, help, and who may
//! change it.
//!
//! It is one table in code. Columns of a database table were the alternative, but then a name could be added only by a
//! migration, and nothing would keep help, default and check together; here a setting is one entry, and the commands,
//! the configuration file and the manual all read that entry. Values live elsewhere: this room only says what they may
//! be.

mod addresses;
mod idle;
mod kinds;
mod places;
mod provider;
mod server;
mod values;
mod words;

pub use addresses::{network, networks, overlap, written};
pub use kinds::Kind;
pub use provider::PROVIDER;
pub use server::SERVER;
pub use values::{ProviderSettings, ServerSettings};
pub use words::{Complexity, Identification, Logging, WebPortal};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name as it is written; a provider's setting is called `GROUP/NAME`.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// The value in force where none was stated, in its written form.
    pub default: &'static str,
    /// Whether the name is the original's or ours.
    pub mark: Mark,
    /// What it means, its unit, and what it does, for manual and console.
    pub help: &'static str,
    /// Who may change it.
    pub change: Change,
    /// Whether the value is masked wherever it is shown.
    pub secret: bool,
}

/// Where a setting's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The public reference of the original names it: `[D]`.
    Documented,
    /// The public record is silent, so name and meaning are our choice: `[O]`.
    Ours,
}

/// Who may change a setting.
///
/// What the configuration file states is closed to commands whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A command of the right level, or the configuration file.
    Command,
    /// Callers of the default provider, or the configuration file: it names something of the machine.
    DefaultProvider,
    /// The configuration file alone: whoever holds the machine, and nobody who only reached the API.
    ConfigurationOnly,
}

impl Change {
    /// The word in a list of settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::DefaultProvider => "defaultprovider",
            Self::ConfigurationOnly => "configuration",
        }
    }
}

impl Setting {
    /// Reads `value` as this setting's kind and gives it in its one written form (`True`, a plain number, …).
    ///
    /// # Errors
    /// What the value must be, as the end of a sentence that begins with the setting's name.
    pub fn check(&self, value: &str) -> Result<String, String> {
        self.kind.check(value)
    }

    /// Whether nothing looks at it yet.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        idle::IDLE.contains(&self.name)
    }

    /// The server's setting that holds where this one of a provider is not stated.
    #[must_use]
    pub fn behind(&self) -> Option<&'static str> {
        (self.name == "EMAIL/EMAIL_SENDER_EMAIL").then_some("MailSenderEmail")
    }

    const fn documented(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Self {
        let (mark, change) = (Mark::Documented, Change::Command);
        Self { name, kind, default, mark, help, change, secret: false }
    }

    const fn ours(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Self {
        Self { mark: Mark::Ours, ..Self::documented(name, kind, default, help) }
    }

    const fn configuration_only(self) -> Self {
        Self { change: Change::ConfigurationOnly, ..self }
    }

    const fn default_provider_only(self) -> Self {
        Self { change: Change::DefaultProvider, ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// The server's setting of this very name.
#[must_use]
pub fn server(name: &str) -> Option<&'static Setting> {
    SERVER.iter().find(|setting| setting.name == name)
}

/// The provider's setting of this very name, `GROUP/NAME`.
#[must_use]
pub fn provider(name: &str) -> Option<&'static Setting> {
    PROVIDER.iter().find(|setting| setting.name == name)
}

/// The name in `of` that was probably meant by `name`, if one is near enough.
#[must_use]
pub fn nearest(name: &str, of: &[Setting]) -> Option<&'static str> {
    closest(name, of.iter().map(|setting| setting.name))
}

/// The one of `known` that was probably meant by `name`, if one is near enough.
///
/// Case counts for nothing, a name without its group is compared with the part after the group, and the beginning of a
/// name stands for it: these are the slips that are made most. Otherwise a third of the letters may be wrong; beyond
/// that a guess would mislead.
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let ((distance, _), found) = known
        .into_iter()
        .map(|candidate| (distance(&name, &candidate.to_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= (name.chars().count() / 3).max(2)).then_some(found)
}

/// How far the name is from the candidate; the letters that differ settle a tie.
fn distance(name: &str, candidate: &str) -> (usize, usize) {
    let whole = strsim::osa_distance(name, candidate);
    let last = candidate.rsplit_once('/').map(|(_, last)| strsim::osa_distance(name, last));
    let begun = (name.len() > 2 && candidate.starts_with(name)).then_some(1);
    ([last, begun].into_iter().flatten().fold(whole, usize::min), whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Setting> {
        SERVER.iter().chain(PROVIDER)
    }

    #[test]
    fn every_default_passes_its_own_check_unchanged() {
        for setting in all() {
            if setting.secret {
                // What is secret has no default: the server makes it at its first start.
                assert_eq!(setting.default, "", "{}", setting.name);
                assert!(setting.check("").is_err(), "{}", setting.name);
            } else {
                let checked = setting.check(setting.default);
                assert_eq!(checked.as_deref(), Ok(setting.default), "{}", setting.name);
            }
        }
    }

    #[test]
    fn every_name_stands_once_and_is_found() {
        for (index, setting) in SERVER.iter().enumerate() {
            assert!(SERVER[..index].iter().all(|other| other.name != setting.name));
            assert!(server(setting.name).is_some_and(|found| found.help == setting.help));
            assert!(!setting.name.contains('/'), "{}", setting.name);
        }
        for (index, setting) in PROVIDER.iter().enumerate() {
            assert!(PROVIDER[..index].iter().all(|other| other.name != setting.name));
            assert!(provider(setting.name).is_some_and(|found| found.help == setting.help));
            assert_eq!(setting.name.matches('/').count(), 1, "{}", setting.name);
        }
    }

    #[test]
    fn every_help_is_a_sentence() {
        for setting in all() {
            assert!(setting.help.ends_with('.'), "{}", setting.name);
            assert!(setting.help.len() > 30, "{}", setting.name);
        }
    }

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        assert_eq!(nearest("ClientPaswordLength", SERVER), Some("ClientPasswordLength"));
        assert_eq!(nearest("useremailunique", SERVER), Some("UserEmailUnique"));
        assert_eq!(nearest("API_SEND_MAIL", PROVIDER), Some("API/API_SEND_EMAIL"));
        assert_eq!(nearest("RegServerDesc", SERVER), Some("RegServerDescription"));
        assert_eq!(nearest("Weather", SERVER), None);
    }
}
