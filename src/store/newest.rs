//! Pages of a log, the newest row first: by an index where there is one, else by a walk that ends.
//!
//! The logs are searched by whatever an operator happens to know, in any combination. An index for each
//! would have to be written with every change; so only the few that narrow most have one, the rest is
//! held against row after row, and after so many rows the page ends and says where the next one begins.

use super::backend::{FromRow, Params, Row, Tx};
use crate::domain::time::{MINUTE, Time};
use crate::error::Result;

/// The most rows that are looked at for a page.
pub(super) const CANDIDATES: i64 = 10_000;
/// A row is written when its call ends, but has the time at which it began.
const SLACK: i64 = MINUTE;

/// Which page of which time.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Only rows with a smaller number.
    pub before: Option<i64>,
    /// Only rows with a greater number.
    pub after: i64,
    /// Not before that.
    pub from: Option<Time>,
    /// Before that.
    pub until: Option<Time>,
    /// The most rows.
    pub size: i64,
}

/// What a page has.
#[derive(Debug)]
pub struct Found<T> {
    /// The rows, the newest first.
    pub rows: Vec<T>,
    /// There may be more: rows with a smaller number than this.
    pub next: Option<i64>,
}

/// The rows between which a page lies, in the order of the statements' parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Below this number.
    pub(super) below: i64,
    /// Above this number.
    pub(super) above: i64,
}

impl<T> Default for Found<T> {
    fn default() -> Found<T> {
        Found { rows: Vec::new(), next: None }
    }
}

impl Page {
    fn has(&self, time: Time) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }

    /// Whether all rows behind one of that time are too old.
    fn past(&self, time: Time) -> bool {
        self.from.is_some_and(|from| time.plus(SLACK) < from)
    }
}

impl Tx<'_> {
    /// The bounds of a page; `at` gives the first row from a number on, and its time.
    pub(super) fn bounds(&self, page: &Page, at: &'static str) -> Result<Bounds> {
        let mut below = page.before.unwrap_or(i64::MAX);
        if let Some(until) = page.until {
            below = below.min(self.first_at(at, until.plus(SLACK))?);
        }
        Ok(Bounds { below, above: page.after })
    }

    /// The number of the first row of that time or later; halved again and again, since times rise with
    /// numbers.
    fn first_at(&self, at: &'static str, time: Time) -> Result<i64> {
        let (mut low, mut high) = (0, i64::MAX);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = self.one(at, &[&middle], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            match row {
                Some((id, begun)) if begun < time.0 => low = id + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    /// Reads rows until the page is full, too old, or [`CANDIDATES`] were looked at; `keep` gives number,
    /// time, and the row where it is wanted.
    pub(super) fn newest<T>(
        &self,
        page: &Page,
        sql: &'static str,
        params: Params<'_>,
        keep: impl Fn(&Row<'_>) -> FromRow<(i64, Time, Option<T>)>,
    ) -> Result<Found<T>> {
        let size = usize::try_from(page.size).unwrap_or(0);
        let (mut rows, mut seen, mut next) = (Vec::new(), 0, None);
        self.each(sql, params, |row| {
            let (id, time, wanted) = keep(row)?;
            if page.past(time) {
                next = None;
                return Ok(false);
            }
            seen += 1;
            rows.extend(wanted.filter(|_| page.has(time)));
            let full = rows.len() >= size;
            next = (full || seen >= CANDIDATES).then_some(id);
            Ok(!full)
        })?;
        Ok(Found { rows, next })
    }
}
