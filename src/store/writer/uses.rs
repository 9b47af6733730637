//! When API keys, and keys of services that end, were last used, and users logged in without a change: noted by
//! whoever answers, written by the writer now and then.
//!
//! A read goes through no queue, so such a time would otherwise cost it a change of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::time::Time;

/// How many may wait; of further ones the time is lost.
const MOST: usize = 100_000;
/// So many wait no longer.
const MANY: usize = 10_000;

/// What waits to be written.
#[derive(Default)]
pub(super) struct Uses(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    times: HashMap<i64, i64>,
    since: Option<Instant>,
}

impl Uses {
    /// Notes the time of a key, or of a user.
    pub(super) fn note(&self, row: i64, now: Time) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.times.len() < MOST || waiting.times.contains_key(&row) {
            waiting.times.insert(row, now.0);
            waiting.since.get_or_insert_with(Instant::now);
        }
    }

    /// Takes what has waited for so long, or is a lot.
    pub(super) fn take(&self, wait: Duration) -> Vec<(i64, i64)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = waiting.times.len() >= MANY || waiting.since.is_some_and(|since| since.elapsed() >= wait);
        if !due {
            return Vec::new();
        }
        waiting.since = None;
        std::mem::take(&mut waiting.times).into_iter().collect()
    }
}
