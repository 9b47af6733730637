//! What needs somebody although the server works: hot folders that it cannot use, and tasks that went wrong.

use std::path::Path;

use anyhow::{Context, ensure};
use rustix::fs::{Access, access};

use super::Findings;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::snapshot::Snapshot;
use crate::store::Reader;

/// Whether files can be taken out of the providers' folders, by whoever runs this.
pub(super) fn hot_folders(snapshot: &Snapshot, found: &mut Findings) {
    for provider in snapshot.providers().filter(|provider| !provider.settings.import_folder.is_empty()) {
        let (name, folder) = (format!("provider {}", provider.code), &provider.settings.import_folder);
        match usable(Path::new(folder)) {
            Ok(()) => found.good(&name, &format!("hot folder {folder}")),
            Err(error) => found.fault(
                &name,
                &format!(
                    "its hot folder: {error:#}; make it and give it to the server's user, under systemd also with \
                     ReadWritePaths=, or change CSVIMPORT/CSV_IMPORT_DIR"
                ),
            ),
        }
    }
}

fn usable(folder: &Path) -> anyhow::Result<()> {
    ensure!(folder.is_absolute(), "{} does not begin with a /", folder.display());
    let found = folder.metadata().with_context(|| format!("cannot look into {}", folder.display()))?;
    ensure!(found.is_dir(), "{} is no folder", folder.display());
    access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)
        .with_context(|| format!("cannot read and write in {}", folder.display()))
}

/// Tasks that went wrong the last time, from a database that is there; why one cannot be read is said elsewhere.
pub(super) fn tasks(database: &Path, found: &mut Findings) {
    if !database.exists() {
        return;
    }
    for task in Task::ALL {
        let row = Reader::open(database).and_then(|reader| reader.read(|tx| tx.task(task)));
        let Some(row) = row.ok().filter(|row| row.failed()) else { continue };
        let when = row.ended.map(Time::rfc3339).unwrap_or_default();
        let about = format!(
            "{when} {}; once that is mended, `regserver call runtask task={}` has it done again",
            row.result,
            task.name()
        );
        found.note(&format!("task {}", task.name()), &about);
    }
}
