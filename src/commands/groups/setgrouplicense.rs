//! `setgrouplicense`: the members of a group use a licence together.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::domain::licenses::{LicenseRef, Product};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Gives a group a license, in place of the one that it has. It goes before the members' own, and each member
/// takes one seat, also where it uses the license in another way, too. A manager without API access gives only
/// licenses that the manager or a member holds.
#[derive(Deserialize, JsonSchema)]
pub struct SetGroupLicense {
    gid: GroupRef,
    lic: LicenseRef,
}

impl Command for SetGroupLicense {
    const NAME: &'static str = "setgrouplicense";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] =
        &[Code::GroupUnknown, Code::LicenseUnknown, Code::LicenseLimit, Code::LicenseEnded];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license for the members",
            given: &[
                "createlicense username=alice productname=client type=yearly featurevalue=professional limit=5",
                "creategroup username=alice groupname='Sales North' groupreference=north",
                "userjoinedgroup groupreference=north username=alice",
            ],
            call: "groupreference=north licensekey=DEMO-2322-8118-9271",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
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
        if license.product == Product::Server {
            return Err(invalid("a server license is used by depots, not by users"));
        }
        license.in_force(call)?;
        tx.give_group_license(call, &group, Some(&license))?;
        Ok(Done::default())
    }
}
