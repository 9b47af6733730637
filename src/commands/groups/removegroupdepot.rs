//! `removegroupdepot`: a group has its depot no longer.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes the depot from a group, whose members go by their own then; a depot that the group does not have is left alone.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveGroupDepot {
    gid: GroupRef,
    /// the depot's number
    depotid: i64,
}

impl Command for RemoveGroupDepot {
    const NAME: &'static str = "removegroupdepot";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown, Code::GroupUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the depot of a group",
            given: &[
                "createdepot username=alice hosturl=https://depots.example.com storagelimit=1000000",
                "creategroup username=alice groupname='Sales North' groupreference=north",
                "setgroupdepot groupreference=north depotid=1",
            ],
            call: "groupreference=north depotid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a depot that nobody has",
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
        if group.depot == Some(depot.id) {
            tx.set_group_depot(&group, None)?;
        }
        Ok(Done::default())
    }
}
