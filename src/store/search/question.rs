//! What the search index is asked.
//!
//! The index keeps a list of users for every three characters in a row. Asking for all of a pattern
//! walks all of its lists at once, and is best where they are about equally long. Where a rare part
//! meets a common one, as a number meets everybody's domain, the walk along the long list costs
//! milliseconds and decides little: then only the short lists are asked, and the rows that they have
//! in common are looked at. How long a list is tells a probe of a few of its entries.

use super::{Tx, UserSearch};
use crate::domain::names;
use crate::domain::pattern::Pattern;
use crate::error::Result;

/// A text in the index begins with this, so that a prefix can be asked for.
const BEGIN: char = '\u{2}';
/// And ends with this.
const END: char = '\u{3}';
/// Up to so many users every list is short.
const FEW: i64 = 20_000;
/// A list so many times as long as the shortest is not asked.
const RATIO: f64 = 64.0;
/// Parts of one pattern that are probed; further ones would decide nothing more.
const PROBED: usize = 12;
/// Entries that a probe reads.
const PROBE: f64 = 32.0;

/// A question to the index.
pub(super) struct Question {
    /// All that is asked.
    whole: String,
    /// The same in parts with a list each; their order and distance are lost.
    parts: Vec<String>,
}

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

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

impl Question {
    /// What a search asks; a state does not stand in the index.
    pub(super) fn of(search: &UserSearch) -> Question {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        if let Some(providers) = &search.providers {
            let ids: Vec<String> = providers.iter().map(|id| quoted(&indexed_provider(*id))).collect();
            let provider = format!("provider : ({})", ids.join(" OR "));
            whole.push(provider.clone());
            parts.push(provider);
        }
        let columns = ["name", "email", "reference", "department"];
        let patterns = [&search.name, &search.email, &search.reference, &search.department];
        for (column, pattern) in columns.iter().zip(patterns) {
            let Some(pattern) = pattern else { continue };
            let text = match pattern {
                Pattern::Exact(text) => indexed(text),
                Pattern::Prefix(text) => format!("{BEGIN}{text}"),
                Pattern::Suffix(text) => format!("{text}{END}"),
                Pattern::Infix(text) => text.clone(),
            };
            whole.push(format!("{column} : {}", quoted(&text)));
            let letters: Vec<char> = text.chars().collect();
            for three in letters.windows(3).take(PROBED) {
                parts.push(format!("{column} : {}", quoted(&three.iter().collect::<String>())));
            }
        }
        Question { whole: whole.join(" AND "), parts }
    }

    /// All of it: every hit is a match, but for the state.
    pub(super) fn whole(&self) -> &str {
        &self.whole
    }
}

impl Tx<'_> {
    /// The short lists alone, where there are short and long ones.
    pub(super) fn short_lists(&self, question: &Question) -> Result<Option<String>> {
        let highest: Option<i64> = self.one("SELECT max(id) FROM users", &[], |row| row.get(0))?.flatten();
        let Some(highest) = highest.filter(|highest| *highest > FEW) else { return Ok(None) };
        let mut shares = Vec::with_capacity(question.parts.len());
        for part in &question.parts {
            shares.push((self.share(part, 0)? + self.share(part, highest / 2)?) / 2.0);
        }
        let least = shares.iter().copied().fold(1.0, f64::min).max(PROBE / highest as f64);
        let short: Vec<&str> = question
            .parts
            .iter()
            .zip(&shares)
            .filter(|(_, share)| **share <= least * RATIO)
            .map(|(part, _)| part.as_str())
            .collect();
        Ok((short.len() < question.parts.len()).then(|| short.join(" AND ")))
    }

    /// The share of the users behind `after` that a list holds, as far as its next few entries tell.
    fn share(&self, part: &str, after: i64) -> Result<f64> {
        let sql = "SELECT rowid FROM users_text WHERE users_text MATCH $1 AND rowid > $2 ORDER BY rowid
                   LIMIT 1 OFFSET 31";
        let reached: Option<i64> = self.one(sql, &[&part, &after], |row| row.get(0))?;
        Ok(reached.map_or(0.0, |id| PROBE / (id - after) as f64))
    }

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
}
