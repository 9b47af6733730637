//! `deleteaccount`: an account that nobody belongs to is removed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Removes a company account without members. License and depot stay, and the key is never given again.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteAccount {
    /// the account's key
    accountkey: String,
}

impl Command for DeleteAccount {
    const NAME: &'static str = "deleteaccount";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AccountUnknown, Code::StillInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "an account without members",
            given: &["createaccount accountname=Acme accountcode=shop"],
            call: "accountkey=DEMO-SHOP-9029",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an account with a member",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com activate=true",
                "addusertoaccount accountkey=DEMO-SHOP-9029 username=carol",
            ],
            call: "accountkey=DEMO-SHOP-9029",
            reply: "<exception><primarycode>-30137</primarycode><secondarycode></secondarycode>\
                <message>Still in use: members belong to the account (1); removeuserfromaccount takes \
                them out of it</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let account = tx.the_account(call, &self.accountkey)?;
        if account.members > 0 {
            return Err(Code::StillInUse.say(format!(
                "Still in use: members belong to the account ({}); removeuserfromaccount takes them out of it",
                account.members
            )));
        }
        named::set_license(call, tx, &account, None)?;
        tx.delete_account(&account)?;
        Ok(Done::default())
    }
}
