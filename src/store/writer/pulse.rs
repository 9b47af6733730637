//! How the writer is: whether its thread goes round, whether the disk takes what it writes, what it turned away.
//!
//! Whoever asks reads these numbers and writes nothing. After a write that failed the writer itself tries, once
//! a second, whether writing goes again: a server that is taken out of service because of a full disk gets no
//! changes any more, and would otherwise never learn that there is space again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::State;
use crate::error::{Error, Result};
use crate::store::backend::run;

/// How often a writer that could not write tries again.
const AGAIN: Duration = Duration::from_secs(1);
/// A trial's size in bytes, a few pages, so that a full disk does not take it.
const TRIAL: usize = 16_384;

/// What is known of the writer from outside.
pub struct Pulse {
    start: Instant,
    /// Milliseconds from the start to when the thread last went round.
    beat: AtomicU64,
    pub(super) waiting: AtomicUsize,
    pub(super) refused: AtomicU64,
    down: AtomicBool,
    ended: AtomicBool,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse {
            start: Instant::now(),
            beat: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            down: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }
    }
}

impl Pulse {
    /// How long the thread has not gone round; for ever, where it has ended.
    pub fn quiet(&self) -> Duration {
        if self.ended.load(Ordering::Relaxed) {
            return Duration::MAX;
        }
        self.start.elapsed().saturating_sub(Duration::from_millis(self.beat.load(Ordering::Relaxed)))
    }

    /// Whether the last write was taken.
    pub fn writable(&self) -> bool {
        !self.down.load(Ordering::Relaxed)
    }

    pub(super) fn beat(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.beat.store(now, Ordering::Relaxed);
    }

    /// Notes how a write went; that another program holds the database says nothing about the disk.
    pub(super) fn fared(&self, written: &Result<()>) {
        match written {
            Ok(()) => self.down.store(false, Ordering::Relaxed),
            Err(Error::Down(_)) => self.down.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }
}

/// Notes the end of the thread, also where a panic ends it.
pub(super) struct Life(pub(super) Arc<Pulse>);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl State {
    /// Tries to write where that failed before.
    pub(super) fn try_again(&mut self) {
        if self.pulse.writable() || self.tried.is_some_and(|tried| tried.elapsed() < AGAIN) {
            return;
        }
        self.tried = Some(Instant::now());
        let tried = self.trial();
        self.pulse.fared(&tried);
        match tried {
            Ok(()) => log::info!("the database can be written again"),
            Err(error) => {
                self.roll_back();
                log::debug!("the database cannot be written yet: {error}");
            }
        }
    }

    /// Writes a row and takes it away.
    fn trial(&self) -> Result<()> {
        run(&self.connection, "BEGIN IMMEDIATE")?;
        self.tx().try_space(&" ".repeat(TRIAL))?;
        run(&self.connection, "COMMIT")
    }
}
