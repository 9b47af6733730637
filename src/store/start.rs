//! Opening the database at the start of the program, and making a fresh one.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use rusqlite::Connection;

use super::backend::{self, Tx, run};
use super::vault::Vault;
use crate::error::{Error, Result};

/// The definition of the tables.
pub(super) const SCHEMA: &str = include_str!("../../schema.sql");
/// The version of [`SCHEMA`].
const VERSION: i64 = 8;
/// Proves that the master key is the one the values were sealed with.
const CHECK: &str = "check";

/// Whether there is a database at that path already.
pub fn exists(path: &Path) -> anyhow::Result<bool> {
    if std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
        return Ok(false);
    }
    let connection = backend::open_writer(path, true)?;
    let tables: i64 =
        connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", [], |row| row.get(0))?;
    Ok(tables > 0)
}

/// One transaction before the writer starts: makes the tables of a fresh database, proves the key of
/// an old one, and runs `apply`. Gives what `apply` gave, and the generation of what it left.
pub fn prepare<T>(
    path: &Path,
    vault: &Vault,
    random: &dyn Fn(&str) -> [u8; 32],
    apply: impl FnOnce(&Tx<'_>, bool) -> anyhow::Result<T>,
) -> anyhow::Result<(T, i64)> {
    make_private(path)?;
    let connection = backend::open_writer(path, true)
        .map_err(|error| anyhow::anyhow!("cannot open the database {}: {error}", path.display()))?;
    run(&connection, "BEGIN IMMEDIATE").context("another program holds the database")?;
    let tx = Tx::over(&connection, None);
    let fresh = tx.is_fresh()?;
    if fresh {
        connection.execute_batch(SCHEMA).context("cannot make the tables")?;
        let sealed = vault.seal(CHECK, CHECK.as_bytes(), &random("check"))?;
        tx.set_sealed(CHECK, &sealed)?;
        tx.set_salt(vault, hex::encode(&random("salt value")[..16]).as_bytes(), &random("salt"))?;
    } else {
        tx.check_version(path)?;
        tx.check_key(vault)?;
    }
    let applied = apply(&tx, fresh)?;
    if tx.notes().settings {
        tx.raise_generation()?;
    }
    let generation = tx.generation()?;
    drop(tx);
    run(&connection, "COMMIT")?;
    Ok((applied, generation))
}

/// Makes the file, where it is not there, for its owner alone; SQLite gives its companions the same mode.
pub(super) fn make_private(path: &Path) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    made.map(drop).with_context(|| format!("cannot make the database {}", path.display()))
}

impl Tx<'_> {
    pub(super) fn is_fresh(&self) -> Result<bool> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'";
        Ok(self.one(sql, &[], |row| row.get::<_, i64>(0))? == Some(0))
    }

    pub(super) fn check_version(&self, path: &Path) -> anyhow::Result<()> {
        let sql = "SELECT value FROM meta WHERE name = 'schema'";
        match self.one(sql, &[], |row| row.get::<_, i64>(0))? {
            Some(VERSION) => Ok(()),
            found => bail!(
                "the database {} has schema version {}, this program knows {VERSION}: use the program that made it, or name \
                 another file as database.path",
                path.display(),
                found.unwrap_or(0)
            ),
        }
    }

    pub(super) fn check_key(&self, vault: &Vault) -> anyhow::Result<()> {
        let sealed = self.sealed(CHECK)?.context("the database has no check value")?;
        let opened = vault.open_sealed(CHECK, &sealed);
        opened.map(drop).context("this master key is not the one that the database was made with")
    }

    /// The number that rises with every change of providers, services, keys and settings.
    pub fn generation(&self) -> Result<i64> {
        let sql = "SELECT value FROM meta WHERE name = 'generation'";
        self.one(sql, &[], |row| row.get(0))?.ok_or_else(|| Error::fault("there is no generation"))
    }

    pub(super) fn raise_generation(&self) -> Result<i64> {
        let sql = "UPDATE meta SET value = value + 1 WHERE name = 'generation' RETURNING value";
        self.one(sql, &[], |row| row.get(0))?.ok_or_else(|| Error::fault("there is no generation"))
    }
}

/// Whether pages and foreign keys are sound.
pub fn verify(path: &Path) -> anyhow::Result<()> {
    sound(&backend::open_writer(path, true)?)
}

/// The same over a connection.
pub(super) fn sound(connection: &Connection) -> anyhow::Result<()> {
    let first: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if first != "ok" {
        bail!("{first}");
    }
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if broken > 0 {
        bail!("{broken} rows refer to rows that are not there");
    }
    Ok(())
}

/// Makes a database that nobody uses one file without companions.
pub(super) fn fold(path: &Path) -> anyhow::Result<()> {
    let connection = Connection::open(path)?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}
