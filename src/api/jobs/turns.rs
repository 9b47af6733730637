//! Whose turn it is among the jobs that wait: one provider's after the other's, and of each the job behind its last.
//!
//! Turns that went from job to job would give most of the time to whoever asks for most jobs.

use std::collections::BTreeMap;

use crate::domain::time::Time;
use crate::error::Result;
use crate::store::Tx;

/// Who had a turn last.
#[derive(Default)]
pub(in crate::api) struct Turns {
    provider: i64,
    /// The last job of each provider.
    jobs: BTreeMap<i64, i64>,
}

impl Turns {
    /// The job that a program of that name may take in hand next.
    pub(super) fn next(&mut self, tx: &Tx<'_>, program: &str, now: Time) -> Result<Option<i64>> {
        let provider = match tx.provider_with_job(self.provider, program, now)? {
            Some(provider) => Some(provider),
            None => tx.provider_with_job(0, program, now)?,
        };
        let Some(provider) = provider else { return Ok(None) };
        let last = self.jobs.get(&provider).copied().unwrap_or(0);
        let job = match tx.free_job(provider, last, program, now)? {
            Some(job) => Some(job),
            None => tx.free_job(provider, 0, program, now)?,
        };
        self.provider = provider;
        self.jobs.extend(job.map(|job| (provider, job)));
        Ok(job)
    }
}
