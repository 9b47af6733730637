//! Time and chance, held in the hand.
//!
//! Both can also be made to fail: a clock or a source of chance that panics is how tests get a fault
//! into the middle of a call without a hook in the program.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use regserver::call::Chance;
use regserver::domain::time::{Clock, SECOND, Time};
use sha2::{Digest, Sha256};

/// A clock that stands still until it is moved.
pub struct Hand {
    micros: AtomicI64,
    panics: AtomicBool,
}

impl Hand {
    pub fn at(time: Time) -> Hand {
        Hand { micros: AtomicI64::new(time.0), panics: AtomicBool::new(false) }
    }

    /// Moves it by that many seconds.
    pub fn pass(&self, seconds: i64) {
        self.micros.fetch_add(seconds * SECOND, Ordering::SeqCst);
    }

    /// Moves it by less than a second.
    pub fn pass_micros(&self, micros: i64) {
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Makes the next reading a panic.
    pub fn panic_once(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Time {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "the clock panics, as the test wants");
        Time(self.micros.load(Ordering::SeqCst))
    }
}

/// Chance that comes from a counter, the same in every run.
pub struct Counter {
    next: AtomicU64,
    panics: AtomicBool,
}

impl Counter {
    /// Whose first draw has that number.
    pub fn from(first: u64) -> Counter {
        Counter { next: AtomicU64::new(first), panics: AtomicBool::new(false) }
    }

    /// The number of the next draw.
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::SeqCst)
    }

    /// Goes on from that number.
    pub fn go_on(&self, next: u64) {
        self.next.store(next, Ordering::SeqCst);
    }

    /// Makes the next draw a panic.
    pub fn panic_once(&self) {
        self.panics.store(true, Ordering::SeqCst);
    }
}

impl Chance for Counter {
    fn seed(&self) -> [u8; 32] {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "chance panics, as the test wants");
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        Sha256::digest(format!("chance of the tests {number}")).into()
    }
}
