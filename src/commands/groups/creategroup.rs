//! `creategroup`: a new group, with the user who manages it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::group_changes::NewGroup;

/// Makes a group, which has no members yet; the user named manages it, without being a member.
#[derive(Deserialize, JsonSchema)]
pub struct CreateGroup {
    id: UserRef,
    /// its name, which other groups may have, too
    groupname: String,
    /// an external handle, which no other group of the provider has
    groupreference: Option<String>,
}

/// The new group.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the group's number
    groupid: i64,
}

impl Command for CreateGroup {
    const NAME: &'static str = "creategroup";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::GroupExists, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a group that carol manages",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol groupname='Sales North' groupreference=north",
            reply: "<intresult>0</intresult><groupid>1</groupid>",
        },
        Example {
            shows: "a reference that is taken",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
            ],
            call: "username=carol groupname='Sales Norway' groupreference=north",
            reply: "<exception><primarycode>-30136</primarycode><secondarycode></secondarycode>\
                <message>Group already exists</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let manager = tx.the_user(call, &self.id)?;
        let reference = self.groupreference.as_deref().unwrap_or_default();
        named::name(&self.groupname)?;
        named::free_reference(tx, manager.provider_id, "groupreference", reference)?;
        let (provider, name) = (manager.provider_id, self.groupname.as_str());
        let groupid = tx.add_group(call, &NewGroup { provider, reference, name, manager: manager.id })?;
        Ok(Created { intresult: Zero, groupid })
    }
}
