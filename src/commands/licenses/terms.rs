//! What a call says that a licence's terms shall be, and upgrades and downgrades by it.

use super::named::{self, Changed};
use crate::call::Call;
use crate::domain::date::Date;
use crate::domain::licenses::{self, MOST, Wish};
use crate::domain::time::Time;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::licenses::License;

/// The terms as they stand in a call; what is left out stays.
pub struct Asked<'a> {
    /// Words or number.
    pub featurevalue: &'a Option<String>,
    /// The new limit.
    pub limit: Option<i64>,
    /// The new last day.
    pub validuntil: Option<Date>,
    /// What the caller calls the change.
    pub changeid: &'a Option<String>,
}

/// The bits of words or a number; else -30204.
pub fn features(text: &str) -> Result<i64> {
    licenses::features(text).ok_or(Code::FeatureUnknown.into())
}

/// A limit that a licence can have; else -30205.
pub fn limit(limit: i64) -> Result<i64> {
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Code::InvalidLimit.refuse() }
}

/// The end of a last day that is not over yet.
pub fn end(call: &Call, day: Date) -> Result<Time> {
    let end = day.end();
    if end > call.now { Ok(end) } else { Err(invalid("validuntil is in the past")) }
}

impl Asked<'_> {
    fn wish(&self, call: &Call) -> Result<Wish> {
        Ok(Wish {
            features: self.featurevalue.as_deref().map(features).transpose()?,
            limit: self.limit.map(limit).transpose()?,
            valid_until: self.validuntil.map(|day| end(call, day).map(Some)).transpose()?,
        })
    }
}

/// Gives a licence more; -30206 where it would be less, -30211 where it has ended.
pub fn upgrade(call: &Call, tx: &Tx<'_>, license: &License, asked: &Asked<'_>) -> Result<Changed> {
    named::changed(call, tx, license, asked.changeid, |old| {
        old.not_ended(call)?;
        let terms = old.terms.upgraded(asked.wish(call)?).ok_or(Code::UpgradeImpossible)?;
        Ok(old.with_terms(terms))
    })
}

/// Takes something from a licence; -30207 where it would be more, or too little for those who use it, -30211
/// where it has ended.
pub fn downgrade(call: &Call, tx: &Tx<'_>, license: &License, asked: &Asked<'_>) -> Result<Changed> {
    named::changed(call, tx, license, asked.changeid, |old| {
        old.not_ended(call)?;
        let terms = old.terms.downgraded(asked.wish(call)?, old.used).ok_or(Code::DowngradeImpossible)?;
        Ok(old.with_terms(terms))
    })
}
