//! `regserver provider`: the providers of the server, without a console.

use clap::{Args, Subcommand};

use super::Failure;
use super::operate::Local;
use super::reply::{Form, Shape};
use crate::config::Config;

/// `provider`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver provider list\n  \
    regserver provider add ACME --name 'Acme Storage'\n\n\
    This works on the database of the configuration, also while a server runs on it.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong.")]
pub struct Provider {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the providers
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Add a provider
    Add {
        /// Its code: four of A-Z and 0-9; it begins licence keys and is never changed
        code: String,
        /// Its name; left out, the code
        #[arg(long)]
        name: Option<String>,
        /// The code of a provider that may act for it; left out, only the default provider may
        #[arg(long, value_name = "CODE")]
        managed_by: Option<String>,
        #[command(flatten)]
        form: Form,
    },
}

impl Provider {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        match &self.what {
            What::List { form } => local.show("searchprovider", &[], form.or(Shape::Table)),
            What::Add { code, name, managed_by, form } => {
                let mut fields = vec![("code", code.as_str())];
                fields.extend(name.as_deref().map(|name| ("name", name)));
                fields.extend(managed_by.as_deref().map(|code| ("managedby", code)));
                local.show("createprovider", &fields, form.or(Shape::Table))
            }
        }
    }
}
