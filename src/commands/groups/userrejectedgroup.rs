//! `userrejectedgroup`: a user turns the invitation to a group down.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use super::userjoinedgroup::{answering, by_code, open};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::groups::Answer;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::codes::Purpose;

/// Notes that a user does not want to join a group; after 3 refusals there are no more invitations to it. Where
/// nothing is asked, nothing is noted. A member leaves by `removeuserfromgroup`.
#[derive(Deserialize, JsonSchema)]
pub struct UserRejectedGroup {
    id: Answer,
}

impl Command for UserRejectedGroup {
    const NAME: &'static str = "userrejectedgroup";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::WrongActivationCode, Code::GroupUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "no, thank you",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "inviteusertogroup groupreference=north username=carol",
            ],
            call: "groupreference=north username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "the code to join is not the one to refuse",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "inviteusertogroup groupreference=north username=carol",
            ],
            call: "activationcode={code}",
            reply: "<exception><primarycode>-30106</primarycode><secondarycode></secondarycode>\
                <message>Wrong activation code</message></exception>",
        },
    ];
    type Reply = Done;

    /// The code is what a person proves the right with; without one, it takes API access.
    fn class(&self) -> Class {
        answering(&self.id)
    }

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        open(call, tx, &self.id, Purpose::GroupRefusal)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, group, refusals) = match &self.id {
            Answer::Code(code) => by_code(call, tx, code, Purpose::GroupRefusal)?,
            Answer::Named(gid, id) => {
                let (user, group) = named::pair(call, tx, gid, id)?;
                if user.group_id == Some(group.id) {
                    return Err(invalid("the user is a member already, whom removeuserfromgroup takes out"));
                }
                let invitation = tx.invitation(call, group.id, user.id)?;
                if !invitation.open {
                    return Ok(Done::default());
                }
                (user, group, invitation.refusals)
            }
        };
        tx.refuse_invitation(group.id, user.id, refusals)?;
        Ok(Done::default())
    }
}
