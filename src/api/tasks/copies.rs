//! Copies of the database that the server makes by itself, the newest of which are kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Ran;
use crate::api::Api;
use crate::call::Program;
use crate::domain::tasks::Task;
use crate::error::{Error, Result};
use crate::store::copies;

/// How often a long copy renews its lease.
const RENEW: Duration = Duration::from_secs(10);
/// Copies are named by the second of their beginning.
const SECOND: Duration = Duration::from_secs(1);

impl Api {
    /// Makes a copy and takes those away that are too many.
    pub(super) fn copy_by_itself(self: &Arc<Api>) -> Result<Ran> {
        let Some(folder) = self.backups() else {
            return Ok(Ran::done("backup.folder of the configuration names no folder"));
        };
        let mut file = folder.join(copies::name_at(self.clock.now()));
        if file.exists() {
            // One was made in this second, by this program or another; it may lack what has changed since.
            std::thread::sleep(SECOND);
            file = folder.join(copies::name_at(self.clock.now()));
        }
        let mut renewed = Instant::now();
        let copied = copies::make(&self.database, &file, &mut |_, _| {
            if renewed.elapsed() < RENEW {
                return !self.keeper.stopping();
            }
            renewed = Instant::now();
            self.held(Task::Backup, |_| Ok(())).is_ok() && !self.keeper.stopping()
        });
        let copied = copied.map_err(Error::Failed)?;
        let gone = copies::prune(folder, self.backup.keep).map_err(Error::Failed)?;
        Ok(Ran::done(format!("{}: {} bytes, proved; {gone} old ones removed", file.display(), copied.size)))
    }
}
