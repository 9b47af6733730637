//! `regserver service`: who may call, from where, with which key.

use std::io::IsTerminal;

use clap::{Args, Subcommand};

use super::operate::Local;
use super::reply::{Form, Shape};
use super::{DONE, Failure, WRONG, complain};
use crate::config::Config;

/// The list of commands that stands for all of them.
const EVERY: &str = "[]";

/// `service`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    regserver service add shop --addresses 203.0.113.7,2001:db8:7::/48\n  \
    regserver service rotate shop --overlap 7d\n  \
    regserver service end-old-key shop\n  \
    regserver service set shop --addresses 203.0.113.8 --commands loginuser,searchuser\n  \
    regserver service delete shop\n\n\
    This works on the database of the configuration, also while a server runs on it: the server knows\n\
    a change within a second. What the configuration states is changed only there.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong.")]
pub struct Service {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the services, with addresses and the state of their keys
    List {
        /// Only services of that provider
        #[arg(long, value_name = "CODE")]
        provider: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Register a program that may call, and show its key
    Add(Add),
    /// Show the live keys of a service; the audit log notes it
    ShowKey {
        /// The service
        #[arg(required_unless_present = "salt")]
        name: Option<String>,
        /// Show the salt of the server instead, with which services of the method md5-salt sign
        #[arg(long, conflicts_with = "name")]
        salt: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Make a new key for a service and show it; the old one is accepted for a while
    Rotate {
        /// The service
        name: String,
        /// How long the old key is still accepted: 7d, 12h, 30m, 90s, or 0 to end it at once
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = seconds)]
        overlap: u64,
        #[command(flatten)]
        form: Form,
    },
    /// End the old key of a service at once, or at another time than its rotation said
    EndOldKey {
        /// The service
        name: String,
        /// How long it is still accepted: 7d, 12h, 30m, 90s; left out, it ends at once
        #[arg(long, value_name = "TIME", default_value = "0", value_parser = seconds)]
        after: u64,
        #[command(flatten)]
        form: Form,
    },
    /// Change a service; what is left out stays
    Set(Set),
    /// Delete a service with its keys and the sessions that it has opened
    Delete {
        /// The service
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        form: Form,
    },
}

#[derive(Args)]
struct Add {
    /// Its name, unique on the server
    name: String,
    /// The addresses and ranges it calls from, separated by commas
    #[arg(long, value_name = "LIST")]
    addresses: String,
    /// How it signs: md5 (the default), md5-salt, hmac-sha1, hmac-sha256
    #[arg(long)]
    method: Option<String>,
    /// The provider it acts for; left out, the default provider
    #[arg(long, value_name = "CODE")]
    provider: Option<String>,
    /// The commands it may call, separated by commas; left out or `all`, all that its provider may
    #[arg(long, value_name = "LIST")]
    commands: Option<String>,
    /// What it is: api (the default), shop, webportal, adminconsole, authservice, hostserver
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Args)]
struct Set {
    /// The service
    name: String,
    /// All addresses and ranges it calls from, separated by commas
    #[arg(long, value_name = "LIST")]
    addresses: Option<String>,
    /// All commands it may call, separated by commas; `all` for whatever its provider may
    #[arg(long, value_name = "LIST")]
    commands: Option<String>,
    /// Whether it may call at all: true or false
    #[arg(long, value_name = "TRUTH")]
    enabled: Option<bool>,
    #[command(flatten)]
    form: Form,
}

impl Service {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        match &self.what {
            What::List { provider, form } => {
                let mut fields = Vec::new();
                if let Some(code) = provider {
                    fields.extend([("distributor", code.as_str()), ("onlyown", "true")]);
                }
                local.show("searchservice", &fields, form.or(Shape::Table))
            }
            What::Add(add) => add.run(&local),
            What::ShowKey { name, form, .. } => {
                let named = name.as_deref().map_or(("serviceid", "salt"), |name| ("servicename", name));
                local.show("showservicekey", &[named], form.or(Shape::Table))
            }
            What::Rotate { name, overlap, form } => {
                let overlap = overlap.to_string();
                let fields = [("servicename", name.as_str()), ("overlap", &overlap)];
                local.show("rotateservicekey", &fields, form.or(Shape::Table))
            }
            What::EndOldKey { name, after, form } => {
                let after = after.to_string();
                let fields = [("servicename", name.as_str()), ("overlap", &after)];
                local.show("endservicekey", &fields, form.or(Shape::Table))
            }
            What::Set(set) => set.run(&local),
            What::Delete { name, yes, form } => {
                if !yes {
                    confirmed(name)?;
                }
                local.show("deleteservice", &[("servicename", name.as_str())], form.or(Shape::Table))
            }
        }
    }
}

