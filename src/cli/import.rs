//! `regserver import`: users from a CSV file, on the database itself, with all cores.
//!
//! The file goes into a job in pieces, and the job is done here, while a bar shows how far it is. Who stops it,
//! or kills it, leaves a job that `--resume` or a running server goes on with, and no row is done twice.

mod progress;
mod results;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use super::operate::{self, Local};
use super::{DONE, Failure, INTERRUPTED, REFUSED, ROWS_REFUSED, WRONG, complain, json, say};
use crate::api::jobs::Turn;
use crate::api::jobs::pieces::Pieces;
use crate::config::Config;
use crate::error::Error;
use crate::http;
use crate::store::jobs::{Counts, Job, State};
use crate::wire::xml;
use progress::Progress;

/// How long to wait for another program.
const WAIT: Duration = Duration::from_millis(200);

/// `import`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    regserver import users.csv --dry-run\n  \
    regserver import users.csv --provider ACME --update\n  \
    regserver import users.csv --report results.csv\n  \
    regserver import --resume 7\n\n\
    The first line names the columns, in any order and case: username email password language\n\
    reference department authid licensekey groupreference accountkey status; commas or semicolons\n\
    separate them. A user is known by the column that CSVIMPORT/CSV_IDENTITY_COLUMN of the provider\n\
    names. New users need no activation unless --invite mails them a code; a status in the file goes\n\
    before. This works on the database of the configuration, also while a server runs on it.\n\n\
    Exit codes: 0 all rows are done, 1 refused, 2 command line or configuration wrong, 3 some rows\n\
    were refused, 130 stopped by Ctrl-C.")]
pub struct ImportFile {
    /// The file
    #[arg(required_unless_present = "resume", conflicts_with = "resume")]
    file: Option<PathBuf>,
    /// Say what would become of each row, and change nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,
    /// Update users who are there already: with what is given and different
    #[arg(long, conflicts_with = "resume")]
    update: bool,
    /// New users are inactive, and a code to activate is mailed to each
    #[arg(long, conflicts_with = "resume")]
    invite: bool,
    /// Leave out licenses, groups and accounts that are not known here, and say so; else such rows are refused
    #[arg(long, conflicts_with = "resume")]
    skip_unknown: bool,
    /// Whose users they are; left out, the default provider's
    #[arg(long, value_name = "CODE", conflicts_with = "resume")]
    provider: Option<String>,
    /// Go on with the job of that number
    #[arg(long, value_name = "JOB")]
    resume: Option<i64>,
    /// Write what became of each row into that file, as CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Show nothing but the rows that were refused
    #[arg(long, short)]
    quiet: bool,
}

