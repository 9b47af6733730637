//! Searching users: by the index that fits the pattern, never by walking the table.
//!
//! A page looks at a bounded number of candidates whatever the pattern, so its time does not grow
//! with the number of users. Exact texts and short prefix ranges come from the ordinary indexes,
//! everything else from the trigram index, in which the provider stands too: without it the page of
//! a small provider would wade through everybody's hits.

use super::backend::{FromRow, Row, Tx};
use super::users::User;
use crate::domain::pattern::Pattern;
use crate::domain::user::Status;
use crate::error::Result;

/// The most candidates that one search looks at.
const CANDIDATES: i64 = 20_000;
/// Up to here the total is exact.
pub const COUNTED: i64 = 1_000;

/// What to look for; everything given must hold.
#[derive(Default)]
pub struct UserSearch {
    /// The providers searched, id and code; none: all.
    pub providers: Option<Vec<(i64, String)>>,
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
    /// The trigram index; true: every hit is a match, no row needs to be looked at.
    Text(String, bool),
    /// The users of one provider.
    Provider(i64),
    /// All users.
    All,
}

impl UserSearch {
    fn matches(&self, row: &Row<'_>) -> FromRow<bool> {
        let provider: i64 = row.get(1)?;
        let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
        let fits = |pattern: &Option<Pattern>, column| -> FromRow<bool> {
            pattern.as_ref().map_or(Ok(true), |pattern| Ok(pattern.matches(text(column)?)))
        };
        let folded = |pattern: &Option<Pattern>, column| -> FromRow<bool> {
            pattern.as_ref().map_or(Ok(true), |p| Ok(p.matches(&crate::domain::names::key(text(column)?))))
        };
        Ok(self.providers.as_ref().is_none_or(|list| list.iter().any(|(id, _)| *id == provider))
            && fits(&self.name, 2)?
            && fits(&self.email, 3)?
            && folded(&self.reference, 4)?
            && folded(&self.department, 5)?
            && self.status.map_or(FromRow::Ok(true), |status| Ok(text(6)? == status.name()))?)
    }

    /// Whether the trigram index alone decides: only texts anywhere in name and address.
    fn decided_by_text(&self) -> bool {
        let anywhere = |pattern: &Option<Pattern>| matches!(pattern, None | Some(Pattern::Infix(_)));
        anywhere(&self.name)
            && anywhere(&self.email)
            && self.reference.is_none()
            && self.department.is_none()
            && self.status.is_none()
    }

    /// The question to the trigram index.
    fn text_query(&self) -> String {
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut terms = Vec::new();
        if let Some(providers) = &self.providers {
            let codes: Vec<String> = providers.iter().map(|(_, code)| quote(code)).collect();
            terms.push(format!("provider : ({})", codes.join(" OR ")));
        }
        for (column, pattern) in [("name", &self.name), ("email", &self.email)] {
            if let Some(pattern) = pattern {
                terms.push(format!("{column} : {}", quote(pattern.text())));
            }
        }
        terms.join(" AND ")
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
        Ok(match (&search.name, &search.email, search.providers.as_deref()) {
            (None, None, Some([(provider, _)])) => Source::Provider(*provider),
            (None, None, None) => Source::All,
            (None, None, Some(_)) => Source::Text(search.text_query(), false),
            _ => Source::Text(search.text_query(), search.decided_by_text()),
        })
    }

    fn walk(&self, search: &UserSearch, source: &Source, after: i64, most: i64) -> Result<Walk> {
        let by_provider =
            "SELECT id, providerid, name_key, email_key, reference, department, status FROM users
                           WHERE providerid = $1 AND id > $2 ORDER BY id LIMIT $3";
        let by_text = "SELECT users.id, providerid, name_key, email_key, reference, department, status
                       FROM users_text JOIN users ON users.id = users_text.rowid
                       WHERE users_text MATCH $1 AND users_text.rowid > $2 ORDER BY users_text.rowid LIMIT $3";
        let all = "SELECT id, providerid, name_key, email_key, reference, department, status FROM users
                   WHERE id > $1 ORDER BY id LIMIT $2";
        let only_text =
            "SELECT rowid FROM users_text WHERE users_text MATCH $1 AND rowid > $2 ORDER BY rowid LIMIT $3";
        let mut sieve = Sieve::new(search, most);
        match source {
            Source::Ids(ids) => return self.walk_ids(search, ids, after, most),
            Source::Text(query, true) => {
                let ids = self.all(only_text, &[query, &after, &most], |row| row.get(0))?;
                return Ok(Walk { ids, stopped: None });
            }
            Source::Text(query, false) => {
                self.each(by_text, &[query, &after, &CANDIDATES], |row| sieve.take(row))?
            }
            Source::Provider(id) => {
                self.each(by_provider, &[id, &after, &CANDIDATES], |row| sieve.take(row))?
            }
            Source::All => self.each(all, &[&after, &CANDIDATES], |row| sieve.take(row))?,
        }
        Ok(sieve.end())
    }

    fn walk_ids(&self, search: &UserSearch, ids: &[i64], after: i64, most: i64) -> Result<Walk> {
        let one = "SELECT id, providerid, name_key, email_key, reference, department, status FROM users WHERE id = $1";
        let mut sieve = Sieve::new(search, most);
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
    seen: i64,
    last: i64,
    ids: Vec<i64>,
}

impl<'a> Sieve<'a> {
    fn new(search: &'a UserSearch, most: i64) -> Sieve<'a> {
        Sieve { search, most, seen: 0, last: 0, ids: Vec::new() }
    }

    fn take(&mut self, row: &Row<'_>) -> FromRow<bool> {
        self.seen += 1;
        self.last = row.get(0)?;
        if self.search.matches(row)? {
            self.ids.push(self.last);
        }
        Ok(i64::try_from(self.ids.len()).unwrap_or(i64::MAX) < self.most)
    }

    fn end(self) -> Walk {
        let stopped = (self.seen >= CANDIDATES).then_some(self.last);
        Walk { ids: self.ids, stopped }
    }
}
