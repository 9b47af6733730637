//! Searching licences: along the index that fits what is asked, in the order of their keys.
//!
//! Keys are read from the index alone, side by side; a row is looked at only for what the index does not hold, since
//! it stands anywhere in the table. Both are bounded, so that the time of a page does not grow with the number of
//! licences.

use super::backend::{FromRow, Row, Tx};
use super::licenses::License;
use super::search::COUNTED;
use crate::domain::licenses::Status;
use crate::domain::names;
use crate::domain::pattern::Pattern;
use crate::domain::time::Time;
use crate::error::Result;

/// The most candidates that one walk reads from the index.
const CANDIDATES: i64 = 20_000;
/// A candidate whose row is looked at counts for so many.
const LOOK: i64 = 5;

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

    /// What decides about a candidate besides its key and the index that led to it.
    fn looks(&self) -> bool {
        let narrow = [self.reference.is_some(), self.contract.is_some(), self.holder.is_some()];
        narrow.into_iter().filter(|given| *given).count() > 1
            || self.status.is_some()
            || self.ends_by.is_some()
    }

    fn matches(&self, license: &License) -> bool {
        let is = |wanted: &Option<String>, text: &str| wanted.as_ref().is_none_or(|wanted| wanted == text);
        let ends = license.terms.valid_until;
        is(&self.reference, &license.reference)
            && is(&self.contract, &license.contract)
            && (self.holder.is_none() || license.holder == self.holder)
            && self.status.is_none_or(|status| license.stored.at(self.now, ends, self.expiry) == status)
            && self.ends_by.is_none_or(|by| ends.is_some_and(|end| end <= by))
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
        let (mut ids, mut spent, mut last) = (Vec::new(), 0, String::new());
        let (most, looks) = (usize::try_from(most).unwrap_or(usize::MAX), search.looks());
        let mut fault = None;
        self.each_candidate(search, after, |row| {
            let (id, key) = (row.get(0)?, row.get_ref(1)?.as_str()?);
            key.clone_into(&mut last);
            spent += 1;
            if search.key.as_ref().is_none_or(|pattern| pattern.matches(&names::key(key))) {
                spent += if looks { LOOK } else { 0 };
                match self.fits(search, looks, id) {
                    Ok(true) => ids.push(id),
                    Ok(false) => {}
                    Err(error) => fault = Some(error),
                }
            }
            Ok(ids.len() < most && spent < CANDIDATES && fault.is_none())
        })?;
        let stopped = (spent >= CANDIDATES && ids.len() < most).then_some(last);
        fault.map_or(Ok(Walk { ids, stopped }), Err)
    }

    fn fits(&self, search: &LicenseSearch, looks: bool, id: i64) -> Result<bool> {
        Ok(!looks || self.license(id)?.is_some_and(|license| search.matches(&license)))
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
        let by_reference = "SELECT id, licensekey FROM licenses
                            WHERE providerid = $1 AND reference = $2 AND reference <> ''
                            AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let by_contract = "SELECT id, licensekey FROM licenses
                           WHERE providerid = $1 AND contractnumber = $2 AND contractnumber <> ''
                           AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let by_holder = "SELECT id, licensekey FROM licenses WHERE providerid = $1 AND holderid = $2
                         AND licensekey >= $3 AND licensekey < $4 ORDER BY licensekey LIMIT $5";
        let all = "SELECT id, licensekey FROM licenses WHERE providerid = $1
                   AND licensekey >= $2 AND licensekey < $3 ORDER BY licensekey LIMIT $4";
        match (&search.reference, &search.contract, &search.holder) {
            (Some(text), ..) => self.each(by_reference, &[provider, text, &from, &to, &CANDIDATES], read),
            (_, Some(text), _) => self.each(by_contract, &[provider, text, &from, &to, &CANDIDATES], read),
            (.., Some(user)) => self.each(by_holder, &[provider, user, &from, &to, &CANDIDATES], read),
            _ => self.each(all, &[provider, &from, &to, &CANDIDATES], read),
        }
    }
}
