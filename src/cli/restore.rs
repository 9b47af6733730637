//! `regserver restore`: a copy takes the place of the database, and the database stays beside it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{DONE, Failure, REFUSED, say};
use crate::config::Config;
use crate::domain::time::{Clock, SystemClock};
use crate::store::{Vault, restore, rotation};

/// `restore`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    systemctl stop regserver\n  \
    regserver restore /var/backups/regserver.db\n  \
    systemctl start regserver\n\n\
    Nothing is replaced before the copy is proved: the checksum beside it, if there is one, its pages\n\
    and foreign keys, the version of its tables, and that the master key of the configuration opens\n\
    it. The database that was there is kept beside under a name with the time; restoring that one\n\
    undoes the restore.\n\
    Exit codes: 0 done, 1 not done, 2 command line or configuration wrong.")]
pub struct RestoreFile {
    /// The copy
    file: PathBuf,
}

impl RestoreFile {
    /// Restores.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let (database, key) = (&config.database.path, config.master_key_file());
        let failed = |error: anyhow::Error| Failure(REFUSED, format!("not restored: {error:#}"));
        let vault = rotation::settled(&key, database).map_err(failed)?.ok_or_else(|| {
            failed(anyhow::anyhow!(
                "the master key {} is missing, and nothing in the copy could be opened without it: put the key \
                 file back, or name it as database.master_key_file",
                key.display()
            ))
        })?;
        let now = SystemClock.now().rfc3339();
        let stamp: String = now.chars().take(19).filter(|c| c.is_ascii_digit() || *c == 'T').collect();
        let restored = restore::restore(database, &self.file, &vault, &stamp)
            .map_err(|error| failed(self.with_older_key(error, &key)))?;
        let proved = match restored.sha256 {
            Some(_) => "its checksum, ",
            None => "no checksum stands beside it; ",
        };
        say(&format!(
            "{} is restored: {proved}pages, foreign keys and master key are proved\n",
            database.display()
        ));
        if let Some(kept) = restored.kept {
            say(&format!(
                "the database as it was is {0}; `regserver restore {0}` takes this back\n",
                kept.display()
            ));
        }
        Ok(DONE)
    }

    /// A key from before opens what was copied before; which one is said, and not used unasked.
    fn with_older_key(&self, error: anyhow::Error, key: &Path) -> anyhow::Error {
        let opens = |old: &PathBuf| {
            Vault::open(old).ok().flatten().is_some_and(|vault| rotation::opens(&vault, &self.file))
        };
        match rotation::kept(key).into_iter().find(opens) {
            Some(old) if format!("{error:#}").contains("does not open") => error.context(format!(
                "the master key was changed after this copy was made, and the copy is opened by {}",
                old.display()
            )),
            _ => error,
        }
    }
}
