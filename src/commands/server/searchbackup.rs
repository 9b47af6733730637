//! `searchbackup`: the copies of the database that the server has made by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Error, Result};
use crate::store::{Tx, copies};

/// Lists the copies of the database in the folder that the configuration names as backup.folder, the newest first.
#[derive(Deserialize, JsonSchema)]
pub struct SearchBackup {}

/// The copies.
#[derive(Serialize, JsonSchema)]
pub struct Backups {
    /// the copies, the newest first
    backuplist: BackupList,
}

/// The copies of the list.
#[derive(Serialize, JsonSchema)]
struct BackupList {
    backup: Vec<ListedBackup>,
}

/// A copy.
#[derive(Serialize, JsonSchema)]
struct ListedBackup {
    /// the file's name in the folder
    name: String,
    /// when it was made, UTC
    #[schemars(with = "Time")]
    created: String,
    /// seconds since then
    age: i64,
    /// bytes
    size: u64,
    /// the SHA-256 that stands beside it; blank: none
    sha256: String,
    /// whether it was proved when it was made, and not written since
    verified: bool,
}

impl Command for SearchBackup {
    const NAME: &'static str = "searchbackup";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[Example {
        shows: "a server that makes none by itself",
        given: &[],
        call: "",
        reply: "<backuplist></backuplist>",
    }];
    type Reply = Backups;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Backups> {
        let found = call.program.backups().map(copies::list).transpose().map_err(Error::Failed)?;
        let listed = |copy: copies::Kept| ListedBackup {
            age: call.now.0.saturating_sub(copy.made.0).max(0) / SECOND,
            created: copy.made.stamp(),
            name: copy.name,
            size: copy.size,
            sha256: copy.sha256.unwrap_or_default(),
            verified: copy.verified,
        };
        let backup = found.unwrap_or_default().into_iter().map(listed).collect();
        Ok(Backups { backuplist: BackupList { backup } })
    }
}
