//! Searching company accounts: along the provider's index in the order in which they were made, a bounded number
//! of them looked at, so that the time of a page does not grow with their number.

use super::accounts::Account;
use super::backend::{FromRow, Row, Tx};
use super::search::COUNTED;
use crate::domain::names;
use crate::domain::pattern::Pattern;
use crate::error::Result;

/// The most candidates that one search looks at.
const CANDIDATES: i64 = 20_000;

/// What to look for among the accounts of one provider; everything given must hold.
pub struct AccountSearch {
    /// Whose accounts.
    pub provider: i64,
    /// The company's name.
    pub name: Option<Pattern>,
    /// The key.
    pub key: Option<Pattern>,
}

/// A page of a search.
pub struct FoundAccounts {
    /// The accounts, by number.
    pub accounts: Vec<Account>,
    /// How many there are in all, exact up to [`COUNTED`].
    pub total: i64,
    /// The total is a lower bound.
    pub at_least: bool,
    /// The search stopped before the page was full: behind which number to go on.
    pub next: Option<i64>,
}

/// The accounts of one walk over the candidates.
struct Walk {
    ids: Vec<i64>,
    /// The last candidate looked at when the walk was stopped by the bound on candidates.
    stopped: Option<i64>,
}

impl AccountSearch {
    fn matches(&self, row: &Row<'_>) -> FromRow<bool> {
        let fits = |pattern: &Option<Pattern>, column| -> FromRow<bool> {
            let Some(pattern) = pattern else { return Ok(true) };
            Ok(pattern.matches(row.get_ref(column)?.as_str()?))
        };
        let key = match &self.key {
            Some(pattern) => pattern.matches(&names::key(row.get_ref(2)?.as_str()?)),
            None => true,
        };
        Ok(key && fits(&self.name, 1)?)
    }
}

impl Tx<'_> {
    /// The accounts that match, with a number greater than `after`, `limit` at most.
    pub fn search_accounts(&self, search: &AccountSearch, after: i64, limit: i64) -> Result<FoundAccounts> {
        let counted = self.walk_accounts(search, 0, COUNTED + 1)?;
        let found = i64::try_from(counted.ids.len()).unwrap_or(COUNTED);
        let at_least = found > COUNTED || counted.stopped.is_some();
        let page = if after == 0 { counted } else { self.walk_accounts(search, after, limit)? };
        let size = usize::try_from(limit).unwrap_or(0);
        let next = page.stopped.filter(|_| page.ids.len() < size);
        let mut accounts = Vec::with_capacity(page.ids.len().min(size));
        for id in page.ids.into_iter().take(size) {
            accounts.extend(self.account(id)?);
        }
        Ok(FoundAccounts { accounts, total: found.min(COUNTED), at_least, next })
    }

    fn walk_accounts(&self, search: &AccountSearch, after: i64, most: i64) -> Result<Walk> {
        let all = "SELECT id, name_key, accountkey FROM accounts WHERE providerid = $1 AND id > $2
                   ORDER BY id LIMIT $3";
        let by_key = "SELECT id, name_key, accountkey FROM accounts
                      WHERE accountkey = $1 AND providerid = $2 AND id > $3";
        let (mut ids, mut seen, mut last) = (Vec::new(), 0, 0);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let read = |row: &Row<'_>| {
            seen += 1;
            last = row.get(0)?;
            if search.matches(row)? {
                ids.push(last);
            }
            Ok(ids.len() < most)
        };
        match &search.key {
            Some(Pattern::Exact(key)) => {
                self.each(by_key, &[&key.to_ascii_uppercase(), &search.provider, &after], read)?;
            }
            _ => self.each(all, &[&search.provider, &after, &CANDIDATES], read)?,
        }
        let stopped = (seen >= CANDIDATES && ids.len() < most).then_some(last);
        Ok(Walk { ids, stopped })
    }
}
