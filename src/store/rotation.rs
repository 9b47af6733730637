//! Another master key: everything that is sealed is sealed anew, and a crash at any moment leaves a key that opens it.
//!
//! The database is the judge. The new key is on the disk before anything is sealed with it, the old one until nothing is
//! any more, and all values change in one transaction: so at every moment one of the two files opens all of them, and
//! whoever opens the database next finds out which and puts it in its place ([`settled`]). The old key stays beside,
//! because copies of the database that were made before are opened by it alone.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::backend::{self, ToSql, Tx, run};
use super::copies::beside;
use super::restore::own_alike;
use super::vault::Vault;
use super::{Reader, lock, start};
use crate::error::Result;

/// Ends the name of a key that is not in its place yet.
const NEXT: &str = ".new";
/// Begins the end of the name of one that was; its fingerprint follows.
const OLD: &str = ".old-";

/// A column with values that are sealed.
struct Sealed {
    /// Its table and its name.
    column: &'static str,
    /// Two numbers that name the row, the place that the value is bound to, and the value.
    read: &'static str,
    /// Writes the value of the row of these numbers.
    write: &'static str,
}

/// All of them but `sealed_values`, whose rows have names.
const SEALED: &[Sealed] = &[
    Sealed {
        column: "service_keys.sealed",
        read: "SELECT id, 0, 'service_keys/' || serviceid, sealed FROM service_keys",
        write: "UPDATE service_keys SET sealed = $1 WHERE id = $2 + $3",
    },
    Sealed {
        column: "outbox.sealed",
        read: "SELECT id, 0, 'outbox/' || messageid, sealed FROM outbox WHERE sealed IS NOT NULL",
        write: "UPDATE outbox SET sealed = $1 WHERE id = $2 + $3",
    },
    Sealed {
        column: "job_rows.sealed",
        read: "SELECT jobid, number, 'job_rows/' || jobid || '/' || number, sealed FROM job_rows
               WHERE sealed IS NOT NULL",
        write: "UPDATE job_rows SET sealed = $1 WHERE jobid = $2 AND number = $3",
    },
    Sealed {
        column: "api_keys.sealed",
        read: "SELECT id, 0, 'api_keys/' || name, sealed FROM api_keys WHERE sealed IS NOT NULL",
        write: "UPDATE api_keys SET sealed = $1 WHERE id = $2 + $3",
    },
    Sealed {
        column: "site_keys.sealed",
        read: "SELECT id, 0, 'site_keys/' || siteid, sealed FROM site_keys",
        write: "UPDATE site_keys SET sealed = $1 WHERE id = $2 + $3",
    },
    Sealed {
        column: "second_factors.sealed",
        read: "SELECT userid, 0, 'second_factors/' || userid, sealed FROM second_factors
               WHERE sealed IS NOT NULL",
        write: "UPDATE second_factors SET sealed = $1 WHERE userid = $2 + $3",
    },
    Sealed {
        column: "second_factors.pending",
        read: "SELECT userid, 0, 'second_factors/' || userid, pending FROM second_factors
               WHERE pending IS NOT NULL",
        write: "UPDATE second_factors SET pending = $1 WHERE userid = $2 + $3",
    },
];

/// The columns that are sealed anew, each behind the name of its table.
pub fn columns() -> impl Iterator<Item = &'static str> {
    SEALED.iter().map(|sealed| sealed.column).chain(["sealed_values.sealed"])
}

/// How far a change of the key has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The new key is on the disk.
    Made,
    /// Everything is sealed with it, and not yet committed.
    Sealed,
    /// The database is opened by the new key alone.
    Committed,
    /// The old key has a second name.
    Kept,
    /// The new key has taken the place of the old one.
    Placed,
}

/// What was done.
#[derive(Debug)]
pub struct Rotated {
    /// How many values were sealed anew.
    pub values: usize,
    /// The fingerprint of the new key.
    pub fingerprint: String,
    /// Where the old key is.
    pub old: PathBuf,
}

/// Changes the master key while nobody uses the database; `reached` is told of every step.
pub fn rotate(
    database: &Path,
    file: &Path,
    next: [u8; 32],
    random: &mut dyn FnMut() -> [u8; 32],
    reached: &mut dyn FnMut(Step),
) -> anyhow::Result<Rotated> {
    if !start::exists(database)? {
        bail!("there is no database {}: nothing is sealed yet", database.display());
    }
    let _lock = lock::alone(database)?;
    let old = settled(file, database)?
        .with_context(|| format!("the master key {} is missing: put it back", file.display()))?;
    let file = std::fs::canonicalize(file)?;
    let waiting = beside(&file, NEXT);
    // It opens nothing, as `settled` has found, and is of use to nobody.
    let _ = std::fs::remove_file(&waiting);
    let new = Vault::create(&waiting, next)?;
    // Where root does this, the server's user still has to read it.
    own_alike(&file, &waiting)?;
    reached(Step::Made);
    let sealed = seal_anew(database, (&old, &new), random, reached);
    let values = sealed.inspect_err(|_| drop(std::fs::remove_file(&waiting)))?;
    reached(Step::Committed);
    let kept = place(&file, &waiting, &old, reached)
        .context("the new key opens the database already; the next start puts it in its place")?;
    Ok(Rotated { values, fingerprint: new.fingerprint(), old: kept })
}

