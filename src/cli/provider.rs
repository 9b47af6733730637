//! `regserver provider`: the providers of the server, without a console.

use clap::{Args, Subcommand};

use super::Failure;
use super::operate::Local;
use super::reply::{Form, Shape};
use crate::config::Config;

/// `provider`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver provider list\n  \
    regserver provider add ACME --name 'Acme Storage'\n  \
    regserver provider set ACME --contact-email office@example.com\n\n\
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
    /// Show one provider, and which ones it manages
    Show {
        /// Its code
        code: String,
        #[command(flatten)]
        form: Form,
    },
    /// Change a provider; what is left out stays
    Set {
        /// Its code
        code: String,
        #[command(flatten)]
        said: Said,
        #[command(flatten)]
        form: Form,
    },
    /// Add a provider
    Add {
        /// Its code: four of A-Z and 0-9; it begins licence keys and is never changed
        code: String,
        #[command(flatten)]
        said: Said,
        #[command(flatten)]
        form: Form,
    },
}

/// What is said of a provider.
#[derive(Args)]
struct Said {
    /// Its name; of a new one left out, the code
    #[arg(long)]
    name: Option<String>,
    /// Whom to ask about it; - for nobody
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    contact_email: Option<String>,
    /// The code of a provider that may act for it; - for none, then only the default provider may
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    managed_by: Option<String>,
}

impl Said {
    /// As fields of a call, a hyphen as it is, where the command knows it.
    fn fields<'a>(&'a self, code: &'a str) -> Vec<(&'static str, &'a str)> {
        let said =
            [("name", &self.name), ("contactemail", &self.contact_email), ("managedby", &self.managed_by)];
        let said = said.into_iter().filter_map(|(field, value)| Some((field, value.as_deref()?)));
        [("code", code)].into_iter().chain(said).collect()
    }
}

impl Provider {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        match &self.what {
            What::List { form } => local.show("searchprovider", &[], form.or(Shape::Table)),
            What::Show { code, form } => {
                local.show("getproviderdata", &[("code", code.as_str())], form.or(Shape::Table))
            }
            What::Add { code, said, form } => {
                local.show("createprovider", &said.fields(code), form.or(Shape::Table))
            }
            What::Set { code, said, form } => {
                local.show("updateprovider", &said.fields(code), form.or(Shape::Table))
            }
        }
    }
}
