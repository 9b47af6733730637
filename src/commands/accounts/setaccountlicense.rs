//! `setaccountlicense`: the company's members have a licence.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Gives a company account a license, in place of the one that it has. Each member takes a seat in it; in force for a
/// member is the group's license before the account's before the user's own. Managers without API access give it a
/// license that they themselves or a member of the account hold.
#[derive(Deserialize, JsonSchema)]
pub struct SetAccountLicense {
    /// the account's key
    accountkey: String,
    lic: LicenseRef,
}

impl Command for SetAccountLicense {
    const NAME: &'static str = "setaccountlicense";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::AccountUnknown, Code::LicenseUnknown, Code::LicenseLimit, Code::LicenseEnded];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "createlicense username=alice productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "accountkey=DEMO-SHOP-9029 licensekey=DEMO-9691-1359-9058",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
            given: &["createaccount accountname=Acme accountcode=shop"],
            call: "accountkey=DEMO-SHOP-9029 licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let account = tx.the_account(call, &self.accountkey)?;
        let license = named::usable(call, tx, &account, &self.lic)?;
        named::set_license(call, tx, &account, Some(license.id))?;
        Ok(Done::default())
    }
}
