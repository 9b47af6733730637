//! When API keys, and keys of services that end, were last used: noted by whoever answers a read, written by the writer now and then.
//!
//! A read goes through no queue, so the time of its key would otherwise cost it a change of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::time::Time;

/// How many keys may wait; of further ones the time is lost.
const MOST: usize = 10_000;

/// What waits to be written.
#[derive(Default)]
pub(super) struct Uses(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    times: HashMap<i64, i64>,
    since: Option<Instant>,
}

impl Uses {
    /// Notes that a key was used.
    pub(super) fn note(&self, key: i64, now: Time) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.times.len() < MOST || waiting.times.contains_key(&key) {
            waiting.times.insert(key, now.0);
            waiting.since.get_or_insert_with(Instant::now);
        }
    }

    /// Takes what has waited for so long.
    pub(super) fn take(&self, wait: Duration) -> Vec<(i64, i64)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.since.is_none_or(|since| since.elapsed() < wait) {
            return Vec::new();
        }
        waiting.since = None;
        std::mem::take(&mut waiting.times).into_iter().collect()
    }
}
