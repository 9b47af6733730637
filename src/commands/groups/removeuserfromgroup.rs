//! `removeuserfromgroup`: a user is a member no longer.
//!
//! A member may do it for itself, without anybody's right: by joining another group it could leave this one anyway.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class, Tie, Ties};
use crate::call::{Call, Person};
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::GroupRef;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, forbidden};
use crate::store::Tx;
use crate::store::groups::Group;
use crate::store::users::User;

/// Takes a user out of a group: the manager anybody, a member itself. Callers with API access also take back an
/// invitation that was not answered yet.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveUserFromGroup {
    gid: GroupRef,
    id: UserRef,
}

impl Command for RemoveUserFromGroup {
    const NAME: &'static str = "removeuserfromgroup";
    const CLASS: Class = Class::Restricted(&[Tie::Member, Tie::Manager]);
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::GroupUnknown, Code::NotAMember, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a member",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "userjoinedgroup groupreference=north username=carol",
            ],
            call: "groupreference=north username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a user who is no member",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
            ],
            call: "groupreference=north username=carol",
            reply: "<exception><primarycode>-30124</primarycode><secondarycode></secondarycode>\
                <message>User is not a member of the group</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, group) = match access::tied(call) {
            Some(person) => self.named_by(call, tx, person)?,
            None => named::pair(call, tx, &self.gid, &self.id)?,
        };
        if user.group_id == Some(group.id) {
            tx.leave_group(user.id)?;
        } else if !tx.invitation(call, group.id, user.id)?.open {
            return Code::NotAMember.refuse();
        }
        tx.end_invitation(group.id, user.id)?;
        Ok(Done::default())
    }
}

impl RemoveUserFromGroup {
    /// By a person without API access, who learns of nobody but members whether they are there.
    fn named_by(&self, call: &Call, tx: &Tx<'_>, person: &Person) -> Result<(User, Group)> {
        let group = tx.the_group(call, &self.gid)?;
        let found = tx.somebody(call, &self.id)?;
        let own = found.as_ref().is_some_and(|user| user.id == person.user);
        if !own && group.manager != Some(person.user) {
            return Err(forbidden(
                "Access denied: removeuserfromgroup takes out yourself only, where you do not manage the group; \
                 a caller of provider level can grant the right API-ACCESS",
            ));
        }
        let Some(user) = found.filter(|user| user.group_id == Some(group.id)) else {
            return Code::NotAMember.refuse();
        };
        access::about(
            call,
            user.id,
            user.provider_id,
            user.rights,
            &Ties { ties: vec![Tie::Manager], manager: false },
        )?;
        Ok((user, group))
    }
}
