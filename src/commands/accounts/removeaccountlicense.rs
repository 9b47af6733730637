//! `removeaccountlicense`: the company's members have that licence no longer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::LicenseRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes a license from a company account, and its members give back their seats. One that the account does not have
/// is left alone.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveAccountLicense {
    /// the account's key
    accountkey: String,
    lic: LicenseRef,
}

impl Command for RemoveAccountLicense {
    const NAME: &'static str = "removeaccountlicense";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AccountUnknown, Code::LicenseUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the license of an account",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "createlicense username=alice productname=client type=yearly featurevalue=professional limit=5",
                "setaccountlicense accountkey=DEMO-SHOP-9029 licensekey=DEMO-9691-1359-9058",
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
        let license = named::license(call, tx, &account, &self.lic)?;
        if account.license == Some(license.id) {
            named::set_license(call, tx, &account, None)?;
        }
        Ok(Done::default())
    }
}
