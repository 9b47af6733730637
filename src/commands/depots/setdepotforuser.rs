//! `setdepotforuser`: a user uses a depot from now on.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Lets a user use a depot, and makes it the default where that is wished. A user's first depot is the default in any
/// case; a default stays one until another depot becomes it. A depot without an owner stays without.
#[derive(Deserialize, JsonSchema)]
pub struct SetDepotForUser {
    id: UserRef,
    /// the depot's number
    depotid: i64,
    /// whether it becomes the user's default, in place of the one before
    #[serde(default)]
    isdefault: bool,
}

impl Command for SetDepotForUser {
    const NAME: &'static str = "setdepotforuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::DepotUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a further depot, used by default",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=alice hosturl=https://host.example.com",
            ],
            call: "username=carol depotid=1 isdefault=true",
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
        tx.use_depot(user.id, depot.id, self.isdefault)?;
        Ok(Done::default())
    }
}
