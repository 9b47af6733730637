//! Searching users: by the index that fits the pattern, never by walking the table.
//!
//! Exact texts and short prefix ranges come from the ordinary indexes, everything else from the
//! trigram index, in which the provider stands too: without it the page of a small provider would wade
//! through everybody's hits. What the index does not decide is looked at row by row, up to a bound, so
//! that the time of a page does not grow with the number of users.

mod index;
mod question;

use super::backend::{FromRow, Row, Tx};
use super::users::User;
use crate::domain::pattern::Pattern;
use crate::domain::user::Status;
use crate::error::Result;
pub use index::{indexed, indexed_provider};
use question::Question;

/// The most candidates that one search looks at.
const CANDIDATES: i64 = 20_000;
/// The most rows that are looked at behind the short lists, before all lists are asked.
const BEHIND_SHORT: i64 = 4_000;
/// Up to here the total is exact.
pub const COUNTED: i64 = 1_000;

/// What to look for; everything given must hold.
#[derive(Default)]
pub struct UserSearch {
    /// The providers searched; none: all.
    pub providers: Option<Vec<i64>>,
    /// The name.
    pub name: Option<Pattern>,
    /// The address.
    pub email: Option<Pattern>,
    /// The external reference.
    pub reference: Option<Pattern>,
    /// The department.
    pub department: Option<Pattern>,
    /// The state.
    pub status: Option<Status>,
}

/// A page of a search.
pub struct Found {
    /// The users, by id.
    pub users: Vec<User>,
    /// How many there are in all, exact up to [`COUNTED`].
    pub total: i64,
    /// The total is a lower bound.
    pub at_least: bool,
    /// The search stopped before the page was full: where to go on.
    pub next: Option<i64>,
}

/// The ids of one walk over the candidates.
struct Walk {
    ids: Vec<i64>,
    /// The last candidate looked at when the walk was stopped by the bound on candidates.
    stopped: Option<i64>,
}

/// Where the candidates come from.
enum Source {
    /// A few ids, in order.
    Ids(Vec<i64>),
    /// The trigram index: all that is asked, and the short lists alone where that is better.
    Text(Question, Option<String>),
    /// The users of one provider.
    Provider(i64),
    /// All users.
    All,
}

impl UserSearch {
    /// All patterns, whether given or not.
    pub fn patterns(&self) -> [&Option<Pattern>; 4] {
        [&self.name, &self.email, &self.reference, &self.department]
    }

    fn matches(&self, row: &Row<'_>) -> FromRow<bool> {
        let provider: i64 = row.get(1)?;
        let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
        let fits = |pattern: &Option<Pattern>, column| -> FromRow<bool> {
            pattern.as_ref().map_or(Ok(true), |pattern| Ok(pattern.matches(text(column)?)))
        };
        let folded = |pattern: &Option<Pattern>, column| -> FromRow<bool> {
            pattern.as_ref().map_or(Ok(true), |p| Ok(p.matches(&crate::domain::names::key(text(column)?))))
        };
        Ok(self.providers.as_ref().is_none_or(|list| list.contains(&provider))
            && fits(&self.name, 2)?
            && fits(&self.email, 3)?
            && folded(&self.reference, 4)?
            && folded(&self.department, 5)?
            && self.status.map_or(FromRow::Ok(true), |status| Ok(text(6)? == status.name()))?)
    }
}

