//! `<license>`: how a licence is shown.

use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::domain::date::Date;
use crate::domain::licenses::{Product, Status, Type, feature_text};
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::licenses::License;
use crate::store::users::User;

/// A licence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownLicense {
    /// when it was made, UTC
    created: Time,
    /// client or server
    productname: Product,
    /// monthly, yearly or permanent
    #[serde(rename = "type")]
    kind: Type,
    /// its key
    licensekey: String,
    /// its key again
    number: String,
    /// the external reference
    licensereference: String,
    /// the number of the contract
    contractnumber: String,
    /// the features as a number
    featurevalue: i64,
    /// the features as words
    featuretext: String,
    /// the last day of its life, UTC; empty: it does not end
    #[schemars(with = "Option<Date>")]
    validuntil: String,
    /// how many users, or depots, may use it
    limit: i64,
    /// how many use it
    used: i64,
    /// active, inactive, cancelled or expired
    status: Status,
    /// whether it is the default of the user asked about, else of its holder
    isdefault: bool,
    /// whether it comes from a group
    isgroup: bool,
    /// the name of the user who owns it
    holder: String,
}

impl ShownLicense {
    /// How that licence is shown where that user was asked about, or none.
    pub fn of(call: &Call, tx: &Tx<'_>, license: License, user: Option<&User>) -> Result<ShownLicense> {
        let (holder, holders_default) = match user.filter(|user| license.holder == Some(user.id)) {
            Some(user) => (user.username.clone(), user.license_id == Some(license.id)),
            None => tx.holder(&license)?.unwrap_or_default(),
        };
        let last_day = license.terms.valid_until.map(|end| Date::ending(end).to_string());
        Ok(ShownLicense {
            created: license.created,
            productname: license.product,
            kind: license.kind,
            number: license.key.clone(),
            featurevalue: license.terms.features,
            featuretext: feature_text(license.terms.features),
            validuntil: last_day.unwrap_or_default(),
            limit: license.terms.limit,
            used: license.used,
            status: license.status(call),
            isdefault: user.map_or(holders_default, |user| user.license_id == Some(license.id)),
            isgroup: false,
            holder,
            licensekey: license.key,
            licensereference: license.reference,
            contractnumber: license.contract,
        })
    }
}

impl ShownLicense {
    /// The same where it comes from a group.
    #[must_use]
    pub fn of_group(self) -> ShownLicense {
        ShownLicense { isgroup: true, ..self }
    }
}

/// A reply with licences.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Licenses {
    /// the licenses
    pub licensedata: LicenseData,
}

/// The licences of a reply.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LicenseData {
    license: Vec<ShownLicense>,
}

impl Licenses {
    /// A reply with those licences.
    pub fn of(license: Vec<ShownLicense>) -> Licenses {
        Licenses { licensedata: LicenseData { license } }
    }
}

/// A reply with a licence that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Created {
    /// the new license
    licensedata: CreatedData,
}

/// The new licence: the key first, where clients look for it, then all of it.
#[derive(Debug, Serialize, JsonSchema)]
struct CreatedData {
    number: String,
    licensekey: String,
    license: Vec<ShownLicense>,
}

impl Created {
    /// A reply with that licence.
    pub fn of(license: ShownLicense) -> Created {
        let (number, licensekey) = (license.number.clone(), license.licensekey.clone());
        Created { licensedata: CreatedData { number, licensekey, license: vec![license] } }
    }
}
