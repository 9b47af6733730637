//! `removedepotfromuser`: a user uses a depot no longer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes a depot from a user; whoever owns it goes on owning it. Where it was the default, the oldest of the user's other
/// depots that may be used is. A user who does not use it stays so.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveDepotFromUser {
    id: UserRef,
    /// the depot's number
    depotid: i64,
}

impl Command for RemoveDepotFromUser {
    const NAME: &'static str = "removedepotfromuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::DepotUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot that a user shares with its owner",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=alice hosturl=https://host.example.com",
                "setdepotforuser username=carol depotid=1",
            ],
            call: "username=carol depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol depotid=4711",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, depot) = named::pair(call, tx, &self.id, self.depotid)?;
        tx.leave_depot(user.id, depot.id)?;
        Ok(Done::default())
    }
}
