//! The master key: found at the start, or made for a new database.

use std::path::Path;

use anyhow::bail;

use crate::call::Chance;
use crate::config::Config;
use crate::store::{Vault, rotation, start};

/// A key is made only for a new database: a lost key must not be replaced by one that opens nothing.
pub(super) fn open_vault(config: &Config, chance: &dyn Chance) -> anyhow::Result<Vault> {
    let (path, database) = (config.master_key_file(), &config.database.path);
    if let Some(vault) = rotation::settled(&path, database)? {
        return Ok(vault);
    }
    if start::exists(database)? {
        bail!(missing_key(&path, database));
    }
    Vault::create(&path, chance.seed())
}

/// Why a database without its key is not opened.
pub(super) fn missing_key(key: &Path, database: &Path) -> String {
    format!(
        "the master key {} is missing, and the database {} cannot be opened without it: put the key \
         file back, or name it as database.master_key_file",
        key.display(),
        database.display()
    )
}
