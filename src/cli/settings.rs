//! `regserver settings`: what the server and its providers are set to, where it comes from, and how to change it.

use clap::{Args, Subcommand};

use super::operate::Local;
use super::reply::{Form, Shape, json_of};
use super::{DONE, Failure, say};
use crate::config::Config;
use crate::domain::settings;

/// `settings`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    regserver settings list --changed\n  \
    regserver settings list --provider ACME\n  \
    regserver settings show SearchResultsPerPage\n  \
    regserver settings set SearchResultsPerPage 100\n  \
    regserver settings set API/API_SEND_EMAIL True --provider ACME\n  \
    regserver settings reset SearchResultsPerPage\n\n\
    A name with a / is a provider's setting; without --provider it is the default provider's. This\n\
    works on the database of the configuration, also while a server runs on it: the server knows a\n\
    change within a second. What the configuration states is changed only there.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong.")]
pub struct Settings {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List settings with their values and where these come from
    List {
        /// The settings of that provider; left out, those of the server
        #[arg(long, value_name = "CODE")]
        provider: Option<String>,
        /// Only those that somebody has stated
        #[arg(long)]
        changed: bool,
        /// Print the reply as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one setting: value, default, what it may be, what it means
    Show(One),
    /// Change a setting
    Set {
        #[command(flatten)]
        one: One,
        /// The new value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Let the default hold again
    Reset(One),
}

#[derive(Args)]
struct One {
    /// The setting, as `list` shows it
    name: String,
    /// The provider whose setting it is; left out, the default provider
    #[arg(long, value_name = "CODE")]
    provider: Option<String>,
    #[command(flatten)]
    form: Form,
}

impl Settings {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        match &self.what {
            What::List { provider, changed, json } => list(&local, provider.as_deref(), *changed, *json),
            What::Show(one) => one.run(&local, ["getserversettings", "getprovidersettings"], None),
            What::Set { one, value } => one.run(&local, SET, Some(value)),
            What::Reset(one) => one.run(&local, SET, Some("")),
        }
    }
}

/// The commands that change a setting, of the server and of a provider.
const SET: [&str; 2] = ["setserversetting", "setprovidersetting"];

impl One {
    fn run(&self, local: &Local, [server, provider]: [&str; 2], value: Option<&str>) -> Result<u8, Failure> {
        let of_provider = self.provider.is_some() || self.name.contains('/');
        let mut fields = vec![("setting", self.name.as_str())];
        fields.extend(self.provider.as_deref().map(|code| ("distributor", code)));
        fields.extend(value.map(|value| ("value", value)));
        let command = if of_provider { provider } else { server };
        let known = if of_provider { settings::PROVIDER } else { settings::SERVER };
        let code = local.show(command, &fields, self.form.or(Shape::Table))?;
        let near = settings::nearest(&self.name, known).filter(|near| *near != self.name);
        if let Some(near) = near.filter(|_| code != DONE) {
            super::complain(&format!("did you mean {near}?"));
        }
        Ok(code)
    }
}

/// A line for each setting; the whole of one is what `show` is for.
fn list(local: &Local, provider: Option<&str>, changed: bool, json: bool) -> Result<u8, Failure> {
    let command = if provider.is_some() { "getprovidersettings" } else { "getserversettings" };
    let changed = changed.to_string();
    let mut fields = vec![("onlychanged", changed.as_str())];
    fields.extend(provider.map(|code| ("distributor", code)));
    if json {
        return local.show(command, &fields, Shape::Json);
    }
    let body = local.run(command, &fields);
    let Some(reply) = json_of(command, &body) else { return local.show(command, &fields, Shape::Table) };
    let mut text = format!("{:<36} {:<13} {}\n", "setting", "from", "value");
    for setting in reply["settinglist"]["setting"].as_array().into_iter().flatten() {
        let member = |name: &str| setting[name].as_str().unwrap_or_default();
        let value = member("value").replace('\n', "; ");
        let idle = if setting["effective"] == false { "   (no effect yet)" } else { "" };
        text.push_str(format!("{:<36} {:<13} {value}{idle}", member("name"), member("source")).trim_end());
        text.push('\n');
    }
    say(&text);
    Ok(DONE)
}
