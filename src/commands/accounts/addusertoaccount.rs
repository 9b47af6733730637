//! `addusertoaccount`: a user belongs to the company from now on.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a user a member of a company account. A user belongs to one at most, and takes a seat in its license.
#[derive(Deserialize, JsonSchema)]
pub struct AddUserToAccount {
    id: UserRef,
    /// the account's key
    accountkey: String,
}

impl Command for AddUserToAccount {
    const NAME: &'static str = "addusertoaccount";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::AccountUnknown, Code::OtherAccount, Code::LicenseLimit, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com activate=true",
            ],
            call: "username=carol accountkey=DEMO-SHOP-9029",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a user of another account",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com activate=true",
                "addusertoaccount accountkey=DEMO-SHOP-9029 username=carol",
                "createaccount accountname=Globex accountcode=GLOB",
            ],
            call: "username=carol accountkey=DEMO-GLOB-1249",
            reply: "<exception><primarycode>-30127</primarycode><secondarycode></secondarycode>\
                <message>User belongs to another account</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, account) = named::pair(call, tx, &self.id, &self.accountkey)?;
        tx.join_account(&user, &account)?;
        Ok(Done::default())
    }
}
