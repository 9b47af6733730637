//! `deletegroup`: a group is no more; its members stay users.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Deletes a group. Its members are in no group then and go by their own licenses and depots; its license and its
/// depot stay with whoever has them; open invitations end.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteGroup {
    gid: GroupRef,
}

impl Command for DeleteGroup {
    const NAME: &'static str = "deletegroup";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::GroupUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a group with a member",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "userjoinedgroup groupreference=north username=carol",
            ],
            call: "groupreference=north",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown group",
            given: &[],
            call: "groupreference=south",
            reply: "<exception><primarycode>-30123</primarycode><secondarycode></secondarycode>\
                <message>Group not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let group = tx.the_group(call, &self.gid)?;
        tx.delete_group(call, &group)?;
        Ok(Done::default())
    }
}
