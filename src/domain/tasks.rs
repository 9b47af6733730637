//! What the program does by itself, and how often where nobody has said otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Sessions, codes, temporary passwords and marks that are past.
    Leftovers,
    /// Old rows of the audit log.
    Audit,
    /// Old rows of the API log.
    ApiLog,
    /// Mails that leave.
    Mails,
    /// Mails that wait for nothing any more.
    OldMails,
    /// Licences that end.
    Licenses,
    /// Addresses of devices.
    Devices,
    /// Files of users in the providers' folders.
    HotFolder,
    /// What the database knows of itself.
    Upkeep,
    /// Copies of the database.
    Backup,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 10] = [
        Task::Leftovers,
        Task::Audit,
        Task::ApiLog,
        Task::Mails,
        Task::OldMails,
        Task::Licenses,
        Task::Devices,
        Task::HotFolder,
        Task::Upkeep,
        Task::Backup,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Task::Leftovers => "leftovers",
            Task::Audit => "audit",
            Task::ApiLog => "apilog",
            Task::Mails => "mails",
            Task::OldMails => "oldmails",
            Task::Licenses => "licenses",
            Task::Devices => "devices",
            Task::HotFolder => "hotfolder",
            Task::Upkeep => "upkeep",
            Task::Backup => "backup",
        }
    }

    /// The task of that name.
    pub fn named(name: &str) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.name() == name)
    }

    /// What it does.
    pub fn about(self) -> &'static str {
        match self {
            Task::Leftovers => {
                "throws away sessions, codes, temporary passwords, first replies, replay marks and counters that are past"
            }
            Task::Audit => "throws away what is older in the audit log than AuditRetention says",
            Task::ApiLog => "throws away what is older in the API log than APILogRetention says",
            Task::Mails => "sends mails as they come; a frequency gathers them",
            Task::OldMails => "throws away mails that were sent or given up 30 days ago",
            Task::Licenses => {
                "writes to holders 10 and 3 days before a license ends and when it has ended, and gives its users a default one"
            }
            Task::Devices => {
                "blanks the addresses from which devices were registered, after StoreRegistrationDeviceIPinSeconds"
            }
            Task::HotFolder => {
                "imports the users in the CSV files of CSVIMPORT/CSV_IMPORT_DIR and moves each file to done or failed, its result beside"
            }
            Task::Upkeep => "lets the database learn how its rows are spread, which keeps searches quick",
            Task::Backup => "copies the database as [backup] of the configuration says",
        }
    }

    /// Seconds between two starts; 0: all the time.
    pub fn frequency(self) -> i64 {
        match self {
            Task::Mails => 0,
            Task::Leftovers => 10 * MINUTE,
            Task::Audit | Task::ApiLog | Task::OldMails | Task::Licenses | Task::Devices => HOUR,
            Task::HotFolder => MINUTE,
            Task::Upkeep | Task::Backup => DAY,
        }
    }
}
