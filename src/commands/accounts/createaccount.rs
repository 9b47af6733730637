//! `createaccount`: a company account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::accounts::AccountCode;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Makes a company account, without members and managers. Its key is the provider's code, the code that was chosen and
/// four digits by chance; none is ever given twice.
#[derive(Deserialize, JsonSchema)]
pub struct CreateAccount {
    /// the company's name
    accountname: String,
    /// four letters or digits for the key
    accountcode: String,
}

/// The new account.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the account's key
    accountkey: String,
}

impl Command for CreateAccount {
    const NAME: &'static str = "createaccount";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "an account",
            given: &[],
            call: "accountname=Acme accountcode=shop",
            reply: "<intresult>0</intresult><accountkey>DEMO-SHOP-9029</accountkey>",
        },
        Example {
            shows: "a code that is too long",
            given: &[],
            call: "accountname=Acme accountcode=bakery",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: accountcode must be four letters or digits</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let name = named::account_name(&self.accountname)?;
        let code = AccountCode::parse(&self.accountcode)
            .ok_or_else(|| invalid("accountcode must be four letters or digits"))?;
        Ok(Created { intresult: Zero, accountkey: tx.add_account(call, name, &code)? })
    }
}