fn seal_anew(
    database: &Path,
    vaults: (&Vault, &Vault),
    random: &mut dyn FnMut() -> [u8; 32],
    reached: &mut dyn FnMut(Step),
) -> anyhow::Result<usize> {
    let connection = backend::open_writer(database, true)?;
    // What was sealed with the old key is not to stay in what is free.
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    run(&connection, "BEGIN IMMEDIATE")?;
    let tx = Tx::over(&connection, None);
    tx.check_version(database)?;
    tx.check_key(vaults.0)?;
    let values = tx.seal_anew(vaults, random)?;
    tx.check_key(vaults.1)?;
    reached(Step::Sealed);
    drop(tx);
    run(&connection, "COMMIT")?;
    // Nobody else has the database, so nothing is left beside it.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(values)
}

impl Tx<'_> {
    fn seal_anew(
        &self,
        (old, new): (&Vault, &Vault),
        random: &mut dyn FnMut() -> [u8; 32],
    ) -> anyhow::Result<usize> {
        let names: Vec<(String, Vec<u8>)> =
            self.all("SELECT name, sealed FROM sealed_values", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (name, sealed) in &names {
            let value = old.open_sealed(name, sealed)?;
            self.set_sealed(name, &new.seal(name, &value, &random())?)?;
        }
        self.keep_hashes(old, new, &random())?;
        let mut values = names.len();
        for Sealed { column, read, write } in SEALED {
            let rows: Vec<(i64, i64, String, Vec<u8>)> =
                self.all(read, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            values += rows.len();
            for (first, second, place, sealed) in rows {
                let value = old.open_sealed(&place, &sealed)?;
                let sealed = new.seal(&place, &value, &random())?;
                let parameters: [&dyn ToSql; 3] = [&sealed, &first, &second];
                if self.change(write, &parameters)? != 1 {
                    bail!("a row with {column} is not there any more");
                }
            }
        }
        Ok(values)
    }
}

/// The master key of the database; nothing where there is none. A change of it that was cut off is brought to its end.
pub fn settled(file: &Path, database: &Path) -> anyhow::Result<Option<Vault>> {
    let there = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let waiting = beside(&there, NEXT);
    if !waiting.exists() {
        return Vault::open(file);
    }
    let vault = Vault::open(file)?;
    if vault.as_ref().is_some_and(|vault| opens(vault, database)) {
        return Ok(vault);
    }
    // One that was cut off while it was written opens nothing.
    match Vault::open(&waiting).ok().flatten().filter(|next| opens(next, database)) {
        Some(next) => {
            if let Some(old) = &vault {
                let kept = place(&there, &waiting, old, &mut |_| {})?;
                log::warn!(
                    "a change of the master key was cut off and is now brought to its end: the new one is {}, the old \
                     one {}",
                    file.display(),
                    kept.display()
                );
            }
            Ok(Some(next))
        }
        // Somebody else has brought it to its end meanwhile.
        None => Vault::open(file),
    }
}

/// Whether a key opens a database.
pub fn opens(vault: &Vault, database: &Path) -> bool {
    let proved = |tx: &Tx<'_>| -> Result<bool> { Ok(!tx.is_fresh()? && tx.check_key(vault).is_ok()) };
    Reader::open(database).and_then(|reader| reader.read(proved)).unwrap_or(false)
}

/// The keys from before that are kept beside this one.
pub fn kept(file: &Path) -> Vec<PathBuf> {
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let begins = beside(&file, OLD);
    let folder = file.parent().map(std::fs::read_dir).and_then(std::result::Result::ok);
    let files = folder.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let begin = begins.as_os_str().as_encoded_bytes();
    let mut kept: Vec<PathBuf> =
        files.filter(|path| path.as_os_str().as_encoded_bytes().starts_with(begin)).collect();
    kept.sort();
    kept
}

/// Puts the new key in the place of the old one, which keeps a name of its own. Each half can be done again.
fn place(file: &Path, waiting: &Path, old: &Vault, reached: &mut dyn FnMut(Step)) -> anyhow::Result<PathBuf> {
    let kept = beside(file, &format!("{OLD}{}", old.fingerprint()));
    match std::fs::hard_link(file, &kept) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            // Not every file system knows two names of a file; a copy keeps the mode.
            std::fs::copy(file, &kept)
                .with_context(|| format!("cannot keep {} as {}", file.display(), kept.display()))?;
            File::open(&kept)?.sync_all()?;
        }
        _ => {}
    }
    super::copies::sync_folder(file)?;
    reached(Step::Kept);
    match std::fs::rename(waiting, file) {
        // Somebody else has done it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        renamed => renamed.with_context(|| format!("cannot put {} in its place", waiting.display()))?,
    }
    super::copies::sync_folder(file)?;
    reached(Step::Placed);
    Ok(kept)
}
