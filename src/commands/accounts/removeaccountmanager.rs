//! `removeaccountmanager`: a user manages the company no longer.
//!
//! The last manager stays, unless a caller with API access removes it: an account that its own people cannot
//! administer any more would need the provider's help for everything, by a slip of one of them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, forbidden};
use crate::store::Tx;

/// Takes the management of a company account from a user, at once. Managers may remove each other and themselves;
/// the last one is removed by callers with API access alone. Who manages nothing stays so.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveAccountManager {
    id: UserRef,
    /// the account's key
    accountkey: String,
}

impl Command for RemoveAccountManager {
    const NAME: &'static str = "removeaccountmanager";
    const CLASS: Class = access::MANAGED_MEMBER;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::AccountUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a manager",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com activate=true",
                "addaccountmanager accountkey=DEMO-SHOP-9029 username=carol",
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
        let (user, account) = tx.the_manager(call, &self.id, &self.accountkey)?;
        let last =
            || -> Result<bool> { Ok(tx.manages(user.id, account.id)? && tx.count_managers(&account)? == 1) };
        if access::tied(call).is_some() && last()? {
            return Err(forbidden(
                "Access denied: the last manager of an account is removed by callers with API access alone",
            ));
        }
        tx.remove_account_manager(&account, user.id)?;
        Ok(Done::default())
    }
}
