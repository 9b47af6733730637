//! `setdepotusage`: how full a depot is, as its host server has measured it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::bytes;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Tells how many bytes a depot holds, and how much traffic it had. It may be more than the limits: what is measured is
/// noted as it is. A host server tells it often and nobody has decided on it, so it is no change for the audit log, like
/// the contacts of devices.
#[derive(Deserialize, JsonSchema)]
pub struct SetDepotUsage {
    /// the depot's number
    depotid: i64,
    /// bytes that it holds
    storageused: i64,
    /// bytes of traffic so far; absent: as before
    trafficused: Option<i64>,
}

impl Command for SetDepotUsage {
    const NAME: &'static str = "setdepotusage";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot that holds a gigabyte",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "depotid=1 storageused=1073741824 trafficused=5000000",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &[],
            call: "depotid=4711 storageused=0",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let depot = tx.the_depot(call, self.depotid)?;
        let storage = bytes("storageused", self.storageused)?;
        let traffic = bytes("trafficused", self.trafficused.unwrap_or(depot.traffic_used))?;
        tx.set_depot_usage(&depot, storage, traffic)?;
        Ok(Done::default())
    }
}
