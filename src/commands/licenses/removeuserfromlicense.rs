//! `removeuserfromlicense`: a user uses a licence no longer.

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

/// Takes a license from a user and its devices. Where it was the default, the user has none then, until it logs
/// in or is given one; whoever holds the license goes on holding it.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveUserFromLicense {
    id: UserRef,
    lic: LicenseRef,
}

impl Command for RemoveUserFromLicense {
    const NAME: &'static str = "removeuserfromlicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::LicenseUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the license that came with a user",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol licensekey=DEMO-2322-8118-9271",
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
        let (user, license) = named::pair(call, tx, &self.id, &self.lic)?;
        tx.stop_using(license.id, user.id)?;
        Ok(Done::default())
    }
}
