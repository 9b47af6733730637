//! `deletedepot`: a depot is gone.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Removes a depot that nobody but its owner uses: no other user, no group, no company account. The owner's own use,
/// which came with the depot, ends with it; where it was the owner's default, another of the owner's depots is. The
/// server license has its place back. The files are the host server's to remove.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDepot {
    /// the depot's number
    depotid: i64,
}

impl Command for DeleteDepot {
    const NAME: &'static str = "deletedepot";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown, Code::StillInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot that its owner alone uses",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a depot that somebody else uses",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
                "setdepotforuser username=alice depotid=1",
            ],
            call: "depotid=1",
            reply: "<exception><primarycode>-30137</primarycode><secondarycode></secondarycode>\
                <message>Still in use: the depot 1 is used by the user alice</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let depot = tx.the_depot(call, self.depotid)?;
        tx.depot_is_free(&depot)?;
        tx.delete_depot(&depot)?;
        Ok(Done::default())
    }
}
