//! `assignusertolicense`: a user uses a licence from now on.

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

/// Makes a license the one that a user uses, in place of the one before. A license without a holder is held by
/// this user then.
#[derive(Deserialize, JsonSchema)]
pub struct AssignUserToLicense {
    id: UserRef,
    lic: LicenseRef,
}

impl Command for AssignUserToLicense {
    const NAME: &'static str = "assignusertolicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::LicenseUnknown, Code::LicenseLimit, Code::LicenseEnded, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that nobody holds yet",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "username=carol licensekey=DEMO-9691-1359-9058",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, license) = named::usable(call, tx, &self.id, &self.lic)?;
        tx.set_license(user.id, user.license_id, Some(license.id))?;
        if license.holder.is_none() {
            tx.change_license(call, &license, &license.with_holder(user.id), "")?;
        }
        Ok(Done::default())
    }
}
