//! What is past and nobody needs any more, thrown away a little at a time.
//!
//! Whatever adds such a row throws away a few of those that are past; here goes what is left where none is added.

use super::backend::Tx;
use crate::domain::time::{SECOND, Time};
use crate::error::Result;

/// The most rows in one transaction.
pub const MOST: usize = 1_000;
/// How long the first reply of an idempotency key counts.
const REPLY: i64 = 24 * 3600 * SECOND;

impl Tx<'_> {
    /// Throws away what has ended by itself, so many rows at most; how many there were.
    pub fn drop_leftovers(&self, now: Time) -> Result<usize> {
        let past = [
            "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE expires <= $1 ORDER BY expires LIMIT $2)",
            "DELETE FROM codes WHERE hash IN
             (SELECT hash FROM codes WHERE expires < $1 ORDER BY expires LIMIT $2)",
            "DELETE FROM temporary_passwords WHERE userid IN
             (SELECT userid FROM temporary_passwords WHERE expires < $1 ORDER BY expires LIMIT $2)",
            "DELETE FROM replays WHERE (signer, checksum) IN
             (SELECT signer, checksum FROM replays WHERE expires < $1 ORDER BY expires LIMIT $2)",
            "DELETE FROM counters WHERE key IN
             (SELECT key FROM counters WHERE expires < $1 ORDER BY expires LIMIT $2)",
        ];
        let mut dropped = 0;
        for sql in past {
            dropped += self.keep_house(sql, &[&now.0, &room(dropped)])?;
        }
        let sql = "DELETE FROM idempotency WHERE key IN
                   (SELECT key FROM idempotency WHERE created <= $1 ORDER BY created LIMIT $2)";
        dropped += self.keep_house(sql, &[&now.plus(-REPLY).0, &room(dropped)])?;
        dropped += self.drop_site_users(room(dropped))?;
        Ok(dropped)
    }

    /// Throws away the oldest rows of the audit log that are older than that.
    pub fn drop_audit(&self, before: Time) -> Result<usize> {
        let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT $1) AND time < $2";
        self.keep_house(sql, &[&room(0), &before.0])
    }

    /// Throws away mails that were sent, or given up, before that.
    pub fn drop_mails(&self, before: Time) -> Result<usize> {
        let sql = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
                   WHERE state IN ('sent', 'dead') AND coalesce(sent, due) < $1 ORDER BY coalesce(sent, due) LIMIT $2)";
        self.keep_house(sql, &[&before.0, &room(0)])
    }

    /// Blanks the addresses from which devices were registered before that.
    pub fn blank_addresses(&self, before: Time) -> Result<usize> {
        let sql = "UPDATE devices SET address = '' WHERE id IN (SELECT id FROM devices
                   WHERE address <> '' AND created < $1 ORDER BY created LIMIT $2)";
        self.keep_house(sql, &[&before.0, &room(0)])
    }

    /// Lets the database learn how its rows are spread, from a few of each table that has changed much.
    pub fn learn(&self) -> Result<()> {
        self.all("PRAGMA optimize = 0x10002", &[], |_| Ok(())).map(drop)
    }
}

fn room(dropped: usize) -> i64 {
    i64::try_from(MOST.saturating_sub(dropped)).unwrap_or(0)
}
