//! `deletelicense`: a licence is gone.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Removes a license that nobody uses, with the record of its changes.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteLicense {
    lic: LicenseRef,
}

impl Command for DeleteLicense {
    const NAME: &'static str = "deletelicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown, Code::StillInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that nobody uses",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a license that its holder uses",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<exception><primarycode>-30137</primarycode><secondarycode></secondarycode>\
                <message>Still in use: the license DEMO-2322-8118-9271 is used by the user carol</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let license = tx.the_license(call, &self.lic)?;
        named::no_default_of_provider(call, &license)?;
        tx.license_is_free(license.id, None)?;
        if license.used > 0 {
            return Code::StillInUse.refuse();
        }
        tx.delete_license(license.id)?;
        Ok(Done::default())
    }
}
