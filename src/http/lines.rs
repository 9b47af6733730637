//! How many lines refused calls have in the log.
//!
//! Whoever can reach the server can be refused, as fast as the machine can refuse; a line for each would let
//! strangers fill the disk. So a minute has so many lines, and then their number; callers who are known have
//! lines of their own, which strangers cannot use up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The most lines of each kind in a minute.
const MOST: u64 = 1_000;

/// The lines of this minute.
pub struct Lines {
    started: Instant,
    known: Minute,
    strange: Minute,
}

/// Refusals of one kind in the minute of that number.
#[derive(Default)]
struct Minute {
    number: AtomicU64,
    refusals: AtomicU64,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines { started: Instant::now(), known: Minute::default(), strange: Minute::default() }
    }
}

impl Lines {
    /// Whether a refusal has a line; `known`: of a caller who was.
    pub fn admit(&self, known: bool) -> bool {
        let (kind, who) =
            if known { (&self.known, "known callers") } else { (&self.strange, "unknown callers") };
        kind.admit(self.started.elapsed().as_secs() / 60, who)
    }
}

impl Minute {
    fn admit(&self, number: u64, who: &str) -> bool {
        if self.number.swap(number, Ordering::Relaxed) != number {
            let without = self.refusals.swap(0, Ordering::Relaxed).saturating_sub(MOST);
            if without > 0 {
                log::warn!("{without} refused calls of {who} had no line; /metrics has all numbers");
            }
        }
        let before = self.refusals.fetch_add(1, Ordering::Relaxed);
        if before == MOST {
            log::warn!(
                "{MOST} calls of {who} were refused within a minute: further ones have no line until it is over; \
                 searchrefused shows who they are"
            );
        }
        before < MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_lines_and_the_next_one_new_ones() {
        let kind = Minute::default();
        let admitted = |minute, times| (0..times).filter(|_| kind.admit(minute, "some")).count() as u64;
        assert_eq!((admitted(0, 2 * MOST), admitted(1, 10), admitted(1, MOST)), (MOST, 10, MOST - 10));
        let lines = Lines::default();
        (0..MOST).for_each(|_| assert!(lines.admit(false)));
        assert!(!lines.admit(false) && lines.admit(true));
    }
}