impl ImportFile {
    /// Imports.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::working(config)?;
        let stopped = http::interrupted()?;
        let number = match (self.resume, &self.file) {
            (Some(job), _) => job,
            (None, Some(file)) => match self.send(&local, file, &stopped)? {
                Ok(job) => job,
                Err(code) => return Ok(code),
            },
            (None, None) => return Err(Failure(WRONG, "FILE is missing".into())),
        };
        let before = find(&local, number)?;
        if !before.complete && before.state.open() {
            return Err(Failure(
                REFUSED,
                format!("job {number} has not got all of its file: import the file again"),
            ));
        }
        if !self.quiet && self.resume.is_none() {
            complain(&match before.dry {
                true => format!("job {number}: {} rows, and nothing is changed", before.counts.total),
                false => format!(
                    "job {number}: {} rows; whatever stops it, `regserver import --resume {number}` goes on",
                    before.counts.total
                ),
            });
        }
        let began = Instant::now();
        if !self.work(&local, &before, &stopped)? {
            complain(&format!("stopped: `regserver import --resume {number}` goes on, or a running server"));
            return Ok(INTERRUPTED);
        }
        self.conclude(&local, &before, began.elapsed())
    }

    /// Sends the file into a job; the exit code where a piece is refused.
    fn send(
        &self,
        local: &Local,
        file: &std::path::Path,
        stopped: &AtomicBool,
    ) -> Result<Result<i64, u8>, Failure> {
        let mut pieces = Pieces::open(file)?;
        let mut job: Option<String> = None;
        while let Some(piece) = pieces.next().transpose().inspect_err(|_| cancel(local, job.as_deref()))? {
            if stopped.load(Ordering::Relaxed) {
                cancel(local, job.as_deref());
                return Err(Failure(INTERRUPTED, "stopped before anything was changed".into()));
            }
            let body = self.ask(local, job.as_deref(), Some(&piece));
            match number_in(&body) {
                Some(number) => job = Some(number),
                None => {
                    cancel(local, job.as_deref());
                    return Ok(Err(refused(&body)));
                }
            }
        }
        let body = self.ask(local, job.as_deref(), None);
        match number_in(&body).and_then(|number| number.parse().ok()) {
            Some(number) => Ok(Ok(number)),
            None => Ok(Err(refused(&body))),
        }
    }

    /// A piece, or the end.
    fn ask(&self, local: &Local, job: Option<&str>, piece: Option<&str>) -> String {
        let truth = |value: bool| if value { "true" } else { "false" };
        let mut fields = vec![
            ("last", truth(piece.is_none())),
            ("dryrun", truth(self.dry_run)),
            ("update", truth(self.update)),
            ("activate", truth(!self.invite)),
            ("skipunknown", truth(self.skip_unknown)),
            ("origin", "USER-IMPORT"),
        ];
        fields.extend(piece.map(|piece| ("csv", piece)));
        fields.extend(job.map(|job| ("job", job)));
        fields.extend(self.provider.as_deref().map(|code| ("distributor", code)));
        local.run("importusers", &fields)
    }

    /// Does the job, or watches another program do it; false where it was stopped.
    fn work(&self, local: &Local, job: &Job, stopped: &AtomicBool) -> Result<bool, Failure> {
        let progress = Progress::new(self.quiet, &job.counts);
        loop {
            let mut go_on = |counts: &Counts| {
                progress.show(counts);
                !stopped.load(Ordering::Relaxed)
            };
            match local.api().work_on(job.id, &mut go_on) {
                Ok(Turn::Ended) => {
                    progress.end();
                    return Ok(true);
                }
                Ok(Turn::Open) | Err(_) if stopped.load(Ordering::Relaxed) => {
                    progress.end();
                    return Ok(false);
                }
                Ok(Turn::Open) | Err(Error::Busy) => std::thread::sleep(WAIT),
                Ok(Turn::Elsewhere) => {
                    progress.show(&find(local, job.id)?.counts);
                    if stopped.load(Ordering::Relaxed) {
                        return Ok(false);
                    }
                    std::thread::sleep(WAIT);
                }
                Err(error) => return Err(Failure(REFUSED, error.to_string())),
            }
        }
    }

    /// Says what became of it.
    fn conclude(&self, local: &Local, before: &Job, took: Duration) -> Result<u8, Failure> {
        let job = find(local, before.id)?;
        if let Some(file) = &self.report {
            results::write(local, job.id, file)?;
        }
        results::show_refused(local, &job, self.report.is_some())?;
        if self.skip_unknown {
            results::show_left_out(local, &job)?;
        }
        let counts = job.counts;
        if !self.quiet {
            let would = if job.dry { "would be " } else { "" };
            let done = counts.done - before.counts.done;
            let rate = done as f64 / took.as_secs_f64().max(0.001);
            say(&format!(
                "job {}: {} rows: {would}created {}, updated {}, unchanged {}, refused {}; {:.1} s, {rate:.0} rows/s\n",
                job.id,
                counts.total,
                counts.made,
                counts.updated,
                counts.unchanged(),
                counts.refused,
                took.as_secs_f64(),
            ));
        }
        match job.state {
            State::Done if counts.refused == 0 => Ok(DONE),
            State::Done => Ok(ROWS_REFUSED),
            state => Err(Failure(REFUSED, format!("job {} is {}: {}", job.id, state.name(), job.reason))),
        }
    }
}

fn find(local: &Local, number: i64) -> Result<Job, Failure> {
    let job = local.api().read(|tx| tx.job(number)).map_err(|error| Failure(REFUSED, error.to_string()))?;
    job.ok_or_else(|| Failure(REFUSED, format!("there is no job {number}")))
}

fn number_in(body: &str) -> Option<String> {
    let reply = json::of("importusers", &xml::tree(body).ok()?.members);
    reply["job"].as_i64().map(|number| number.to_string())
}

fn refused(body: &str) -> u8 {
    let reply = xml::tree(body).ok().map(|tree| json::of("importusers", &tree.members));
    let message = reply.as_ref().and_then(|reply| reply["exception"]["message"].as_str());
    complain(message.unwrap_or(body));
    complain(operate::hint(body));
    REFUSED
}

/// What was sent so far is of no use.
fn cancel(local: &Local, job: Option<&str>) {
    if let Some(job) = job {
        local.run("canceljob", &[("job", job)]);
    }
}
