//! `removeuserfromaccount`: a user does not belong to the company any more.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes a user out of a company account. What the user holds stays; managers of the account lose sight of the user
/// at once. A user without an account stays so.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveUserFromAccount {
    id: UserRef,
    /// the account's key
    accountkey: String,
}

impl Command for RemoveUserFromAccount {
    const NAME: &'static str = "removeuserfromaccount";
    const CLASS: Class = access::MANAGED_MEMBER;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::AccountUnknown, Code::OtherAccount, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a member",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com activate=true",
                "addusertoaccount accountkey=DEMO-SHOP-9029 username=carol",
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
        match user.account_id {
            Some(other) if other != account.id => Code::OtherAccount.refuse(),
            Some(_) => tx.leave_account(user.id).map(|()| Done::default()),
            None => Ok(Done::default()),
        }
    }
}
