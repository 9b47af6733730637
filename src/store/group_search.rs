//! Searching groups: along the provider's index in the order of their numbers, up to a bound, so that the time of
//! a page does not grow with the number of groups.

use super::backend::Tx;
use super::groups::Group;
use super::search::COUNTED;
use crate::domain::pattern::Pattern;
use crate::error::Result;

/// The most candidates that one search looks at.
const CANDIDATES: i64 = 20_000;

/// A page of a search.
pub struct FoundGroups {
    /// The groups, by number.
    pub groups: Vec<Group>,
    /// How many there are in all, exact up to [`COUNTED`].
    pub total: i64,
    /// The total is a lower bound.
    pub at_least: bool,
    /// The search stopped before the page was full: behind which number to go on.
    pub next: Option<i64>,
}

/// The groups of one walk over the candidates.
struct Walk {
    ids: Vec<i64>,
    /// The last candidate looked at when the walk was stopped by the bound on candidates.
    stopped: Option<i64>,
}

impl Tx<'_> {
    /// The groups of a provider that match, with a number greater than `after`, `limit` at most.
    pub fn search_groups(
        &self,
        provider: i64,
        name: Option<&Pattern>,
        after: i64,
        limit: i64,
    ) -> Result<FoundGroups> {
        let counted = self.walk_groups(provider, name, 0, COUNTED + 1)?;
        let found = i64::try_from(counted.ids.len()).unwrap_or(COUNTED);
        let at_least = found > COUNTED || counted.stopped.is_some();
        let page = if after == 0 { counted } else { self.walk_groups(provider, name, after, limit)? };
        let size = usize::try_from(limit).unwrap_or(0);
        let next = page.stopped.filter(|_| page.ids.len() < size);
        let mut groups = Vec::with_capacity(page.ids.len().min(size));
        for id in page.ids.into_iter().take(size) {
            groups.extend(self.group(id)?);
        }
        Ok(FoundGroups { groups, total: found.min(COUNTED), at_least, next })
    }

    fn walk_groups(&self, provider: i64, name: Option<&Pattern>, after: i64, most: i64) -> Result<Walk> {
        let (mut ids, mut seen, mut last) = (Vec::new(), 0, 0);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let sql = "SELECT id, name_key FROM groups WHERE providerid = $1 AND id > $2 ORDER BY id LIMIT $3";
        self.each(sql, &[&provider, &after, &CANDIDATES], |row| {
            seen += 1;
            last = row.get(0)?;
            let key = row.get_ref(1)?.as_str()?;
            if name.is_none_or(|pattern| pattern.matches(key)) {
                ids.push(last);
            }
            Ok(ids.len() < most)
        })?;
        let stopped = (seen >= CANDIDATES && ids.len() < most).then_some(last);
        Ok(Walk { ids, stopped })
    }
}
