//! A licence that is to be made: what a call says of it, checked.

use super::{named, terms};
use crate::call::{Call, Origin};
use crate::commands::users::{defaults, rules};
use crate::domain::date::Date;
use crate::domain::licenses::{Product, Terms, Type};
use crate::error::{Code, Error, Result};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::licenses::{License, NewLicense};

/// A licence as it stands in a call.
pub struct Draft<'a> {
    /// `client` or `server`.
    pub productname: &'a str,
    /// `monthly`, `yearly` or `permanent`.
    pub kind: &'a str,
    /// Words or number.
    pub featurevalue: &'a str,
    /// How many may use it.
    pub limit: i64,
    /// The external reference.
    pub licensereference: &'a Option<String>,
    /// The number of the contract.
    pub contractnumber: &'a Option<String>,
    /// The last day.
    pub validuntil: Option<Date>,
    /// What the caller calls the change.
    pub changeid: &'a Option<String>,
}

impl Draft<'_> {
    /// Makes the licence, which nobody uses yet.
    pub fn make(&self, call: &Call, tx: &Tx<'_>, of: &Provider, holder: Option<i64>) -> Result<License> {
        let product = Product::parse(self.productname).ok_or(Code::ProductUnknown)?;
        let kind = Type::parse(self.kind).ok_or(Code::LicenseTypeUnknown)?;
        let terms = Terms {
            features: terms::features(self.featurevalue)?,
            limit: terms::limit(self.limit)?,
            valid_until: self.validuntil.map(|day| terms::end(call, day)).transpose()?,
        };
        let usual = match call.origin {
            Origin::AdminConsole => of.settings.license_reference_for_console.as_str(),
            _ => "",
        };
        let reference = self.licensereference.as_deref().unwrap_or(usual);
        let contract = self.contractnumber.as_deref().unwrap_or_default();
        rules::short("licensereference", reference)?;
        rules::short("contractnumber", contract)?;
        let changeid = named::change_id(self.changeid)?;
        defaults::check_reference(tx, of, reference)?;
        let id =
            tx.add_license(call, of, &NewLicense { product, kind, terms, reference, contract, holder })?;
        let license = tx.license(id)?.ok_or_else(|| Error::fault("a new license is not there"))?;
        tx.license_made(call, &license, changeid)?;
        Ok(license)
    }
}
