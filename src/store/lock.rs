//! The lock file: what may not happen while a server runs asks for it alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Held for as long as the program uses the database.
pub struct Lock {
    _file: File,
}

/// `<database>.lock`, shared with every other program that only reads and writes.
pub fn shared(database: &Path) -> anyhow::Result<Lock> {
    let (file, path) = open(database)?;
    file.try_lock_shared().map_err(|error| {
        taken(
            error,
            format!("{} is locked: a restore or a change of the master key is under way", path.display()),
        )
    })?;
    Ok(Lock { _file: file })
}

/// The same for one program alone.
pub fn alone(database: &Path) -> anyhow::Result<Lock> {
    let (file, path) = open(database)?;
    file.try_lock().map_err(|error| {
        let locked = path.display();
        taken(
            error,
            format!("a server or another program uses the database ({locked} is locked): stop it first"),
        )
    })?;
    Ok(Lock { _file: file })
}

/// That somebody else holds it is all there is to say; another cause is told, too.
fn taken(error: TryLockError, why: String) -> anyhow::Error {
    match error {
        TryLockError::WouldBlock => anyhow::anyhow!(why),
        TryLockError::Error(cause) => anyhow::Error::new(cause).context(why),
    }
}

fn open(database: &Path) -> anyhow::Result<(File, PathBuf)> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot make the lock file {}", path.display()))?;
    Ok((file, path))
}
