//! The rows of jobs: added, done one after the other, thrown away when nobody needs them any more.

use serde_json::Value;

use super::backend::{Params, Tx};
use super::jobs::Job;
use crate::domain::time::{DAY, Time};
use crate::error::{Error, Result};

/// The most rows that are thrown away in one transaction.
const ROWS: i64 = 500;
/// How long a job that has ended is kept.
const KEPT: i64 = 30 * DAY;
/// How long the next piece of a file may take.
const PIECES: i64 = DAY;

/// A new row.
pub struct NewRow {
    /// Where it stands in the file.
    pub line: i64,
    /// Whom it is about, as the file says.
    pub name: String,
    /// The same folded; blank where it may stand there more than once.
    pub key: String,
    /// JSON.
    pub data: String,
    /// A password, sealed.
    pub sealed: Option<Vec<u8>>,
}

/// A row that waits.
#[derive(Debug)]
pub struct WaitingRow {
    /// Its number within the job.
    pub number: i64,
    /// JSON.
    pub data: String,
    /// A password, sealed.
    pub sealed: Option<Vec<u8>>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody new.
    Created,
    /// A change.
    Updated,
    /// It was so already.
    Unchanged,
    /// A refusal.
    Refused,
}

impl Outcome {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Created => "created",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
            Outcome::Refused => "refused",
        }
    }
}

/// The result of a row.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its number within the job.
    pub number: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of a refusal, else 0.
    pub code: i64,
    /// What the refusal says.
    pub text: String,
    /// The user.
    pub user: Option<i64>,
}

/// Where a row's password is sealed.
pub fn place(job: i64, number: i64) -> String {
    format!("job_rows/{job}/{number}")
}

impl Tx<'_> {
    /// Where the row stands that names whom this key names: only a file has lines.
    fn place_of(&self, job: &Job, key: &str) -> Result<String> {
        let sql = "SELECT line, number FROM job_rows WHERE jobid = $1 AND name_key = $2 AND name_key <> ''";
        let found =
            self.one(sql, &[&job.id, &key], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        match found.ok_or_else(|| Error::fault("a row of a job was not added"))? {
            (0, number) => Ok(format!("row {number}")),
            (line, _) => Ok(format!("line {line}")),
        }
    }

    /// Adds rows at the end of a job. One that names by `what` whom an earlier one names is added as a mistake:
    /// in place of its data stands what is wrong with it.
    pub fn add_rows(&self, job: &Job, rows: &[NewRow], what: &str, lines: i64) -> Result<()> {
        for (at, row) in rows.iter().enumerate() {
            let number = number(job.counts.total, at);
            if self.add_row(job.id, number, row)? == 0 {
                let place = self.place_of(job, &row.key)?;
                let wrong = Value::from(format!("the same {what} stands in {place} already")).to_string();
                let (name, key) = (row.name.clone(), String::new());
                self.add_row(
                    job.id,
                    number,
                    &NewRow { line: row.line, name, key, data: wrong, sealed: None },
                )?;
            }
        }
        let added = i64::try_from(rows.len()).unwrap_or(0);
        let sql = "UPDATE jobs SET total = total + $1, lines = $2 WHERE id = $3";
        self.change(sql, &[&added, &lines, &job.id])?;
        self.differs("rows", job.counts.total, job.counts.total + added);
        Ok(())
    }

    fn add_row(&self, job: i64, number: i64, row: &NewRow) -> Result<usize> {
        let sql =
            "INSERT INTO job_rows (jobid, number, line, name, name_key, data, sealed, outcome, code, text, userid)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, '', NULL)
                   ON CONFLICT (jobid, name_key) WHERE name_key <> '' DO NOTHING";
        let values: Params<'_> = &[&job, &number, &row.line, &row.name, &row.key, &row.data, &row.sealed];
        self.keep_house(sql, values)
    }

    /// Rows behind that number that wait, so many at most.
    pub fn waiting_rows(&self, job: i64, after: i64, most: usize) -> Result<Vec<WaitingRow>> {
        let sql = "SELECT number, data, sealed FROM job_rows WHERE jobid = $1 AND number > $2
                   ORDER BY number LIMIT $3";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.all(sql, &[&job, &after, &most], |row| {
            Ok(WaitingRow { number: row.get(0)?, data: row.get(1)?, sealed: row.get(2)? })
        })
    }

    /// Notes what became of a row; what it was to do is forgotten.
    pub fn end_row(&self, job: i64, row: &Ended) -> Result<()> {
        let sql =
            "UPDATE job_rows SET data = '', sealed = NULL, outcome = $1, code = $2, text = $3, userid = $4
                   WHERE jobid = $5 AND number = $6";
        let values: Params<'_> = &[&row.outcome.name(), &row.code, &row.text, &row.user, &job, &row.number];
        self.keep_house(sql, values).map(drop)
    }

    /// Adds a row that was done without having waited.
    pub fn add_ended(&self, job: i64, row: &Ended) -> Result<()> {
        let sql =
            "INSERT INTO job_rows (jobid, number, line, name, name_key, data, sealed, outcome, code, text, userid)
                   VALUES ($1, $2, 0, coalesce((SELECT username FROM users WHERE id = $3), ''), '', '', NULL,
                   $4, $5, $6, $3)";
        let values: Params<'_> = &[&job, &row.number, &row.user, &row.outcome.name(), &row.code, &row.text];
        self.keep_house(sql, values).map(drop)
    }

    /// Throws away what nobody needs any more, a little at a time; whether there may be more.
    pub fn tidy_jobs(&self, now: Time) -> Result<bool> {
        let late = "UPDATE jobs SET state = 'cancelled', finished = $1, owner = '',
                    reason = 'the last piece of the file did not come within a day'
                    WHERE id = (SELECT id FROM jobs WHERE state IN ('waiting', 'running') AND complete = 0
                    AND created < $2 ORDER BY id LIMIT 1)";
        if self.keep_house(late, &[&now.0, &now.plus(-PIECES).0])? > 0 {
            return Ok(true);
        }
        let left = "SELECT id, cursor FROM jobs WHERE state IN ('cancelled', 'failed') AND cursor < total
                    ORDER BY id LIMIT 1";
        let left = self.one(left, &[], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        if let Some((job, cursor)) = left {
            if self.drop_rows(job, cursor)? == 0 {
                self.keep_house("UPDATE jobs SET cursor = total WHERE id = $1", &[&job])?;
            }
            return Ok(true);
        }
        let old =
            "SELECT id FROM jobs WHERE finished IS NOT NULL AND finished < $1 ORDER BY finished LIMIT 1";
        let Some(job) = self.one(old, &[&now.plus(-KEPT).0], |row| row.get::<_, i64>(0))? else {
            return Ok(false);
        };
        if self.drop_rows(job, 0)? == 0 {
            self.keep_house("DELETE FROM jobs WHERE id = $1", &[&job])?;
        }
        Ok(true)
    }

    fn drop_rows(&self, job: i64, after: i64) -> Result<usize> {
        let sql = "DELETE FROM job_rows WHERE jobid = $1 AND number IN
                   (SELECT number FROM job_rows WHERE jobid = $1 AND number > $2 ORDER BY number LIMIT $3)";
        self.keep_house(sql, &[&job, &after, &ROWS])
    }
}

/// The number of a row that is added.
pub fn number(before: i64, at: usize) -> i64 {
    before + i64::try_from(at).unwrap_or(0) + 1
}
