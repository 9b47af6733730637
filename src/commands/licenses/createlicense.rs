//! `createlicense`: a new licence of a user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::draft::Draft;
use super::licensedata::{Created, ShownLicense};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::domain::licenses::Product;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a license that the user holds; a user who uses none uses it from now on.
#[derive(Deserialize, JsonSchema)]
pub struct CreateLicense {
    id: UserRef,
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

impl Command for CreateLicense {
    const NAME: &'static str = "createlicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::ProductUnknown,
        Code::LicenseTypeUnknown,
        Code::FeatureUnknown,
        Code::InvalidLimit,
        Code::LicenseReferenceExists,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a yearly license for ten users",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol productname=client type=yearly featurevalue=professional,webdavs limit=10 validuntil=12/31/2026",
            reply: "<licensedata><number>DEMO-9691-1359-9058</number><licensekey>DEMO-9691-1359-9058\
                </licensekey><license><created>01/01/2026 00:00:00.00</created><productname>client\
                </productname><type>yearly</type><licensekey>DEMO-9691-1359-9058</licensekey>\
                <number>DEMO-9691-1359-9058</number><licensereference></licensereference>\
                <contractnumber></contractnumber><featurevalue>10</featurevalue>\
                <featuretext>webdavs,professional</featuretext><validuntil>12/31/2026</validuntil>\
                <limit>10</limit><used>0</used><status>active</status><isdefault>false</isdefault>\
                <isgroup>false</isgroup><holder>carol</holder></license></licensedata>",
        },
        Example {
            shows: "an unknown feature",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol productname=client type=yearly featurevalue=gold",
            reply: "<exception><primarycode>-30204</primarycode><secondarycode></secondarycode>\
                <message>Unknown feature</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
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
        let made = draft.make(call, tx, provider, Some(user.id))?;
        if user.license_id.is_none() && made.product == Product::Client {
            tx.set_license(user.id, None, Some(made.id))?;
        }
        let (user, license) = (tx.user(user.id)?, tx.license(made.id)?.unwrap_or(made));
        Ok(Created::of(ShownLicense::of(call, tx, license, user.as_ref())?))
    }
}

/// The limit where none is given.
pub fn one() -> i64 {
    1
}
