//! `setlicensereference`: the external reference of a licence.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::{self, Changed};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::users::{defaults, rules};
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Sets the external reference of a license.
#[derive(Deserialize, JsonSchema)]
pub struct SetLicenseReference {
    lic: LicenseRef,
    /// the new reference
    newreference: String,
    /// an id of your own for the change; one that is on record for the
    /// license changes nothing, and is answered with `repeated`
    changeid: Option<String>,
}

impl Command for SetLicenseReference {
    const NAME: &'static str = "setlicensereference";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown, Code::LicenseReferenceExists];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new reference",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 newreference=C-42",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
            given: &[],
            call: "licensekey=DEMO-0000-0000-0000 newreference=C-42",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Changed;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changed> {
        let license = tx.the_license(call, &self.lic)?;
        named::changed(call, tx, &license, &self.changeid, |old| {
            rules::short("newreference", &self.newreference)?;
            if old.reference != self.newreference {
                defaults::check_reference(tx, &call.provider, &self.newreference)?;
            }
            Ok(old.with_reference(&self.newreference))
        })
    }
}
