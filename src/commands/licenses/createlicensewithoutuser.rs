//! `createlicensewithoutuser`: a new licence that nobody holds yet.

use schemars::JsonSchema;
use serde::Deserialize;

use super::createlicense::one;
use super::draft::Draft;
use super::licensedata::{Created, ShownLicense};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a license without a holder; the first user who is assigned to it holds it.
#[derive(Deserialize, JsonSchema)]
pub struct CreateLicenseWithoutUser {
    /// client or server
    productname: String,
    /// monthly, yearly or permanent
    #[serde(rename = "type")]
    kind: String,
    /// banner, webdavs, personal, professional, enterprise, restricted, inbox, several joined by commas, or the
    /// number
    featurevalue: String,
    /// how many users may use it; of a server license, depots; left out, 1
    #[serde(default = "one")]
    limit: i64,
    /// an external reference
    licensereference: Option<String>,
    /// the number of a contract
    #[serde(alias = "contactnumber")]
    #[schemars(extend("x-aliases" = ["contactnumber"]))]
    contractnumber: Option<String>,
    /// the last day of its life, UTC; blank: it does not end
    validuntil: Option<Date>,
    /// an id of your own for the change, which `getlicensechanges` shows; it does not keep the same call from making
    /// another license, an `idempotencykey` does
    changeid: Option<String>,
}

impl Command for CreateLicenseWithoutUser {
    const NAME: &'static str = "createlicensewithoutuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[
        Code::ProductUnknown,
        Code::LicenseTypeUnknown,
        Code::FeatureUnknown,
        Code::InvalidLimit,
        Code::LicenseReferenceExists,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license for five users with a reference",
            given: &[],
            call: "productname=client type=permanent featurevalue=enterprise limit=5 licensereference=C-42",
            reply: "<licensedata><number>DEMO-2322-8118-9271</number><licensekey>DEMO-2322-8118-9271\
                </licensekey><license><created>01/01/2026 00:00:00.00</created><productname>client\
                </productname><type>permanent</type><licensekey>DEMO-2322-8118-9271</licensekey>\
                <number>DEMO-2322-8118-9271</number><licensereference>C-42</licensereference>\
                <contractnumber></contractnumber><featurevalue>16</featurevalue>\
                <featuretext>enterprise</featuretext><validuntil></validuntil><limit>5</limit>\
                <used>0</used><status>active</status><isdefault>false</isdefault><isgroup>false\
                </isgroup><holder></holder></license></licensedata>",
        },
        Example {
            shows: "a limit of nobody",
            given: &[],
            call: "productname=client type=permanent featurevalue=enterprise limit=0",
            reply: "<exception><primarycode>-30205</primarycode><secondarycode></secondarycode>\
                <message>Invalid limit</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let draft = Draft {
            productname: &self.productname,
            kind: &self.kind,
            featurevalue: &self.featurevalue,
            limit: self.limit,
            licensereference: &self.licensereference,
            contractnumber: &self.contractnumber,
            validuntil: self.validuntil,
            changeid: &self.changeid,
        };
        let license = draft.make(call, tx, &call.provider, None)?;
        Ok(Created::of(ShownLicense::of(call, tx, license, None)?))
    }
}
