//! `setlicenseholder`: who owns a licence and administers it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::LicenseRef;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a user the holder of a license. Who uses it stays the same.
#[derive(Deserialize, JsonSchema)]
pub struct SetLicenseHolder {
    id: UserRef,
    lic: LicenseRef,
}

impl Command for SetLicenseHolder {
    const NAME: &'static str = "setlicenseholder";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::LicenseUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that nobody holds yet",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-9691-1359-9058 username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "licensekey=DEMO-0000-0000-0000 username=carol",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, license) = named::pair(call, tx, &self.id, &self.lic)?;
        tx.change_license(call, &license, &license.with_holder(user.id), "")?;
        Ok(Done::default())
    }
}
