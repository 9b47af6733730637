//! `regserver site`: applications that sign calls for users, with their keys.

use clap::{Args, Subcommand};

use super::operate::Local;
use super::reply::{Form, Shape};
use super::service::{confirmed, seconds};
use super::{DONE, Failure, WRONG, complain};
use crate::config::Config;

/// `site`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver site add tickets --provider ACME\n  \
    regserver site rotate tickets --overlap 7d\n  regserver site set tickets --enabled false\n  \
    regserver site remove tickets\n\n\
    This works on the database of the configuration, also while a server runs on it: the server knows a\n\
    change within a second.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong.")]
pub struct Site {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the sites, with keys and the state of their secrets
    List {
        /// Only sites of that provider
        #[arg(long, value_name = "CODE")]
        provider: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Register an application that acts for users, and show its key and its secret
    Add {
        /// Its name, unique on the server
        name: String,
        /// The provider whose application it is; left out, the default provider
        #[arg(long, value_name = "CODE")]
        provider: Option<String>,
        #[command(flatten)]
        form: Form,
    },
    /// Show the key and the live secrets of a site; the audit log notes it
    Key {
        /// The site
        name: String,
        #[command(flatten)]
        form: Form,
    },
    /// Make a new secret for a site and show it; the old one is accepted for a while
    Rotate {
        /// The site
        name: String,
        /// How long the old secret is still accepted: 7d, 12h, 30m, 90s, or 0 to end it at once
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = seconds)]
        overlap: u64,
        #[command(flatten)]
        form: Form,
    },
    /// Change a site; what is left out stays
    Set {
        /// The site
        name: String,
        /// Its new name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// Whether it may call at all: true or false
        #[arg(long, value_name = "TRUTH")]
        enabled: Option<bool>,
        #[command(flatten)]
        form: Form,
    },
    /// Remove a site with its key and the sessions that it has opened; its users stay, without a home
    Remove {
        /// The site
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        form: Form,
    },
}

impl Site {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        match &self.what {
            What::List { provider, form } => {
                let mut fields = Vec::new();
                if let Some(code) = provider {
                    fields.extend([("distributor", code.as_str()), ("onlyown", "true")]);
                }
                local.show("searchsite", &fields, form.or(Shape::Table))
            }
            What::Add { name, provider, form } => {
                let mut fields = vec![("sitename", name.as_str())];
                fields.extend(provider.as_deref().map(|code| ("code", code)));
                let shape = form.or(Shape::Table);
                let code = local.show("createsite", &fields, shape)?;
                if code == DONE && shape == Shape::Table {
                    complain(&format!("`regserver site key {name}` shows key and secret again"));
                }
                Ok(code)
            }
            What::Key { name, form } => {
                local.show("showsitekey", &[("sitename", name.as_str())], form.or(Shape::Table))
            }
            What::Rotate { name, overlap, form } => {
                let overlap = overlap.to_string();
                let fields = [("sitename", name.as_str()), ("overlap", &overlap)];
                local.show("rotatesitekey", &fields, form.or(Shape::Table))
            }
            What::Set { name, rename, enabled, form } => {
                let enabled = enabled.map(|enabled| enabled.to_string());
                let mut fields = vec![("sitename", name.as_str())];
                fields.extend(rename.as_deref().map(|name| ("newname", name)));
                fields.extend(enabled.as_deref().map(|truth| ("enabled", truth)));
                if fields.len() == 1 {
                    let text = "nothing to change: give --rename or --enabled".to_owned();
                    return Err(Failure(WRONG, text));
                }
                local.show("updatesite", &fields, form.or(Shape::Table))
            }
            What::Remove { name, yes, form } => {
                if !yes {
                    confirmed(name)?;
                }
                local.show("deletesite", &[("sitename", name.as_str())], form.or(Shape::Table))
            }
        }
    }
}
