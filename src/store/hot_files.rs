//! Files of hot folders and the jobs that were made from them.
//!
//! The row is written before the job may begin and taken away after the file was put away: so a file whose job has
//! begun is known by it, whatever stops the program between, and no second job is made from it.

use super::backend::Tx;
use super::jobs::State;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::Result;

/// Why a job ends that was not made to its end: a new one is made from the same file.
const ANEW: &str = "the file was not read to its end; another job begins anew";

/// A file that a job was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotFile {
    /// Its row.
    pub id: i64,
    /// Whose users it has.
    pub provider: i64,
    /// The hot folder.
    pub folder: String,
    /// What it is called in the folder `work` there.
    pub name: String,
    /// The job.
    pub job: i64,
}

impl Tx<'_> {
    /// Notes that a job was made from a file.
    pub fn add_hot_file(&self, provider: i64, folder: &str, name: &str, job: i64) -> Result<i64> {
        let sql =
            "INSERT INTO hot_files (providerid, folder, name, jobid) VALUES ($1, $2, $3, $4) RETURNING id";
        self.insert(sql, &[&provider, &folder, &name, &job])
    }

    /// All of them, the oldest first.
    pub fn hot_files(&self) -> Result<Vec<HotFile>> {
        let sql = "SELECT id, providerid, folder, name, jobid FROM hot_files ORDER BY id";
        self.all(sql, &[], |row| {
            Ok(HotFile {
                id: row.get(0)?,
                provider: row.get(1)?,
                folder: row.get(2)?,
                name: row.get(3)?,
                job: row.get(4)?,
            })
        })
    }

    /// The file was put away.
    pub fn drop_hot_file(&self, id: i64) -> Result<()> {
        self.keep_house("DELETE FROM hot_files WHERE id = $1", &[&id]).map(drop)
    }

    /// Gives up a job that has not all of its file, so that another one is made from it.
    pub fn begin_file_anew(&self, file: &HotFile, now: Time) -> Result<()> {
        self.end_job(file.job, State::Failed, ANEW, now)?;
        self.drop_hot_file(file.id)
    }

    /// Has the task done soon, where a job from a file has ended since it was begun.
    pub fn wake_hot_folder(&self) -> Result<()> {
        let sql = "UPDATE tasks SET runnow = 1 WHERE name = $1 AND enabled = 1";
        self.keep_house(sql, &[&Task::HotFolder.name()]).map(drop)
    }

    /// Whether a job from a file has ended behind that time.
    pub fn hot_file_ended(&self, since: Time) -> Result<bool> {
        let sql =
            "SELECT 1 FROM hot_files JOIN jobs ON jobs.id = hot_files.jobid WHERE jobs.finished > $1 LIMIT 1";
        Ok(self.one(sql, &[&since.0], |_| Ok(()))?.is_some())
    }
}
