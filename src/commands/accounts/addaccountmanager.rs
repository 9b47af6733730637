//! `addaccountmanager`: a user manages the company from now on.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a user a manager of a company account, who need not be a member: managers see and change members' data
/// where a command says so, and administer the account. An account has 100 managers at most, and a user may manage
/// several. Managers without API access name members of their accounts alone.
#[derive(Deserialize, JsonSchema)]
pub struct AddAccountManager {
    id: UserRef,
    /// the account's key
    accountkey: String,
}

impl Command for AddAccountManager {
    const NAME: &'static str = "addaccountmanager";
    const CLASS: Class = access::MANAGED_MEMBER;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::AccountUnknown, Code::Redirect];
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
            shows: "an unknown account",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol accountkey=DEMO-NONE-0000",
            reply: "<exception><primarycode>-30126</primarycode><secondarycode></secondarycode>\
                <message>Account not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, account) = named::pair(call, tx, &self.id, &self.accountkey)?;
        tx.add_account_manager(call, &account, user.id)?;
        Ok(Done::default())
    }
}
