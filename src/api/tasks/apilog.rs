//! Old rows of the API log are thrown away: by the log's own thread, which alone writes there, a few at a time.

use std::time::Duration;

use super::{CHUNKS, LATER, Ran, THROWN, TRIES};
use crate::api::Api;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::api_log::Forgotten;

/// How long calls may be written between two chunks.
const BREATH: Duration = Duration::from_millis(50);
/// After so many chunks the lease is renewed.
const RENEW: usize = 20;

impl Api {
    /// Throws away what is older than `APILogRetention` says.
    pub(super) fn purge_log(&self) -> Result<Ran> {
        let (now, days, mut thrown) = (self.clock.now(), self.snapshot().server.api_log_days, 0);
        for chunk in 1..=CHUNKS {
            let forgotten = self.forget_some(now, days)?;
            thrown += forgotten.rows;
            if !forgotten.more || self.keeper.stopping() {
                return Ok(Ran { result: format!("{thrown} {THROWN}"), again: forgotten.more });
            }
            if chunk % RENEW == 0 {
                self.held(Task::ApiLog, |_| Ok(()))?;
            }
            std::thread::sleep(BREATH);
        }
        Ok(Ran { result: format!("{thrown} {THROWN}, and there are more"), again: true })
    }

    /// Waits where another program writes into the log.
    fn forget_some(&self, now: Time, days: i64) -> Result<Forgotten> {
        for _ in 1..TRIES {
            match self.log.forget(now, days) {
                Err(Error::Busy) if !self.keeper.stopping() => std::thread::sleep(LATER),
                end => return end,
            }
        }
        self.log.forget(now, days)
    }
}
