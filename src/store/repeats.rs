//! What makes a repeated call harmless: replay marks and first replies.
//!
//! Each new row throws away two that are past their time, so neither table needs a task to stay small.

use super::backend::Tx;
use crate::domain::time::Time;
use crate::error::Result;

impl Tx<'_> {
    /// Whether a checksum was accepted before.
    pub fn seen(&self, signer: &str, checksum: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM replays WHERE signer = $1 AND checksum = $2";
        self.any(sql, &[&signer, &checksum.as_bytes()])
    }

    /// Marks a checksum as accepted; whether it was new.
    pub fn first_sight(&self, signer: &str, checksum: &str, expires: Time, now: Time) -> Result<bool> {
        let sql = "DELETE FROM replays WHERE (signer, checksum) IN
                   (SELECT signer, checksum FROM replays WHERE expires < $1 ORDER BY expires LIMIT 2)";
        self.keep_house(sql, &[&now.0])?;
        let checksum = checksum.as_bytes();
        let sql =
            "INSERT INTO replays (signer, checksum, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        Ok(self.keep_house(sql, &[&signer, &checksum, &expires.0])? == 1)
    }

    /// The hash of the fields and the reply kept under an idempotency key, if it is no older than `since`.
    pub fn repetition(&self, key: &[u8; 32], since: Time) -> Result<Option<([u8; 32], String)>> {
        let sql = "SELECT fields, reply FROM idempotency WHERE key = $1 AND created > $2";
        self.one(sql, &[key, &since.0], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Keeps the first reply of an idempotency key.
    pub fn keep_repetition(
        &self,
        key: &[u8; 32],
        fields: &[u8; 32],
        reply: &str,
        now: Time,
        since: Time,
    ) -> Result<()> {
        let sql = "DELETE FROM idempotency WHERE key IN
                   (SELECT key FROM idempotency WHERE created <= $1 ORDER BY created LIMIT 2)";
        self.keep_house(sql, &[&since.0])?;
        let sql = "INSERT INTO idempotency (key, fields, reply, created) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (key) DO UPDATE
                   SET fields = excluded.fields, reply = excluded.reply, created = excluded.created";
        self.keep_house(sql, &[key, fields, &reply, &now.0]).map(drop)
    }

    /// Writes a row of that text and takes it away again, to learn whether the disk has room.
    pub(super) fn try_space(&self, text: &str) -> Result<()> {
        let key = b"a trial".as_slice();
        let sql = "INSERT INTO idempotency (key, fields, reply, created) VALUES ($1, $2, $3, $4)";
        self.keep_house(sql, &[&key, &key, &text, &0])?;
        self.keep_house("DELETE FROM idempotency WHERE key = $1", &[&key]).map(drop)
    }
}
