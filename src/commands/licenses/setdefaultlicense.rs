//! `setdefaultlicense`: the licence that a user uses, in place of the old one.

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

/// Makes a license the one that a user uses, in place of the one before.
#[derive(Deserialize, JsonSchema)]
pub struct SetDefaultLicense {
    id: UserRef,
    lic: LicenseRef,
}

impl Command for SetDefaultLicense {
    const NAME: &'static str = "setdefaultlicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::LicenseUnknown, Code::LicenseLimit, Code::LicenseEnded, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "another license",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "username=carol licensekey=DEMO-9691-1359-9058",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a license of which every place is taken",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registeruser username=daisy useremail=daisy@example.com activate=true",
            ],
            call: "username=daisy licensekey=DEMO-2322-8118-9271",
            reply: "<exception><primarycode>-30209</primarycode><secondarycode></secondarycode>\
                <message>License limit reached</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, license) = named::usable(call, tx, &self.id, &self.lic)?;
        tx.set_license(user.id, user.license_id, Some(license.id))?;
        Ok(Done::default())
    }
}
