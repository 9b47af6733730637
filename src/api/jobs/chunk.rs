//! A chunk of a job inside the writer: rows, their results and the cursor, in one transaction.
//!
//! Each row is undone by itself where it is refused. It runs without a savepoint at first; only where a row
//! refuses after it has changed something, the chunk is undone as a whole and runs once more, each row in one.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::seen::Seen;
use super::who;
use crate::api::Api;
use crate::call::Call;
use crate::commands::jobs::order::{Order, OrderedRow};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::backend::Apart;
use crate::store::job_rows::{self, Ended};
use crate::store::jobs::{Counts, Job, State};
use crate::store::writer::{self, Verdict};

/// How long a chunk holds the writer.
const LONGEST: Duration = Duration::from_millis(25);

/// What became of a chunk.
pub(super) enum Outcome {
    /// So many rows are done; `stale`: the next one saw what has changed since.
    Went { done: usize, stale: bool },
    /// A row has left something behind: the same once more, guarded.
    Stained,
    /// The job is no longer this program's, or no longer open.
    Lost,
    /// Whoever asked may do so no longer: the job has ended.
    Forbidden,
    /// A fault.
    Failed(Error),
}

/// A chunk.
pub(super) struct Chunk {
    api: Arc<Api>,
    job: Job,
    order: Arc<Order>,
    pub(super) rows: Vec<OrderedRow>,
    guarded: bool,
    back: Option<SyncSender<(Box<Chunk>, Result<()>)>>,
    pub(super) outcome: Outcome,
    /// The last row that is done.
    pub(super) cursor: i64,
    counts: Counts,
    /// What the rows of a trial have taken.
    pub(super) claims: Vec<u64>,
}

impl Chunk {
    pub(super) fn new(
        api: Arc<Api>,
        job: Job,
        order: Arc<Order>,
        rows: Vec<OrderedRow>,
        guarded: bool,
        back: SyncSender<(Box<Chunk>, Result<()>)>,
    ) -> Chunk {
        let (outcome, cursor, counts) = (Outcome::Lost, job.cursor, Counts::default());
        let claims = Vec::new();
        Chunk { api, job, order, rows, guarded, back: Some(back), outcome, cursor, counts, claims }
    }

    /// How far the job is with it.
    pub(super) fn counts(&self) -> Counts {
        let (before, more) = (self.job.counts, self.counts);
        let done = before.done + more.done;
        Counts {
            total: before.total.max(done),
            done,
            made: before.made + more.made,
            updated: before.updated + more.updated,
            refused: before.refused + more.refused,
        }
    }

    fn attempt(&mut self, tx: &Tx<'_>) -> Result<Outcome> {
        let (snapshot, now) = (self.api.snapshot.load_full(), self.api.clock.now());
        let caller = match who::again(tx, &snapshot, &self.job, now) {
            Ok(caller) => caller,
            Err(error @ Error::Refused { .. }) => return self.forbid(tx, &error),
            Err(error) => return Err(error),
        };
        let call = who::call(&self.api, &self.job, snapshot, caller)?;
        let ran = match self.job.dry {
            true => tx.pretend(|tx| self.run_rows(&call, tx, true))?,
            false => self.run_rows(&call, tx, self.guarded)?,
        };
        let Some((ended, stale)) = ran else { return Ok(Outcome::Stained) };
        self.note(tx, &ended)?;
        match tx.advance_job(&self.job, &self.api.name, now, self.cursor, &self.counts)? {
            true => Ok(Outcome::Went { done: ended.len(), stale }),
            false => Ok(Outcome::Lost),
        }
    }

    fn forbid(&self, tx: &Tx<'_>, why: &Error) -> Result<Outcome> {
        tx.end_job(self.job.id, State::Failed, &who::reason(why), self.api.clock.now())?;
        Ok(Outcome::Forbidden)
    }

    /// Runs the rows until the time is up or one of them saw what has changed since; nothing where one has
    /// left a stain.
    fn run_rows(&mut self, call: &Call, tx: &Tx<'_>, guarded: bool) -> Result<Option<(Vec<Ended>, bool)>> {
        let (began, mut ended) = (Instant::now(), Vec::with_capacity(self.rows.len()));
        self.claims = Vec::new();
        for row in &mut self.rows {
            if !ended.is_empty() && began.elapsed() >= LONGEST {
                break;
            }
            let number = row.number;
            let (seen, job, claims) = (&self.api.worker.seen, &self.job, &mut self.claims);
            let run = |tx: &Tx<'_>| {
                let outcome = row.run(&self.order, call, tx)?;
                if job.dry {
                    claims.extend(taken(row.claims(&self.order, call, outcome.0), seen, job.id)?);
                }
                Ok(outcome)
            };
            let (outcome, user, code, text) = match tx.apart(guarded, run)? {
                Apart::Done((outcome, user)) => (outcome, user, 0, row.told()),
                Apart::Stained => return Ok(None),
                Apart::Undone(Error::Again) => return Ok(Some((ended, true))),
                Apart::Undone(error @ (Error::Down(_) | Error::Busy)) => return Err(error),
                Apart::Undone(error) => {
                    let (code, text) = refusal(call, &error);
                    (job_rows::Outcome::Refused, None, code, text)
                }
            };
            // Who was made for nothing has no number.
            let user = user.filter(|_| !self.job.dry || outcome != job_rows::Outcome::Created);
            ended.push(Ended { number, outcome, code, text, user });
        }
        Ok(Some((ended, false)))
    }

    /// Writes the results.
    fn note(&mut self, tx: &Tx<'_>, ended: &[Ended]) -> Result<()> {
        self.counts = Counts::default();
        for row in ended {
            match self.order.stored() {
                true => tx.end_row(self.job.id, row)?,
                false => tx.add_ended(self.job.id, row)?,
            }
            self.counts.done += 1;
            match row.outcome {
                job_rows::Outcome::Created => self.counts.made += 1,
                job_rows::Outcome::Updated => self.counts.updated += 1,
                job_rows::Outcome::Unchanged => {}
                job_rows::Outcome::Refused => self.counts.refused += 1,
            }
        }
        self.cursor = ended.last().map_or(self.job.cursor, |row| row.number);
        Ok(())
    }
}

/// What a row of a trial takes, if no earlier one has.
fn taken(claims: Vec<(u64, Code)>, seen: &Seen, job: i64) -> Result<Vec<u64>> {
    match claims.iter().find(|(claim, _)| seen.has(job, *claim)) {
        Some((_, code)) => code.refuse(),
        None => Ok(claims.into_iter().map(|(claim, _)| claim).collect()),
    }
}

/// The code and the text of a row's refusal; of a fault of ours only that it was one.
fn refusal(call: &Call, error: &Error) -> (i64, String) {
    match error {
        Error::Refused { code, text, .. } => {
            (*code as i64, text.as_deref().unwrap_or_else(|| code.text()).to_owned())
        }
        fault => {
            log::error!("{} a row of a job: {fault}", call.request_id.as_str());
            (Code::Internal as i64, Code::Internal.text().to_owned())
        }
    }
}

impl writer::Job for Chunk {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        self.outcome = self.attempt(tx).unwrap_or_else(Outcome::Failed);
        match &self.outcome {
            Outcome::Went { .. } | Outcome::Forbidden => Verdict::Keep,
            Outcome::Stained | Outcome::Lost | Outcome::Failed(_) => Verdict::Undo,
        }
    }

    fn end(mut self: Box<Self>, end: Result<()>) {
        if let Some(back) = self.back.take() {
            // Whoever waits for it has stopped, if nobody takes it.
            let _ = back.send((self, end));
        }
    }
}
