//! A hot folder on the disk: what lies there, what may be taken, and where it goes.
//!
//! A file is taken by moving it into `work`, where nobody but the program's user can reach it any more, under a name
//! that no file had before; with that name it goes on to `done` or `failed`. A move within a folder is one step for the
//! file system, so a file is always in exactly one of these places.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::domain::time::{DAY, SECOND, Time};

/// The folders in it.
const INNER: [&str; 3] = ["work", "done", "failed"];
/// The ending of a result.
const RESULT: &str = ".result.csv";
/// So many characters of a file's own name are kept.
const KEPT: usize = 100;
/// How many characters stand before it: the time, and eight digits by chance.
const STAMP: usize = 25;

/// Where a file goes in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All its rows were taken.
    Done,
    /// Not all.
    Failed,
}

impl End {
    /// The folder's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            End::Done => "done",
            End::Failed => "failed",
        }
    }
}

/// What lies there to be taken.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Names of files that are complete, in their order.
    pub(super) complete: Vec<PathBuf>,
    /// How many others are not yet.
    pub(super) growing: usize,
}

/// A hot folder.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder, with those in it that the program needs.
    pub(super) fn open(path: &Path) -> anyhow::Result<Folder> {
        ensure!(path.is_absolute(), "CSVIMPORT/CSV_IMPORT_DIR must begin with a /");
        let found = fs::metadata(path).with_context(|| format!("cannot look into {}", path.display()))?;
        ensure!(found.is_dir(), "{} is no folder", path.display());
        for inner in INNER {
            private(&path.join(inner), true)?;
        }
        Ok(Folder(path.to_owned()))
    }

    /// The folder where files were taken before; one that is gone, with its disk perhaps, is not made anew.
    pub(super) fn again(path: &Path) -> anyhow::Result<Folder> {
        INNER.iter().try_for_each(|inner| private(&path.join(inner), false))?;
        Ok(Folder(path.to_owned()))
    }

    /// Where a file lies while it is handled.
    pub(super) fn at_work(&self, name: &str) -> PathBuf {
        self.0.join("work").join(name)
    }

    /// The files whose names end in `.csv`, those alone complete that have not changed for so many seconds.
    pub(super) fn look(&self, now: Time, seconds: u32) -> anyhow::Result<Found> {
        let mut found = Found::default();
        for (path, data) in entries(&self.0)? {
            if data.is_dir() || !is_csv(&path) {
                continue;
            }
            // Whatever is written or renamed changes this time, and nobody can set it.
            let changed = Time(data.ctime().saturating_mul(SECOND).saturating_add(data.ctime_nsec() / 1_000));
            match changed.plus(i64::from(seconds) * SECOND) <= now {
                true => found.complete.push(path),
                false => found.growing += 1,
            }
        }
        found.complete.sort_unstable();
        Ok(found)
    }

    /// Takes a file; its new name.
    pub(super) fn take(&self, path: &Path, now: Time, chance: [u8; 4]) -> anyhow::Result<String> {
        let digits = |c: &char| c.is_ascii_digit() || *c == 'T';
        let time: String = now.rfc3339().chars().take(19).filter(digits).collect();
        let name = format!("{time}-{}-{}", hex::encode(chance), plain(path));
        let to = self.at_work(&name);
        fs::rename(path, &to).with_context(|| format!("cannot move {} to work", path.display()))?;
        // A file of somebody else's stays as it is: the folder keeps others out.
        if no_file(&fs::symlink_metadata(&to)?).is_none() {
            let _ = fs::set_permissions(&to, Permissions::from_mode(0o600));
        }
        Ok(name)
    }

    /// The names of what was taken. What somebody else has put there is taken now.
    pub(super) fn taken(&self, now: Time, chance: impl Fn() -> [u8; 4]) -> anyhow::Result<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        for (path, data) in entries(&self.0.join("work"))? {
            match path.file_name().and_then(|name| name.to_str()) {
                _ if data.is_dir() => {}
                Some(name) if is_stamped(&path) => names.push(name.to_owned()),
                _ => names.push(self.take(&path, now, chance())?),
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Puts a file away with its result beside. Done again it does the same.
    pub(super) fn put_away(
        &self,
        name: &str,
        end: End,
        write: impl FnOnce(File) -> anyhow::Result<File>,
    ) -> anyhow::Result<()> {
        let to = self.0.join(end.name());
        let result = to.join(format!("{}{RESULT}", name.strip_suffix(".csv").unwrap_or(name)));
        let part = to.join(format!(".{name}.part"));
        let fresh = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
        write(fresh.with_context(|| format!("cannot write {}", part.display()))?)?.sync_all()?;
        fs::rename(&part, &result).with_context(|| format!("cannot write {}", result.display()))?;
        match fs::rename(self.at_work(name), to.join(name)) {
            // Somebody has taken it away; the result says what became of it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.with_context(|| format!("cannot move {name} to {}", to.display()))?,
        }
        self.sync(&["work", end.name()])
    }

    /// Has the disk know what was moved.
    pub(super) fn sync(&self, inner: &[&str]) -> anyhow::Result<()> {
        File::open(&self.0)?.sync_all()?;
        inner.iter().try_for_each(|name| Ok(File::open(self.0.join(name))?.sync_all()?))
    }

    /// Removes what was put away so many days ago; how many files.
    pub(super) fn clear(&self, now: Time, days: u32) -> anyhow::Result<usize> {
        let before = now.plus(-i64::from(days) * DAY).seconds();
        let mut removed = 0;
        for end in [End::Done, End::Failed] {
            for (path, data) in entries(&self.0.join(end.name()))? {
                // When it was put away; a file of somebody else's has no such name.
                if data.ctime() < before && !data.is_dir() && is_stamped(&path) {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// What a file is, where it cannot be read as one.
pub(super) fn no_file(data: &Metadata) -> Option<&'static str> {
    match data.file_type() {
        kind if kind.is_symlink() => {
            Some("it is a symbolic link, which is not followed: put the file itself there")
        }
        kind if !kind.is_file() => Some("it is no ordinary file"),
        _ if data.nlink() > 1 => Some("it has a second name on the disk, a hard link: put a copy there"),
        _ => None,
    }
}

/// Sees that a folder is there that only the program's user can look into; makes it, where it may be made.
fn private(path: &Path, make: bool) -> anyhow::Result<()> {
    if make {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => made.with_context(|| format!("cannot make the folder {}", path.display()))?,
        }
    }
    let found = fs::symlink_metadata(path).with_context(|| format!("cannot look into {}", path.display()))?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        bail!("{} must be a folder of the program's own user: remove it", path.display());
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// What lies in a folder. What goes away meanwhile is not there.
fn entries(path: &Path) -> anyhow::Result<Vec<(PathBuf, Metadata)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot look into {}", path.display()))? {
        let path = entry?.path();
        if let Ok(data) = fs::symlink_metadata(&path) {
            found.push((path, data));
        }
    }
    Ok(found)
}

/// Whether a file is meant for the import: hidden ones are still being uploaded.
fn is_csv(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && name.to_ascii_lowercase().ends_with(".csv")
}

/// The name that a file had, as far as it was kept.
pub(super) fn own(name: &str) -> &str {
    name.get(STAMP..).unwrap_or(name)
}

/// A file's own name as it can stand behind the stamp.
fn plain(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.get(..name.len().saturating_sub(4)).unwrap_or("file");
    let fits = |c: char| if c.is_alphanumeric() || "-._".contains(c) { c } else { '_' };
    let kept: String = stem.chars().map(fits).take(KEPT).collect();
    // A letter may have several bytes, and the file system counts these.
    let end = (0..=kept.len().min(2 * KEPT)).rev().find(|end| kept.is_char_boundary(*end)).unwrap_or(0);
    format!("{}.csv", &kept[..end])
}

/// Whether the program gave the name.
fn is_stamped(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stamp: Vec<char> = name.trim_start_matches('.').chars().take(STAMP).collect();
    let fits = |(at, c): (usize, &char)| match at {
        8 => *c == 'T',
        15 | 24 => *c == '-',
        16..24 => c.is_ascii_hexdigit(),
        _ => c.is_ascii_digit(),
    };
    stamp.len() == STAMP && stamp.iter().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_what_could_lead_elsewhere() {
        assert_eq!(plain(Path::new("/in/New users (1).CSV")), "New_users__1_.csv");
        assert_eq!(plain(Path::new("/in/münchen.csv")), "münchen.csv");
        assert_eq!(plain(Path::new(&format!("/in/{}.csv", "ü".repeat(150)))).len(), 204);
    }

    #[test]
    fn only_names_that_the_program_gave_are_cleared() {
        assert!(is_stamped(Path::new("/in/done/20261122T074418-0a1b2c3d-users.csv")));
        assert!(is_stamped(Path::new("/in/done/.20261122T074418-0a1b2c3d-users.csv.part")));
        assert!(!is_stamped(Path::new("/in/done/20261122-users.csv")));
        assert!(!is_stamped(Path::new("/in/done/users.csv")));
    }

    #[test]
    fn what_was_put_away_long_ago_is_removed() {
        let place = std::env::temp_dir().join(format!("regserver-hot-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        let folder = Folder::open(&place).unwrap();
        fs::write(place.join("users.csv"), "x").unwrap();
        let far = Time::parse_rfc3339("2500-01-01T00:00:00Z").unwrap();
        let found = folder.look(far, 10).unwrap();
        let name = folder.take(&found.complete[0], far, [1, 2, 3, 4]).unwrap();
        assert_eq!(name, "25000101T000000-01020304-users.csv");
        assert_eq!(folder.taken(far, || [0; 4]).unwrap(), [name.as_str()]);
        folder.put_away(&name, End::Done, Ok).unwrap();
        // Done again, as after a kill, it does the same.
        folder.put_away(&name, End::Done, Ok).unwrap();
        fs::write(place.join("done/kept.csv"), "somebody's own").unwrap();
        let put = fs::metadata(place.join("done").join(&name)).unwrap();
        let now = Time(put.ctime() * SECOND);
        assert_eq!(folder.clear(now.plus(29 * DAY), 30).unwrap(), 0);
        assert_eq!(folder.clear(now.plus(31 * DAY), 30).unwrap(), 2);
        let left: Vec<_> = entries(&place.join("done")).unwrap();
        assert_eq!(left.len(), 1);
        fs::remove_dir_all(&place).unwrap();
    }
}
