//! `upgradelicense`: a licence allows more.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::Changed;
use super::terms::{self, Asked};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Gives a license more: neither the tier of its features nor its limit falls, webdavs and inbox are kept even
/// where they are not named.
#[derive(Deserialize, JsonSchema)]
pub struct UpgradeLicense {
    lic: LicenseRef,
    /// the new features, words or number; blank or 0: as they are
    featurevalue: Option<String>,
    /// the new limit
    limit: Option<i64>,
    /// the new last day of its life, UTC
    validuntil: Option<Date>,
    /// an id of your own for the change; one that is on record for the
    /// license changes nothing, and is answered with `repeated`
    changeid: Option<String>,
}

impl Command for UpgradeLicense {
    const NAME: &'static str = "upgradelicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::LicenseUnknown,
        Code::FeatureUnknown,
        Code::InvalidLimit,
        Code::UpgradeImpossible,
        Code::LicenseEnded,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "other features and another limit",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 limit=10 featurevalue=enterprise",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "fewer users would be a downgrade",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 limit=2",
            reply: "<exception><primarycode>-30206</primarycode><secondarycode></secondarycode>\
                <message>Upgrade not possible</message></exception>",
        },
    ];
    type Reply = Changed;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changed> {
        let license = tx.the_license(call, &self.lic)?;
        let asked = Asked {
            featurevalue: &self.featurevalue,
            limit: self.limit,
            validuntil: self.validuntil,
            changeid: &self.changeid,
        };
        terms::upgrade(call, tx, &license, &asked)
    }
}
