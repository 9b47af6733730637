//! Copies of the database: made while the server runs, proved before they count, known by their checksum.
//!
//! The copy is read in one transaction from its beginning to its end, so it shows one moment and no change begins
//! it anew; nobody waits for a reader. It grows under another name, becomes one file without companions, is looked
//! through, and only then takes its name: what has a name was proved.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::start;
use crate::domain::time::Time;

/// The pages between two pauses, a mebibyte, and how long each pause leaves the disk to others.
const STEP: i32 = 256;
const PAUSE: Duration = Duration::from_millis(1);

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its bytes.
    pub size: u64,
    /// Its checksum, in hex.
    pub sha256: String,
}

/// Told how many pages of how many are there; `false` ends it.
pub type GoOn<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Copies the database to a file that is not there yet, and writes its checksum beside.
pub fn make(database: &Path, to: &Path, go_on: GoOn<'_>) -> anyhow::Result<Copied> {
    if to.try_exists().with_context(|| format!("cannot look for {}", to.display()))? {
        bail!("{} is there already: name another file", to.display());
    }
    let part = beside(to, ".part");
    let made = fill(database, &part, go_on).and_then(|()| {
        whole(&part)?;
        let copied = Copied { size: std::fs::metadata(&part)?.len(), sha256: checksum(&part)? };
        name(&part, to)?;
        note_checksum(to, &copied.sha256)?;
        Ok(copied)
    });
    // What was not finished is of use to nobody.
    [part.clone(), beside(&part, "-wal"), beside(&part, "-shm"), beside(&part, "-journal")]
        .iter()
        .for_each(|left| drop(std::fs::remove_file(left)));
    made
}

fn fill(database: &Path, part: &Path, go_on: GoOn<'_>) -> anyhow::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let from = Connection::open_with_flags(database, flags)
        .with_context(|| format!("cannot read the database {}", database.display()))?;
    from.busy_timeout(Duration::from_secs(5))?;
    from.execute_batch("BEGIN")?;
    // A transaction sees nothing yet before its first statement.
    from.query_row("SELECT count(*) FROM meta", [], |row| row.get::<_, i64>(0))
        .with_context(|| format!("{} is no database of this program", database.display()))?;
    let _ = std::fs::remove_file(part);
    private(part)?;
    let mut to = Connection::open(part)?;
    to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    let backup = Backup::new(&from, &mut to)?;
    loop {
        let step = backup.step(STEP)?;
        let progress = backup.progress();
        let pages = u64::try_from(progress.pagecount).unwrap_or(0);
        let left = u64::try_from(progress.remaining).unwrap_or(0);
        if !go_on(pages.saturating_sub(left), pages) {
            bail!("stopped");
        }
        match step {
            StepResult::Done => return Ok(()),
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Makes a database one file without companions, proves it, and has it on the disk.
pub(super) fn whole(path: &Path) -> anyhow::Result<()> {
    let connection = Connection::open(path)?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    start::sound(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Gives the file its name, unless another one has it by now.
fn name(part: &Path, to: &Path) -> anyhow::Result<()> {
    let named = std::fs::hard_link(part, to).or_else(|error| match to.try_exists() {
        // Not every disk has links.
        Ok(false) => std::fs::rename(part, to),
        _ => Err(error),
    });
    named.with_context(|| format!("cannot name the copy {}", to.display()))?;
    sync_folder(to)
}

/// A file for its owner alone.
pub(super) fn private(path: &Path) -> anyhow::Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.with_context(|| format!("cannot make {}", path.display()))
}

/// The names in the folder of that file are on the disk.
pub(super) fn sync_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}

/// The path with that behind it.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The file in which the checksum of that one stands.
pub fn checksum_file(path: &Path) -> PathBuf {
    beside(path, ".sha256")
}

/// As `sha256sum` writes and reads it.
fn note_checksum(path: &Path, sha256: &str) -> anyhow::Result<()> {
    let file = checksum_file(path);
    let _ = std::fs::remove_file(&file);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut out = private(&file)?;
    writeln!(out, "{sha256}  {name}")?;
    out.sync_all()?;
    sync_folder(&file)
}

/// The checksum that stands beside a copy; none where there is no such file.
pub fn noted_checksum(path: &Path) -> anyhow::Result<Option<String>> {
    let file = checksum_file(path);
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("cannot read {}", file.display()))?,
    };
    let noted = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    if noted.len() != 64 || !noted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("{} does not begin with a SHA-256: 64 hex digits are expected", file.display());
    }
    Ok(Some(noted))
}

/// The SHA-256 of a file, in hex.
pub fn checksum(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// What the names of copies begin and end with that the server makes by itself.
const NAMES: (&str, &str) = ("regserver-", ".db");

/// A copy in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// When it was made.
    pub made: Time,
    /// Its checksum; none where none stands beside.
    pub sha256: Option<String>,
    /// It was proved when it was made, and not written since.
    pub verified: bool,
}

/// The name of a copy that is made at that time.
pub fn name_at(time: Time) -> String {
    let digits =
        time.rfc3339().chars().take(19).filter(|c| c.is_ascii_digit() || *c == 'T').collect::<String>();
    format!("{}{digits}{}", NAMES.0, NAMES.1)
}

/// The copies in a folder, the newest first.
pub fn list(folder: &Path) -> anyhow::Result<Vec<Kept>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let about = entry.metadata()?;
        if !name.starts_with(NAMES.0) || !name.ends_with(NAMES.1) || !about.is_file() {
            continue;
        }
        let noted = noted_checksum(&entry.path()).ok().flatten();
        let written = about.modified()?;
        let proved = std::fs::metadata(checksum_file(&entry.path())).and_then(|beside| beside.modified());
        let verified = noted.is_some() && proved.is_ok_and(|proved| written <= proved);
        let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let made = Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
        found.push(Kept { name, size: about.len(), made, sha256: noted, verified });
    }
    found.sort_by(|a, b| b.name.cmp(&a.name));
    Ok(found)
}

/// Removes the oldest copies beyond so many; how many there were. What the server did not prove counts for none.
pub fn prune(folder: &Path, keep: usize) -> anyhow::Result<usize> {
    let proved = list(folder)?.into_iter().filter(|copy| copy.sha256.is_some());
    let mut gone = 0;
    for copy in proved.skip(keep.max(1)) {
        let path = folder.join(copy.name);
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        std::fs::remove_file(checksum_file(&path))?;
        gone += 1;
    }
    Ok(gone)
}
