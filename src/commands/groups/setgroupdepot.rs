//! `setgroupdepot`: the members of a group use a depot together.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Gives a group a depot, in place of the one that it has; it goes before the members' own. A manager without API
/// access gives only depots that the manager or a member owns.
#[derive(Deserialize, JsonSchema)]
pub struct SetGroupDepot {
    gid: GroupRef,
    /// the depot's number
    depotid: i64,
}

impl Command for SetGroupDepot {
    const NAME: &'static str = "setgroupdepot";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown, Code::GroupUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot for the members",
            given: &[
                "createdepot username=alice hosturl=https://depots.example.com storagelimit=1000000",
                "creategroup username=alice groupname='Sales North' groupreference=north",
            ],
            call: "groupreference=north depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown depot",
            given: &["creategroup username=alice groupname='Sales North' groupreference=north"],
            call: "groupreference=north depotid=4711",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let group = tx.the_group(call, &self.gid)?;
        let depot = named::depot(call, tx, &group, self.depotid)?;
        tx.set_group_depot(&group, Some(&depot))?;
        Ok(Done::default())
    }
}
