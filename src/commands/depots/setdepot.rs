//! `setdepot`: how much a depot may hold, as its host server has set it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::bytes;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::depots::Depot;

/// Sets how many bytes a depot may hold and how much traffic it may have. A limit below what is used already is
/// allowed: nothing more is stored then, and who pays for less can have less at once. With a name, only the depot of
/// that user, its owner or one who uses it, is changed; any other is not found.
#[derive(Deserialize, JsonSchema)]
pub struct SetDepot {
    /// the depot's number
    depotid: i64,
    /// bytes that it may hold
    disclimit: i64,
    /// bytes of traffic that it may have, 0 sets no limit; absent: as before
    trafficlimit: Option<i64>,
    /// the name of a user whose depot it must be
    username: Option<String>,
}

impl Command for SetDepot {
    const NAME: &'static str = "setdepot";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "four gigabytes",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "depotid=1 disclimit=4294967296 trafficlimit=0 username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &[],
            call: "depotid=4711 disclimit=4294967296",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let depot = tx.the_depot(call, self.depotid)?;
        self.belongs(call, tx, &depot)?;
        let storage_limit = bytes("disclimit", self.disclimit)?;
        let traffic_limit = bytes("trafficlimit", self.trafficlimit.unwrap_or(depot.traffic_limit))?;
        tx.change_depot(&depot, &Depot { storage_limit, traffic_limit, ..depot.clone() })?;
        Ok(Done::default())
    }
}

impl SetDepot {
    /// -30122 where it is not the depot of the user named.
    fn belongs(&self, call: &Call, tx: &Tx<'_>, depot: &Depot) -> Result<()> {
        let Some(name) = &self.username else { return Ok(()) };
        let user = match tx.the_user(call, &UserRef::Username(name.clone())) {
            // A depot of somebody who is not there is not there either.
            Err(Error::Refused { code: Code::UserUnknown | Code::Redirect, .. }) => {
                return Code::DepotUnknown.refuse();
            }
            found => found?,
        };
        match depot.owner == Some(user.id) || tx.uses_depot(user.id, depot.id)? {
            true => Ok(()),
            false => Code::DepotUnknown.refuse(),
        }
    }
}
