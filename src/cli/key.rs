//! `regserver key`: the master key of the database, changed and told apart.

use clap::{Args, Subcommand};

use super::{DONE, Failure, REFUSED, say};
use crate::call::{Chance, SystemChance};
use crate::config::Config;
use crate::store::rotation::{self, Step};

/// `key`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    systemctl stop regserver\n  \
    regserver key rotate-master\n  \
    systemctl start regserver\n\n\
    Change the master key where somebody may have seen it, or on a schedule. The server must be\n\
    stopped. The keys of the services, and whatever else is sealed, stay as they are: nobody who calls\n\
    notices. Cut off at any moment, it has happened or it has not, and the next start goes on with the\n\
    key that opens the database.\n\
    Exit codes: 0 done, 1 not done, 2 command line or configuration wrong.")]
pub struct Key {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make another master key and seal everything with it, while the server is stopped
    RotateMaster,
    /// Show what tells the master key from others, without telling what it is
    ShowFingerprint,
}

impl Key {
    /// Does it.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        match self.what {
            What::RotateMaster => rotate(config),
            What::ShowFingerprint => fingerprint(config),
        }
    }
}

fn rotate(config: &Config) -> Result<u8, Failure> {
    let (database, key) = (&config.database.path, config.master_key_file());
    let mut said = |step| match step {
        Step::Made => say("the new key is made\n"),
        Step::Committed => say("the database is opened by the new key alone\n"),
        Step::Sealed | Step::Kept | Step::Placed => {}
    };
    let mut random = || SystemChance.seed();
    let rotated = rotation::rotate(database, &key, SystemChance.seed(), &mut random, &mut said);
    let rotated = rotated.map_err(|error| Failure(REFUSED, format!("not done: {error:#}")))?;
    say(&format!(
        "{key} is the new key, with the fingerprint {fingerprint}; {values} values are sealed with it\n\
         Keep a copy of it in another place, and make a new backup. Backups from before are opened by the old key\n\
         alone, {old}: remove it when none of them is kept any more.\n",
        key = key.display(),
        fingerprint = rotated.fingerprint,
        values = rotated.values,
        old = rotated.old.display(),
    ));
    Ok(DONE)
}

fn fingerprint(config: &Config) -> Result<u8, Failure> {
    let key = config.master_key_file();
    match rotation::settled(&key, &config.database.path)? {
        Some(vault) => {
            say(&format!("{}\n", vault.fingerprint()));
            Ok(DONE)
        }
        None => Err(Failure(
            REFUSED,
            format!("there is no master key {}: the first start makes it", key.display()),
        )),
    }
}
