//! `removeaccountdepot`: the company's members have that depot no longer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes a depot from a company account. One that the account does not have is left alone.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveAccountDepot {
    /// the account's key
    accountkey: String,
    /// the depot's number
    depotid: i64,
}

impl Command for RemoveAccountDepot {
    const NAME: &'static str = "removeaccountdepot";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AccountUnknown, Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the depot of an account",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "createdepot username=alice hosturl=https://depot.example.com storagelimit=1000000",
                "setaccountdepot accountkey=DEMO-SHOP-9029 depotid=1",
            ],
            call: "accountkey=DEMO-SHOP-9029 depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &["createaccount accountname=Acme accountcode=shop"],
            call: "accountkey=DEMO-SHOP-9029 depotid=4711",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let account = tx.the_account(call, &self.accountkey)?;
        let depot = named::depot(call, tx, &account, self.depotid)?;
        if account.depot == Some(depot.id) {
            tx.set_account_depot(&account, None)?;
        }
        Ok(Done::default())
    }
}