impl Add {
    fn run(&self, local: &Local) -> Result<u8, Failure> {
        let mut fields = vec![("servicename", self.name.as_str()), ("addresses", &self.addresses)];
        let optional = [("method", &self.method), ("distributor", &self.provider), ("kind", &self.kind)];
        // A new service without a list has all commands.
        let commands = self.commands.as_deref().map(commands).transpose()?;
        fields.extend(commands.filter(|list| *list != EVERY).map(|list| ("commands", list)));
        fields.extend(optional.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        let shape = self.form.or(Shape::Table);
        let code = noticing_the_demo(local, |local| local.show("createservice", &fields, shape))?;
        if code == DONE && shape == Shape::Table {
            complain(&format!(
                "{} may call at once; `regserver service show-key {}` shows its key again",
                self.name, self.name
            ));
        }
        Ok(code)
    }
}

impl Set {
    fn run(&self, local: &Local) -> Result<u8, Failure> {
        let enabled = self.enabled.map(|enabled| enabled.to_string());
        let mut fields = vec![("servicename", self.name.as_str())];
        fields.extend(self.addresses.as_deref().map(|list| ("addresses", list)));
        let commands = self.commands.as_deref().map(commands).transpose()?;
        fields.extend(commands.map(|list| ("commands", list)));
        fields.extend(enabled.as_deref().map(|truth| ("enabled", truth)));
        if fields.len() == 1 {
            return Err(Failure(
                WRONG,
                "nothing to change: give --addresses, --commands or --enabled".to_owned(),
            ));
        }
        let shape = self.form.or(Shape::Table);
        noticing_the_demo(local, |local| local.show("updateservice", &fields, shape))
    }
}

/// The field of a list of commands. A blank one, such as of a variable that a script has not set, is refused: it would
/// give the service all of them.
fn commands(list: &str) -> Result<&str, Failure> {
    match list.trim() {
        "all" => Ok(EVERY),
        list if list.split(',').all(|name| name.trim().is_empty()) => Err(Failure(
            WRONG,
            "--commands is blank: name the commands, or say `all` for whatever the provider may call"
                .to_owned(),
        )),
        list => Ok(list),
    }
}

/// Asks for the name once more: a key that is gone does not come back.
pub(super) fn confirmed(name: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        let text = format!("{name} and its keys would be gone for good: say --yes to delete it");
        return Err(Failure(WRONG, text));
    }
    complain(&format!("{name} and its keys will be gone for good; type its name to delete it:"));
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).map_err(|error| Failure(WRONG, error.to_string()))?;
    match typed.trim() == name {
        true => Ok(()),
        false => Err(Failure(WRONG, "that is not its name; nothing was deleted".to_owned())),
    }
}

/// Says so where the service for trying things out gave way.
fn noticing_the_demo(
    local: &Local,
    change: impl FnOnce(&Local) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let before = local.demo_is_open();
    let code = change(local)?;
    if before && !local.demo_is_open() {
        complain(&format!("the service {} had one of these addresses and gave way", crate::api::DEMO));
    }
    Ok(code)
}

/// A time such as `7d`, `12h`, `30m`, `90s` or `90`, in seconds.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 'd')) => (&text[..at], 86_400),
        Some((at, 'h')) => (&text[..at], 3_600),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 's')) => (&text[..at], 1),
        _ => (text, 1),
    };
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number.ok_or_else(|| "write a time such as 7d, 12h, 30m, 90s or 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in [("7d", 604_800), ("12h", 43_200), ("30m", 1_800), ("90s", 90), ("0", 0)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        for wrong in ["", "d", "7 d", "-1", "99999999999999999999d", "7w"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
