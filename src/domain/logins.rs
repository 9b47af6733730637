//! Counting wrong passwords: when a door closes, and for how long (`access.md` §4).

use super::time::{HOUR, MINUTE, Time};

/// The first wait; each further one is twice as long.
const FIRST_WAIT: i64 = MINUTE;
/// The longest wait.
const LONGEST_WAIT: i64 = HOUR;

/// The failures under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// Failures since the window began.
    pub failures: i64,
    /// When the window began.
    pub since: Time,
    /// How often in a row the door was closed.
    pub locks: i64,
    /// Until when it is closed.
    pub locked_until: Time,
}

impl Failures {
    /// No failure yet.
    pub const NONE: Failures = Failures { failures: 0, since: Time(0), locks: 0, locked_until: Time(0) };

    /// The seconds still to wait, if the door is closed.
    pub fn wait(&self, now: Time) -> Option<i64> {
        let left = self.locked_until.0 - now.0;
        (left > 0).then(|| (left + 999_999) / 1_000_000)
    }

    /// One more failure: `most` in `interval` microseconds are allowed before the door closes.
    pub fn failed(self, now: Time, most: i64, interval: i64) -> Failures {
        let mut next = self;
        if now >= self.expires(interval) {
            next = Failures { since: now, ..Failures::NONE };
        } else if now >= self.since.plus(interval) {
            next = Failures { failures: 0, since: now, ..self };
        }
        next.failures += 1;
        if next.failures >= most {
            let wait = FIRST_WAIT.saturating_mul(1 << next.locks.min(10)).min(LONGEST_WAIT);
            next.locked_until = now.plus(wait);
            next.locks += 1;
        }
        next
    }

    /// When all of this says nothing any more: a whole window after the last it speaks of.
    pub fn expires(&self, interval: i64) -> Time {
        self.since.max(self.locked_until).plus(interval)
    }
}

#[cfg(test)]
mod tests {
    use super::super::time::SECOND;
    use super::*;

    const INTERVAL: i64 = 15 * MINUTE;

    #[test]
    fn the_door_closes_at_the_limit_and_waits_double() {
        let mut state = Failures::NONE;
        let mut now = Time(INTERVAL * 100);
        for _ in 0..9 {
            state = state.failed(now, 10, INTERVAL);
            assert_eq!(state.wait(now), None);
        }
        let mut waits = Vec::new();
        for _ in 0..8 {
            state = state.failed(now, 10, INTERVAL);
            while state.wait(now).is_none() {
                state = state.failed(now, 10, INTERVAL);
            }
            let wait = state.wait(now).unwrap();
            waits.push(wait);
            now = now.plus(wait * SECOND);
            assert_eq!(state.wait(now), None);
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }

    #[test]
    fn old_failures_are_forgotten() {
        let start = Time(INTERVAL * 100);
        let nine = (0..9).fold(Failures::NONE, |state, _| state.failed(start, 10, INTERVAL));
        let later = nine.failed(start.plus(INTERVAL), 10, INTERVAL);
        assert_eq!((later.failures, later.locks), (1, 0));
    }
}
