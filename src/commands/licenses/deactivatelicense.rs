//! `deactivatelicense`: a licence is in force no longer, for now.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::{LicenseRef, Status};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Puts a license out of force for now; one that is already so stays so. Whoever uses it goes on having it.
#[derive(Deserialize, JsonSchema)]
pub struct DeactivateLicense {
    lic: LicenseRef,
}

impl Command for DeactivateLicense {
    const NAME: &'static str = "deactivatelicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown, Code::LicenseEnded];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that is in force",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a cancelled license",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
                "cancellicense licensekey=DEMO-2322-8118-9271",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<exception><primarycode>-30211</primarycode><secondarycode></secondarycode>\
                <message>License is cancelled or expired</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let license = tx.the_license(call, &self.lic)?;
        named::change(call, tx, &license, &None, |old| match old.stored {
            Status::Cancelled => Code::LicenseEnded.refuse(),
            _ => Ok(old.with_status(Status::Inactive)),
        })
        .map(|_| Done::default())
    }
}
