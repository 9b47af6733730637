//! `removegrouplicense`: a group has its licence no longer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes the license from a group, whose members go by their own then; a license that the group does not have is left
/// alone.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveGroupLicense {
    gid: GroupRef,
    lic: LicenseRef,
}

impl Command for RemoveGroupLicense {
    const NAME: &'static str = "removegrouplicense";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::GroupUnknown, Code::LicenseUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the license of a group",
            given: &[
                "createlicense username=alice productname=client type=yearly featurevalue=professional limit=5",
                "creategroup username=alice groupname='Sales North' groupreference=north",
                "setgrouplicense groupreference=north licensekey=DEMO-2322-8118-9271",
            ],
            call: "groupreference=north licensekey=DEMO-2322-8118-9271",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a license that nobody has",
            given: &["creategroup username=alice groupname='Sales North' groupreference=north"],
            call: "groupreference=north licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let group = tx.the_group(call, &self.gid)?;
        let license = named::license(call, tx, &group, &self.lic)?;
        if group.license == Some(license.id) {
            tx.give_group_license(call, &group, None)?;
        }
        Ok(Done::default())
    }
}
