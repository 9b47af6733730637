//! What the search index is asked.
//!
//! The index keeps a list of users for every three characters in a row. Asking for all of a pattern
//! walks all of its lists at once, and is best where most of it is found everywhere. Where a rare part
//! meets a common one, as a number meets everybody's domain, the walk along the long list costs
//! milliseconds and decides little: then a few short lists are asked, and the rows that they have in
//! common are looked at. How long a list is tells a look at its first entries. Where these mislead,
//! the rows prove too many and all is asked after all: a wrong guess costs time, never a hit.

use super::index::{BEGIN, END, indexed, indexed_provider};
use super::{BEHIND_SHORT, Tx, UserSearch};
use crate::domain::pattern::Pattern;
use crate::error::Result;

/// Up to so many users every list is short.
const FEW: i64 = 20_000;
/// To look at a row costs as much as to walk past so many entries of a list.
const ROW: f64 = 20.0;
/// Parts of one pattern whose lists are measured; further ones would decide nothing more.
const MEASURED: usize = 8;
/// Entries that tell how long a list is.
const ENTRIES: f64 = 32.0;

/// A question to the index.
pub(super) struct Question {
    /// All that is asked.
    whole: String,
    /// The same in parts with a list each; their order and distance are lost.
    parts: Vec<String>,
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

impl Question {
    /// What a search asks; a state does not stand in the index.
    pub(super) fn of(search: &UserSearch) -> Question {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        let columns = ["name", "email", "reference", "department"];
        for (column, pattern) in columns.iter().zip(search.patterns()) {
            let Some(pattern) = pattern else { continue };
            let text = match pattern {
                Pattern::Exact(text) => indexed(text),
                Pattern::Prefix(text) => format!("{BEGIN}{text}"),
                Pattern::Suffix(text) => format!("{text}{END}"),
                Pattern::Infix(text) => text.clone(),
            };
            whole.push(format!("{column} : {}", quoted(&text)));
            let letters: Vec<char> = text.chars().collect();
            let step = letters.len().saturating_sub(2).div_ceil(MEASURED).max(1);
            let threes = letters.windows(3).step_by(step).map(String::from_iter);
            parts.extend(threes.map(|three| format!("{column} : {}", quoted(&three))));
        }
        if let Some(providers) = &search.providers {
            let ids: Vec<String> = providers.iter().map(|id| quoted(&indexed_provider(*id))).collect();
            let provider = format!("provider : ({})", ids.join(" OR "));
            whole.push(provider.clone());
            parts.push(provider);
        }
        Question { whole: whole.join(" AND "), parts }
    }

    /// All of it: every hit is a match, but for the state.
    pub(super) fn whole(&self) -> &str {
        &self.whole
    }
}

impl Tx<'_> {
    /// The short lists alone, where they leave few rows to look at; none: ask for all.
    pub(super) fn short_lists(&self, question: &Question) -> Result<Option<String>> {
        let highest: Option<i64> = self.one("SELECT max(id) FROM users", &[], |row| row.get(0))?.flatten();
        let Some(highest) = highest.filter(|highest| *highest > FEW) else { return Ok(None) };
        let users = highest as f64;
        let mut lists = Vec::with_capacity(question.parts.len());
        for part in &question.parts {
            lists.push((self.share(part)?.max(ENTRIES / users), part.as_str()));
        }
        lists.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (mut rows, mut asked) = (users, Vec::new());
        for (share, part) in lists {
            if users * share > rows * ROW {
                break;
            }
            rows *= share;
            asked.push(part);
        }
        Ok((rows < BEHIND_SHORT as f64 / 2.0).then(|| asked.join(" AND ")))
    }

    /// The share of the users that a list holds, as far as its first entries tell.
    fn share(&self, part: &str) -> Result<f64> {
        let sql = "SELECT rowid FROM users_text WHERE users_text MATCH $1 ORDER BY rowid LIMIT 1 OFFSET 31";
        let reached: Option<i64> = self.one(sql, &[&part], |row| row.get(0))?;
        Ok(reached.map_or(0.0, |id| ENTRIES / id as f64))
    }
}
