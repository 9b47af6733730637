//! `updategroup`: another name, handle or manager for a group.
//!
//! None of the documented commands can do it, and a group whose manager was removed needs a new one.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::groups::Group;

/// Changes a group's name, external handle or manager; what is not given stays. A manager who is replaced can do
/// nothing with the group from then on.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateGroup {
    gid: GroupRef,
    /// the new name
    groupname: Option<String>,
    /// the new external handle, which no other group of the provider has
    newreference: Option<String>,
    /// the name of the user who manages it from now on, member or not
    manager: Option<String>,
}

impl Command for UpdateGroup {
    const NAME: &'static str = "updategroup";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::GroupUnknown, Code::GroupExists, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "another manager and another name",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
            ],
            call: "groupreference=north manager=alice groupname='Sales Norway'",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown group",
            given: &[],
            call: "groupreference=south groupname='Sales South'",
            reply: "<exception><primarycode>-30123</primarycode><secondarycode></secondarycode>\
                <message>Group not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let group = tx.the_group(call, &self.gid)?;
        if self.groupname.is_none() && self.newreference.is_none() && self.manager.is_none() {
            return Err(invalid("one of groupname, newreference, manager is needed"));
        }
        let mut new = group.clone();
        if let Some(name) = &self.groupname {
            named::name(name)?;
            new.name.clone_from(name);
        }
        if let Some(reference) = self.newreference.as_ref().filter(|new| **new != group.reference) {
            named::free_reference(tx, group.provider_id, "newreference", reference)?;
            new.reference.clone_from(reference);
        }
        if let Some(manager) = &self.manager {
            new.manager = Some(manager_of(call, tx, &group, manager)?);
        }
        tx.change_group(&group, &new)?;
        Ok(Done::default())
    }
}

/// The user of that name, who must be of the group's provider; else -30100.
fn manager_of(call: &Call, tx: &Tx<'_>, group: &Group, name: &str) -> Result<i64> {
    let user = tx.the_user(call, &UserRef::Username(name.to_owned()))?;
    match user.provider_id == group.provider_id {
        true => Ok(user.id),
        false => Code::UserUnknown.refuse(),
    }
}
