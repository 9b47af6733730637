//! `downgradelicense`: a licence allows less.

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

/// Takes something from a license: neither the tier of its features nor its limit rises, webdavs and inbox are not
/// added, and whoever uses it keeps a place.
#[derive(Deserialize, JsonSchema)]
pub struct DowngradeLicense {
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

impl Command for DowngradeLicense {
    const NAME: &'static str = "downgradelicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::LicenseUnknown,
        Code::FeatureUnknown,
        Code::InvalidLimit,
        Code::DowngradeImpossible,
        Code::LicenseEnded,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "other features and another limit",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 limit=2 featurevalue=personal",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "more users would be an upgrade",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 limit=10",
            reply: "<exception><primarycode>-30207</primarycode><secondarycode></secondarycode>\
                <message>Downgrade not possible</message></exception>",
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
        terms::downgrade(call, tx, &license, &asked)
    }
}
