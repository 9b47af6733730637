//! What jobs and their rows are listed by: pages of the newest jobs, pages of a job's results.

use super::backend::{FromRow, Row, Tx};
use super::jobs::{Job, State, read};
use super::newest::{Bounds, CANDIDATES, Found, Page};
use crate::domain::time::Time;
use crate::error::Result;

/// A row of a job as it is listed.
#[derive(Debug)]
pub struct ListedRow {
    /// Its number within the job.
    pub number: i64,
    /// Where it stands in the file; 0: in none.
    pub line: i64,
    /// Whom it is about.
    pub name: String,
    /// What became of it.
    pub outcome: String,
    /// The code of a refusal.
    pub code: i64,
    /// What the refusal says.
    pub text: String,
    /// The user.
    pub user: Option<i64>,
}

fn listed(row: &Row<'_>) -> FromRow<ListedRow> {
    Ok(ListedRow {
        number: row.get(0)?,
        line: row.get(1)?,
        name: row.get(2)?,
        outcome: row.get(3)?,
        code: row.get(4)?,
        text: row.get(5)?,
        user: row.get(6)?,
    })
}

impl Tx<'_> {
    /// Rows of a job behind that number.
    pub fn job_page(&self, job: i64, after: i64, refused: bool, most: i64) -> Result<Vec<ListedRow>> {
        let all = "SELECT number, line, name, outcome, code, text, userid FROM job_rows
                   WHERE jobid = $1 AND number > $2 ORDER BY number LIMIT $3";
        let only = "SELECT number, line, name, outcome, code, text, userid FROM job_rows
                    WHERE jobid = $1 AND number > $2 AND outcome = 'refused' ORDER BY number LIMIT $3";
        self.all(if refused { only } else { all }, &[&job, &after, &most], listed)
    }

    /// Jobs, the newest first.
    pub fn search_jobs(
        &self,
        provider: Option<i64>,
        state: Option<State>,
        command: Option<&str>,
        page: &Page,
    ) -> Result<Found<Job>> {
        let by_provider = "SELECT id, providerid, command, data, caller, service, userid, keyname, address, origin, sendmail,
                           dryrun, complete, state, reason, lines, total, done, made, updated, refused, cursor, owner,
                           leaseuntil, requestid, created, finished, sessionid, siteid FROM jobs
                           WHERE providerid = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4";
        let all = "SELECT id, providerid, command, data, caller, service, userid, keyname, address, origin, sendmail,
                   dryrun, complete, state, reason, lines, total, done, made, updated, refused, cursor, owner,
                   leaseuntil, requestid, created, finished, sessionid, siteid FROM jobs
                   WHERE id < $1 AND id > $2 ORDER BY id DESC LIMIT $3";
        let at = "SELECT id, created FROM jobs WHERE id >= $1 ORDER BY id LIMIT 1";
        let Bounds { below, above } = self.bounds(page, at)?;
        let keep = |row: &Row<'_>| -> FromRow<(i64, Time, Option<Job>)> {
            let job = read(row)?;
            let wanted = state.is_none_or(|state| state == job.state)
                && command.is_none_or(|command| command == job.command);
            Ok((job.id, job.created, Some(job).filter(|_| wanted)))
        };
        match provider {
            Some(provider) => self.newest(page, by_provider, &[&provider, &below, &above, &CANDIDATES], keep),
            None => self.newest(page, all, &[&below, &above, &CANDIDATES], keep),
        }
    }
}
