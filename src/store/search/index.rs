//! The search index: how a user stands in it, and how it is kept.

use std::time::{Duration, Instant};

use super::Tx;
use crate::domain::names;
use crate::error::Result;

/// A text in the index begins with this, so that a prefix can be asked for.
pub(super) const BEGIN: char = '\u{2}';
/// And ends with this.
pub(super) const END: char = '\u{3}';

/// A text as it stands in the index; an empty one does not.
pub fn indexed(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{BEGIN}{key}{END}") }
}

/// A provider as it stands in the index: three characters, and so one list.
pub fn indexed_provider(id: i64) -> String {
    // A part of the private use area, so that nothing that is typed can be one.
    const DIGITS: u32 = 6_000;
    let mut left = u32::try_from(id).unwrap_or(0);
    let mut digit = || {
        let digit = char::from_u32(0xE000 + left % DIGITS).unwrap_or(BEGIN);
        left /= DIGITS;
        digit
    };
    [digit(), digit(), digit()].iter().collect()
}

impl Tx<'_> {
    /// Rewrites a user's row in the index from what stands in the table now.
    pub(in crate::store) fn rewrite_text(&self, user: i64, fresh: bool) -> Result<()> {
        if !fresh {
            self.keep_house("DELETE FROM users_text WHERE rowid = $1", &[&user])?;
        }
        // Read first: an INSERT from a SELECT has a savepoint of its own, at which the index is flushed.
        let sql = "SELECT providerid, name_key, email_key, reference, department FROM users WHERE id = $1";
        let texts = self.one(sql, &[&user], |row| {
            let folded = |at| row.get_ref(at).and_then(|text| Ok(indexed(&names::key(text.as_str()?))));
            let text = |at| row.get_ref(at).and_then(|text| Ok(indexed(text.as_str()?)));
            Ok((indexed_provider(row.get(0)?), text(1)?, text(2)?, folded(3)?, folded(4)?))
        })?;
        let Some((provider, name, email, reference, department)) = texts else { return Ok(()) };
        let sql = "INSERT INTO users_text (rowid, provider, name, email, reference, department)
                   VALUES ($1, $2, $3, $4, $5, $6)";
        self.keep_house(sql, &[&user, &provider, &name, &email, &reference, &department]).map(drop)
    }

    /// Merges parts of the index that were written one after the other, for so long; whether none are left.
    pub(in crate::store) fn merge_text(&self, time: Duration) -> Result<bool> {
        let started = Instant::now();
        while started.elapsed() < time {
            let before = self.all_changes();
            self.keep_house("INSERT INTO users_text (users_text, rank) VALUES ('merge', 16)", &[])?;
            // The index tells so that there was nothing left to merge.
            if self.all_changes() - before < 2 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