impl Tx<'_> {
    /// The users that match, with an id greater than `after`, `limit` at most.
    pub fn search_users(&self, search: &UserSearch, after: i64, limit: i64) -> Result<Found> {
        if search.providers.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Found { users: Vec::new(), total: 0, at_least: false, next: None });
        }
        let source = self.source(search)?;
        let counted = self.walk(search, &source, 0, COUNTED + 1)?;
        let found = i64::try_from(counted.ids.len()).unwrap_or(COUNTED);
        let at_least = found > COUNTED || counted.stopped.is_some();
        let page = match after {
            0 => counted,
            after => self.walk(search, &source, after, limit)?,
        };
        let size = usize::try_from(limit).unwrap_or(0);
        let next = page.stopped.filter(|_| page.ids.len() < size);
        let mut users = Vec::with_capacity(page.ids.len().min(size));
        for id in page.ids.into_iter().take(size) {
            users.extend(self.user(id)?);
        }
        Ok(Found { users, total: found.min(COUNTED), at_least, next })
    }

    fn source(&self, search: &UserSearch) -> Result<Source> {
        let by_name = "SELECT id FROM users WHERE name_key >= $1 AND name_key < $2 LIMIT 1001";
        let by_email = "SELECT id FROM users WHERE email_key >= $1 AND email_key < $2 LIMIT 1001";
        for (pattern, sql) in [(&search.name, by_name), (&search.email, by_email)] {
            let (first, end) = match pattern {
                Some(Pattern::Exact(text)) => (text.clone(), format!("{text}\u{0}")),
                Some(Pattern::Prefix(text)) => (text.clone(), format!("{text}\u{10FFFF}")),
                _ => continue,
            };
            let mut ids = self.all(sql, &[&first, &end], |row| row.get::<_, i64>(0))?;
            if ids.len() <= 1_000 {
                ids.sort_unstable();
                return Ok(Source::Ids(ids));
            }
        }
        let listed = search.patterns().iter().all(|pattern| pattern.is_none());
        Ok(match search.providers.as_deref() {
            Some([provider]) if listed => Source::Provider(*provider),
            None if listed => Source::All,
            _ => {
                let question = Question::of(search);
                let short = self.short_lists(&question)?;
                Source::Text(question, short)
            }
        })
    }

    fn walk(&self, search: &UserSearch, source: &Source, after: i64, most: i64) -> Result<Walk> {
        let by_provider =
            "SELECT id, providerid, name_key, email_key, reference, department, status FROM users
                           WHERE providerid = $1 AND id > $2 ORDER BY id LIMIT $3";
        let all = "SELECT id, providerid, name_key, email_key, reference, department, status FROM users
                   WHERE id > $1 ORDER BY id LIMIT $2";
        let mut sieve = Sieve::new(search, most, CANDIDATES);
        match source {
            Source::Ids(ids) => return self.walk_ids(search, ids, after, most),
            Source::Text(question, short) => {
                return self.walk_text(search, (question, short.as_deref()), after, most);
            }
            Source::Provider(id) => {
                self.each(by_provider, &[id, &after, &CANDIDATES], |row| sieve.take(row))?
            }
            Source::All => self.each(all, &[&after, &CANDIDATES], |row| sieve.take(row))?,
        }
        Ok(sieve.end())
    }

    fn walk_text(
        &self,
        search: &UserSearch,
        (question, short): (&Question, Option<&str>),
        after: i64,
        most: i64,
    ) -> Result<Walk> {
        let rows =
            "SELECT users.id, providerid, name_key, email_key, users.reference, users.department, status
                    FROM users_text JOIN users ON users.id = users_text.rowid
                    WHERE users_text MATCH $1 AND users_text.rowid > $2 ORDER BY users_text.rowid LIMIT $3";
        let ids =
            "SELECT rowid FROM users_text WHERE users_text MATCH $1 AND rowid > $2 ORDER BY rowid LIMIT $3";
        if let Some(short) = short {
            let mut sieve = Sieve::new(search, most, BEHIND_SHORT);
            self.each(rows, &[&short, &after, &BEHIND_SHORT], |row| sieve.take(row))?;
            let walk = sieve.end();
            if walk.stopped.is_none() {
                return Ok(walk);
            }
        }
        if search.status.is_none() {
            let ids = self.all(ids, &[&question.whole(), &after, &most], |row| row.get(0))?;
            return Ok(Walk { ids, stopped: None });
        }
        let mut sieve = Sieve::new(search, most, CANDIDATES);
        self.each(rows, &[&question.whole(), &after, &CANDIDATES], |row| sieve.take(row))?;
        Ok(sieve.end())
    }

    fn walk_ids(&self, search: &UserSearch, ids: &[i64], after: i64, most: i64) -> Result<Walk> {
        let one = "SELECT id, providerid, name_key, email_key, reference, department, status FROM users WHERE id = $1";
        let mut sieve = Sieve::new(search, most, CANDIDATES);
        for id in ids.iter().filter(|id| **id > after) {
            if self.one(one, &[id], |row| sieve.take(row))? == Some(false) {
                break;
            }
        }
        Ok(sieve.end())
    }
}

/// Keeps what matches until there is enough of it, or enough was looked at.
struct Sieve<'a> {
    search: &'a UserSearch,
    most: i64,
    candidates: i64,
    seen: i64,
    last: i64,
    ids: Vec<i64>,
}

impl<'a> Sieve<'a> {
    fn new(search: &'a UserSearch, most: i64, candidates: i64) -> Sieve<'a> {
        Sieve { search, most, candidates, seen: 0, last: 0, ids: Vec::new() }
    }

    fn take(&mut self, row: &Row<'_>) -> FromRow<bool> {
        self.seen += 1;
        self.last = row.get(0)?;
        if self.search.matches(row)? {
            self.ids.push(self.last);
        }
        Ok(!self.full())
    }

    fn full(&self) -> bool {
        i64::try_from(self.ids.len()).unwrap_or(i64::MAX) >= self.most
    }

    fn end(self) -> Walk {
        let stopped = (self.seen >= self.candidates && !self.full()).then_some(self.last);
        Walk { ids: self.ids, stopped }
    }
}
