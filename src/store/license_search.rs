//! Searching licences: along the index that fits what is asked, in the order of their keys.
//!
//! What the index does not decide is looked at row by row, up to a bound, so that the time of a page does not
//! grow with the number of licences.

use super::backend::{FromRow, Row, Tx};
use super::licenses::License;
use super::search::COUNTED;
use crate::domain::licenses::Status;
use crate::domain::names;
use crate::domain::pattern::Pattern;
use crate::domain::time::Time;
use crate::error::Result;

/// The most candidates that one search looks at.
const CANDIDATES: i64 = 20_000;

/// What to look for among the licences of one provider; everything given must hold.
pub struct LicenseSearch {
    /// Whose licences.
    pub provider: i64,
    /// The key.
    pub key: Option<Pattern>,
    /// The external reference.
    pub reference: Option<String>,
    /// The number of the contract.
    pub contract: Option<String>,
    /// Who owns it.
    pub holder: Option<i64>,
    /// The state now.
    pub status: Option<Status>,
    /// It ends at that moment or earlier.
    pub ends_by: Option<Time>,
    /// The moment of the search.
    pub now: Time,
    /// Whether the provider's licences expire.
    pub expiry: bool,
}

/// A page of a search.
pub struct FoundLicenses {
    /// The licences, by key.
    pub licenses: Vec<License>,
    /// How many there are in all, exact up to [`COUNTED`].
    pub total: i64,
    /// The total is a lower bound.
    pub at_least: bool,
    /// The search stopped before the page was full: behind which key to go on.
    pub next: Option<String>,
}

/// The licences of one walk over the candidates.
struct Walk {
    ids: Vec<i64>,
    /// The last candidate looked at when the walk was stopped by the bound on candidates.
    stopped: Option<String>,
}

impl LicenseSearch {
    /// The keys that come into question: from the first, up to and without the second.
    fn range(&self, after: &str) -> (String, String) {
        let (first, end) = match &self.key {
            Some(Pattern::Exact(key)) => (key.to_ascii_uppercase(), "\u{0}"),
            Some(Pattern::Prefix(key)) => (key.to_ascii_uppercase(), "\u{10FFFF}"),
            _ => (String::new(), "\u{10FFFF}"),
        };
        let end = format!("{first}{end}");
        let behind = format!("{}\u{0}", after.to_ascii_uppercase());
        (if after.is_empty() { first } else { first.max(behind) }, end)
    }

    fn matches(&self, row: &Row<'_>) -> FromRow<bool> {
        let text = |column| row.get_ref(column).and_then(|value| Ok(value.as_str()?));
        let is = |wanted: &Option<String>, column| -> FromRow<bool> {
            wanted.as_ref().map_or(Ok(true), |wanted| Ok(text(column)? == wanted))
        };
        let key = text(1)?;
        let ends = row.get::<_, Option<i64>>(6)?.map(Time);
        let stored = Status::parse(text(5)?).unwrap_or(Status::Inactive);
        Ok(self.key.as_ref().is_none_or(|pattern| pattern.matches(&names::key(key)))
            && is(&self.reference, 2)?
            && is(&self.contract, 3)?
            && (self.holder.is_none() || row.get::<_, Option<i64>>(4)? == self.holder)
            && self.status.is_none_or(|status| stored.at(self.now, ends, self.expiry) == status)
            && self.ends_by.is_none_or(|by| ends.is_some_and(|end| end <= by)))
    }
}

impl Tx<'_> {
    /// The licences that match, with a key behind `after`, `limit` at most.
    pub fn search_licenses(&self, search: &LicenseSearch, after: &str, limit: i64) -> Result<FoundLicenses> {
        let counted = self.walk_licenses(search, "", COUNTED + 1)?;
        let found = i64::try_from(counted.ids.len()).unwrap_or(COUNTED);
        let at_least = found > COUNTED || counted.stopped.is_some();
        let page = if after.is_empty() { counted } else { self.walk_licenses(search, after, limit)? };
        let size = usize::try_from(limit).unwrap_or(0);
        let next = page.stopped.filter(|_| page.ids.len() < size);
        let mut licenses = Vec::with_capacity(page.ids.len().min(size));
        for id in page.ids.into_iter().take(size) {
            licenses.extend(self.license(id)?);
        }
        Ok(FoundLicenses { licenses, total: found.min(COUNTED), at_least, next })
    }

    fn walk_licenses(&self, search: &LicenseSearch, after: &str, most: i64) -> Result<Walk> {
        let (mut ids, mut seen, mut last) = (Vec::new(), 0, String::new());
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let read = |row: &Row<'_>| {
            seen += 1;
            last = row.get(1)?;
            if search.matches(row)? {
                ids.push(row.get(0)?);
            }
            Ok(ids.len() < most)
        };
        self.each_candidate(search, after, read)?;
        let stopped = (seen >= CANDIDATES && ids.len() < most).then_some(last);
        Ok(Walk { ids, stopped })
    }

    /// Along the narrowest index that there is for what is asked.
    fn each_candidate(
        &self,
        search: &LicenseSearch,
        after: &str,
        read: impl FnMut(&Row<'_>) -> FromRow<bool>,
    ) -> Result<()> {
        let (from, to) = search.range(after);
        let provider = &search.provider;
        let by_reference = "SELECT id, licensekey, reference, contractnumber, holderid, status, validuntil
                            FROM licenses WHERE providerid = $1 AND reference = $2 AND reference <> ''
                            AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let by_contract = "SELECT id, licensekey, reference, contractnumber, holderid, status, validuntil
                           FROM licenses WHERE providerid = $1 AND contractnumber = $2 AND contractnumber <> ''
                           AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let by_holder = "SELECT id, licensekey, reference, contractnumber, holderid, status, validuntil
                         FROM licenses WHERE providerid = $1 AND holderid = $2
                         AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let all = "SELECT id, licensekey, reference, contractnumber, holderid, status, validuntil
                   FROM licenses WHERE providerid = $1
                   AND licensekey >= $2 AND licensekey < $3 ORDER BY licensekey LIMIT $4";
        match (&search.reference, &search.contract, &search.holder) {
            (Some(text), ..) => self.each(by_reference, &[provider, text, &from, &to, &CANDIDATES], read),
            (_, Some(text), _) => self.each(by_contract, &[provider, text, &from, &to, &CANDIDATES], read),
            (.., Some(user)) => self.each(by_holder, &[provider, user, &from, &to, &CANDIDATES], read),
            _ => self.each(all, &[provider, &from, &to, &CANDIDATES], read),
        }
    }
}
