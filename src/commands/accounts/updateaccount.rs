//! `updateaccount`: the company has another name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Sets the name of a company account. Its key stays as it is.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateAccount {
    /// the account's key
    accountkey: String,
    /// the company's new name
    accountname: String,
}

impl Command for UpdateAccount {
    const NAME: &'static str = "updateaccount";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AccountUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new name",
            given: &["createaccount accountname=Acme accountcode=shop"],
            call: "accountkey=DEMO-SHOP-9029 accountname='Acme Trading'",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown account",
            given: &[],
            call: "accountkey=DEMO-NONE-0000 accountname=Acme",
            reply: "<exception><primarycode>-30126</primarycode><secondarycode></secondarycode>\
                <message>Account not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let account = tx.the_account(call, &self.accountkey)?;
        tx.rename_account(&account, named::account_name(&self.accountname)?)?;
        Ok(Done::default())
    }
}
