//! `getlicensedata`: the licences of a user, or one licence.

use schemars::JsonSchema;
use serde::Deserialize;

use super::licensedata::{Licenses, ShownLicense};
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::users::userdata::yes;
use crate::domain::licenses::UserOrLicense;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// The most licences held that are shown `[O]`.
const MOST: i64 = 1_000;

/// Shows the licenses of a user: the default first, then those that its devices use, then those that it holds,
/// of these 1000 at most (`searchlicense` shows all), then the ones of its group and of its company account. By a
/// license's key or reference, that license.
#[derive(Deserialize, JsonSchema)]
pub struct GetLicenseData {
    id: UserOrLicense,
    /// whether the license of the user's group is shown
    #[serde(default = "yes")]
    includegroup: bool,
}

impl Command for GetLicenseData {
    const NAME: &'static str = "getlicensedata";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::LicenseUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the license that came with a user",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol",
            reply: "<licensedata><license><created>01/01/2026 00:00:00.00</created><productname>client\
                </productname><type>permanent</type><licensekey>DEMO-2322-8118-9271</licensekey>\
                <number>DEMO-2322-8118-9271</number><licensereference></licensereference>\
                <contractnumber></contractnumber><featurevalue>1</featurevalue><featuretext>banner\
                </featuretext><validuntil></validuntil><limit>1</limit><used>1</used>\
                <status>active</status><isdefault>true</isdefault><isgroup>false</isgroup>\
                <holder>carol</holder></license></licensedata>",
        },
        Example {
            shows: "a license by its key",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<licensedata><license><created>01/01/2026 00:00:00.00</created><productname>client\
                </productname><type>yearly</type><licensekey>DEMO-2322-8118-9271</licensekey>\
                <number>DEMO-2322-8118-9271</number><licensereference></licensereference>\
                <contractnumber></contractnumber><featurevalue>8</featurevalue>\
                <featuretext>professional</featuretext><validuntil></validuntil><limit>5</limit>\
                <used>0</used><status>active</status><isdefault>false</isdefault><isgroup>false\
                </isgroup><holder></holder></license></licensedata>",
        },
        Example {
            shows: "an unknown license",
            given: &[],
            call: "licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Licenses;

    /// By the license, it is nobody's own.
    fn class(&self) -> Class {
        match self.id {
            UserOrLicense::User(_) => Self::CLASS,
            UserOrLicense::License(_) => Class::Protected,
        }
    }

    fn glances(&self) -> bool {
        matches!(self.id, UserOrLicense::User(UserRef::Username(_)))
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Licenses> {
        let (user, mut licenses) = match &self.id {
            UserOrLicense::User(id) => tx.the_user_with_licenses(call, id, MOST)?,
            UserOrLicense::License(lic) => {
                let license = tx.the_license(call, lic)?;
                return Ok(Licenses::of(vec![ShownLicense::of(call, tx, license, None)?]));
            }
        };
        licenses.sort_by_key(|license| user.license_id != Some(license.id));
        let (group, account) = tx.licenses_beside(&user)?;
        for shared in [group.filter(|_| self.includegroup), account].into_iter().flatten() {
            if !licenses.iter().any(|license| license.id == shared) {
                licenses.extend(tx.license(shared)?);
            }
        }
        let shown = licenses.into_iter().map(|license| {
            let from_group = group == Some(license.id);
            let shown = ShownLicense::of(call, tx, license, Some(&user))?;
            Ok(if from_group { shown.of_group() } else { shown })
        });
        shown.collect::<Result<Vec<ShownLicense>>>().map(Licenses::of)
    }
}
