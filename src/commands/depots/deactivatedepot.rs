//! `deactivatedepot`: a depot may not be used.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::depots::Depot;

/// Switches a depot off. It stays with its users, and goes on taking its place of a server license; the host server is
/// told by its state. One that is off stays so.
#[derive(Deserialize, JsonSchema)]
pub struct DeactivateDepot {
    /// the depot's number
    depotid: i64,
}

impl Command for DeactivateDepot {
    const NAME: &'static str = "deactivatedepot";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &[],
            call: "depotid=4711",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let depot = tx.the_depot(call, self.depotid)?;
        tx.change_depot(&depot, &Depot { active: false, ..depot.clone() })?;
        Ok(Done::default())
    }
}
