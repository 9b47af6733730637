//! `activatedepot`: a depot may be used again.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::depots::Depot;

/// Lets a depot be used again; one that may be used stays so.
#[derive(Deserialize, JsonSchema)]
pub struct ActivateDepot {
    /// the depot's number
    depotid: i64,
}

impl Command for ActivateDepot {
    const NAME: &'static str = "activatedepot";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot that was switched off",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
                "deactivatedepot depotid=1",
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
        tx.change_depot(&depot, &Depot { active: true, ..depot.clone() })?;
        Ok(Done::default())
    }
}
