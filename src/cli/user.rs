//! `regserver user`: find, unlock and mend users, also when nobody can log in to anything else.

use clap::{Args, Subcommand};

use super::further::Further;
use super::operate::{self, Local};
use super::reply::{self, Form, Shape};
use super::{DONE, Failure, complain, password};
use crate::config::Config;
use crate::wire::Wire;

/// `user`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  regserver user list 'ali*'\n  regserver user list --provider ACME --status disabled\n  \
    regserver user unlock alice@example.com\n  regserver user grant alice API-ACCESS\n  regserver user reset-totp alice\n  pass show alice | regserver user set-password alice --stdin\n\n\
    USER is a username, or the registration address. This works on the database of the\n\
    configuration, also while a server runs on it.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong."
)]
pub struct User {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List users, page by page
    List(List),
    /// Show one user
    Show(One),
    /// Forget the wrong passwords counted for a user, so that the next try is heard
    Unlock(One),
    /// Show the rights that a user was granted
    Rights(One),
    /// Grant a user a right: API-ACCESS, EDIT-PROVIDER or SUPER-USER
    Grant {
        #[command(flatten)]
        one: One,
        /// The right
        right: String,
    },
    /// Take a right from a user; the user's sessions end
    Revoke {
        #[command(flatten)]
        one: One,
        /// The right
        right: String,
    },
    /// List the API keys of a user, without their secrets
    Keys(One),
    /// Take the second factor away from a user who has lost the device that shows its codes
    ResetTotp(One),
    /// Set a user's password, asked for without echo
    SetPassword {
        #[command(flatten)]
        one: One,
        /// Read the password from standard input, its first line
        #[arg(long)]
        stdin: bool,
    },
}

#[derive(Args)]
struct List {
    /// Name, or address where it has an @; * at the start or the end stands for any characters; left out,
    /// all users of the provider
    pattern: Option<String>,
    /// Only users of that provider; left out, with a pattern all providers, else the default one
    #[arg(long, value_name = "CODE")]
    provider: Option<String>,
    /// Only users in that state: activated, inactive, disabled, todelete
    #[arg(long)]
    status: Option<String>,
    /// Go on after the user of that number, the last one of the page before
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    #[command(flatten)]
    form: Form,
}

#[derive(Args)]
struct One {
    /// Username or registration address
    user: String,
    /// The provider whose users are looked through first, where an address belongs to several
    #[arg(long, value_name = "CODE")]
    provider: Option<String>,
    #[command(flatten)]
    form: Form,
}

impl User {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        match &self.what {
            What::List(list) => list.run(&Local::open(config)?),
            What::Show(one) => one.run(&Local::open(config)?, "getuserdata", None),
            What::Unlock(one) => one.run(&Local::open(config)?, "unlockuser", None),
            What::Rights(one) => one.run(&Local::open(config)?, "getrights", None),
            What::Grant { one, right } => one.right(&Local::open(config)?, "grantright", right),
            What::Revoke { one, right } => one.right(&Local::open(config)?, "revokeright", right),
            What::Keys(one) => one.run(&Local::open(config)?, "searchapikey", None),
            What::ResetTotp(one) => one.run(&Local::open(config)?, "settotp", Some(("remove", "true"))),
            What::SetPassword { one, stdin } => {
                let local = Local::open(config)?;
                let password = match stdin {
                    true => password::from_stdin()?,
                    false => {
                        password::at_a_terminal()?;
                        // Whoever is not there is not asked about.
                        if local.run("getuserdata", &one.fields()).contains("<exception>") {
                            return one.run(&local, "getuserdata", None);
                        }
                        password::ask(&one.user)?
                    }
                };
                one.run(&local, "setpassword", Some(("newpassword", password.reveal())))
            }
        }
    }
}

impl One {
    fn right(&self, local: &Local, command: &str, right: &str) -> Result<u8, Failure> {
        self.run(local, command, Some(("right", &right.to_ascii_uppercase())))
    }

    fn run<'a>(
        &'a self,
        local: &Local,
        command: &str,
        further: Option<(&'a str, &'a str)>,
    ) -> Result<u8, Failure> {
        let mut fields = self.fields();
        fields.extend(further);
        local.show(command, &fields, self.form.or(Shape::Table))
    }

    fn fields(&self) -> Vec<(&str, &str)> {
        let provider = self.provider.as_deref().map(|code| ("distributor", code));
        [("useroremail", self.user.as_str())].into_iter().chain(provider).collect()
    }
}

impl List {
    fn run(&self, local: &Local) -> Result<u8, Failure> {
        let mut fields = Vec::new();
        if let Some(pattern) = &self.pattern {
            fields.push((if pattern.contains('@') { "email" } else { "username" }, pattern.as_str()));
        }
        if self.pattern.is_none() || self.provider.is_some() {
            fields.push(("onlyownusers", "true"));
        }
        fields.extend(self.provider.as_deref().map(|code| ("distributor", code)));
        fields.extend(self.status.as_deref().map(|status| ("status", status)));
        let after = self.after.map(|number| number.to_string());
        fields.extend(after.as_deref().map(|number| ("startid", number)));
        let shape = self.form.or(Shape::Table);
        let body = local.run("searchuser", &fields);
        let further = |further: &Further| format!("add --after {}", further.value);
        let code = reply::print_list(Wire::Xml, "searchuser", &body, shape, further)?;
        if code != DONE {
            complain(operate::hint(&body));
        }
        Ok(code)
    }
}
