//! What the earlier rows of a trial have taken: each chunk of it is undone, so the database does not know.
//!
//! Only hashes are kept, so many of a job and of so many jobs at most. They are forgotten with the program: a trial that
//! another one goes on with says less about the rows behind that, and whoever imports in earnest is told all.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The most that is kept of one job: three a row for a hundred thousand rows.
const MOST: usize = 300_000;
/// The most jobs.
const JOBS: usize = 20;

/// What was taken, by job.
#[derive(Default)]
pub(super) struct Seen(Mutex<BTreeMap<i64, HashSet<u64>>>);

impl Seen {
    /// Whether an earlier row of the job has taken it.
    pub(super) fn has(&self, job: i64, claim: u64) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&job).is_some_and(|taken| taken.contains(&claim))
    }

    /// Rows of the job have taken these.
    pub(super) fn add(&self, job: i64, claims: &[u64]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&job) && all.len() >= JOBS {
            all.pop_first();
        }
        let taken = all.entry(job).or_default();
        let room = MOST.saturating_sub(taken.len());
        taken.extend(claims.iter().take(room));
    }

    /// The job has ended.
    pub(super) fn forget(&self, job: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
    }
}
