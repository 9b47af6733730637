//! Putting a copy in the place of the database, so that it can be undone.
//!
//! Everything is proved on a second copy that already lies beside the database: what was proved is what takes the
//! place. Until the one rename at the end the database is untouched; afterwards it is still there, under a name with
//! the time.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::backend::{self, Tx};
use super::copies::{self, beside};
use super::{Vault, lock, start};

/// The files that belong to a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// What was done.
#[derive(Debug)]
pub struct Restored {
    /// Where the database is that was there before, if there was one.
    pub kept: Option<PathBuf>,
    /// The checksum, where one stood beside the copy.
    pub sha256: Option<String>,
}

/// Restores; `stamp` names the time.
pub fn restore(database: &Path, from: &Path, vault: &Vault, stamp: &str) -> anyhow::Result<Restored> {
    if !from.try_exists().with_context(|| format!("cannot read {}", from.display()))? {
        bail!("there is no file {}", from.display());
    }
    if database.exists() && std::fs::canonicalize(from)? == std::fs::canonicalize(database)? {
        bail!("{} is the database itself: name a copy", from.display());
    }
    let _lock = lock::alone(database)?;
    let next = beside(database, ".restoring");
    let done = take(from, &next, vault).and_then(|sha256| {
        own_alike(database, &next)?;
        let kept = keep(database, stamp)?;
        std::fs::rename(&next, database)
            .with_context(|| format!("cannot put the copy in the place of {}", database.display()))?;
        copies::sync_folder(database)?;
        Ok(Restored { kept, sha256 })
    });
    clear(&next);
    done
}

/// Copies the file beside the database and proves the copy.
fn take(from: &Path, next: &Path, vault: &Vault) -> anyhow::Result<Option<String>> {
    clear(next);
    let noted = copies::noted_checksum(from)?;
    take_file(from, next)?;
    if let Some(noted) = &noted
        && copies::checksum(next)? != *noted
    {
        bail!(
            "{} is damaged: its SHA-256 is not the one in {}; nothing was changed",
            from.display(),
            copies::checksum_file(from).display()
        );
    }
    // A database that a killed program has left holds its last changes in a file beside it.
    let log = beside(from, COMPANIONS[0]);
    if log.exists() {
        take_file(&log, &beside(next, COMPANIONS[0]))?;
    }
    let damaged = || format!("{} is damaged, or no copy of a database; nothing was changed", from.display());
    copies::whole(next).with_context(damaged)?;
    let connection = backend::open_writer(next, true).map_err(|error| anyhow::anyhow!("{error}"))?;
    let tx = Tx::over(&connection, None);
    if tx.is_fresh().map_err(|error| anyhow::anyhow!("{error}"))? {
        bail!("{} is no copy of a database of this program; nothing was changed", from.display());
    }
    tx.check_version(from)?;
    tx.check_key(vault).with_context(|| {
        format!(
            "the master key does not open {}; nothing was changed. Name the key that belongs to it as \
             database.master_key_file",
            from.display()
        )
    })?;
    drop(tx);
    drop(connection);
    copies::whole(next).with_context(damaged)?;
    Ok(noted)
}

fn take_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut source = std::fs::File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    let mut copy = copies::private(to)?;
    std::io::copy(&mut source, &mut copy).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(copy.sync_all()?)
}

/// Where root restores, the server's user still has to open what comes out.
pub(super) fn own_alike(database: &Path, next: &Path) -> anyhow::Result<()> {
    let (Ok(old), new) = (std::fs::metadata(database), std::fs::metadata(next)?) else { return Ok(()) };
    if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(next, Some(old.uid()), Some(old.gid()))
        .with_context(|| format!("{} belongs to another user: do it as that one", database.display()))
}

fn clear(next: &Path) {
    let left = std::iter::once(next.to_owned()).chain(COMPANIONS.map(|ending| beside(next, ending)));
    left.for_each(|file| drop(std::fs::remove_file(file)));
}

/// Keeps the database under a second name until the copy has taken the first one.
fn keep(database: &Path, stamp: &str) -> anyhow::Result<Option<PathBuf>> {
    if !database.exists() {
        return Ok(None);
    }
    // One that can still be read becomes a single file; one that cannot is kept with all that belongs to it.
    if let Err(error) = start::fold(database) {
        log::warn!("the database that is replaced cannot be folded into one file: {error:#}");
    }
    let kept = free_name(database, stamp);
    let again = |from: &Path, to: &Path| {
        std::fs::hard_link(from, to)
            .or_else(|_| std::fs::copy(from, to).map(drop))
            .with_context(|| format!("cannot keep {} as {}", from.display(), to.display()))
    };
    again(database, &kept)?;
    for ending in COMPANIONS {
        let companion = beside(database, ending);
        if companion.exists() {
            again(&companion, &beside(&kept, ending))?;
            std::fs::remove_file(&companion)?;
        }
    }
    copies::sync_folder(database)?;
    Ok(Some(kept))
}

/// Two restores in one second keep both databases.
fn free_name(database: &Path, stamp: &str) -> PathBuf {
    let named = |number: usize| match number {
        0 => beside(database, &format!(".before-{stamp}")),
        number => beside(database, &format!(".before-{stamp}-{number}")),
    };
    (0..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(0))
}
