//! `userjoinedgroup`: a user becomes a member of a group.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::commands::users::rules::hide;
use crate::domain::groups::Answer;
use crate::domain::secret::Secret;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::groups::Group;
use crate::store::users::User;

/// Makes a user a member of a group: by the code of an invitation that is still open, or without any by group and
/// user. The user leaves any other group; the refusals of this one are forgotten.
#[derive(Deserialize, JsonSchema)]
pub struct UserJoinedGroup {
    id: Answer,
}

impl Command for UserJoinedGroup {
    const NAME: &'static str = "userjoinedgroup";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::WrongActivationCode,
        Code::GroupUnknown,
        Code::LicenseLimit,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user whom nobody had to invite",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
            ],
            call: "groupreference=north username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "the code from the mail",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "inviteusertogroup groupreference=north username=carol",
            ],
            call: "activationcode={code}",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a wrong code",
            given: &[],
            call: "activationcode=nonsense",
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
        open(call, tx, &self.id, Purpose::GroupJoin)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, group) = match &self.id {
            Answer::Code(code) => {
                let (user, group, _) = by_code(call, tx, code, Purpose::GroupJoin)?;
                (user, group)
            }
            Answer::Named(gid, id) => named::pair(call, tx, gid, id)?,
        };
        tx.join_group(call, user.id, &group)?;
        tx.end_invitation(group.id, user.id)?;
        Ok(Done::default())
    }
}

/// The class of an answer.
pub fn answering(answer: &Answer) -> Class {
    match answer {
        Answer::Code(_) => Class::Public,
        Answer::Named(..) => Class::Protected,
    }
}

/// Whether there is anything to answer, where a code says so.
pub fn open(call: &Call, tx: &Tx<'_>, answer: &Answer, purpose: Purpose) -> Result<Next<Done>> {
    if let Answer::Code(code) = answer {
        invited(call, tx, code, purpose)?;
    }
    Ok(Next::Run)
}

/// The same as `invited`, and the code is used then.
pub fn by_code(call: &Call, tx: &Tx<'_>, code: &Secret, purpose: Purpose) -> Result<(User, Group, i64)> {
    let found = invited(call, tx, code, purpose)?;
    tx.use_code(call, code.reveal())?;
    Ok(found)
}

/// Who is invited to which group by a code that was not used yet, and with how many refusals behind. Used before: -30100 `[D]`; anything else that is wrong with it, and no open invitation: -30106.
fn invited(call: &Call, tx: &Tx<'_>, code: &Secret, purpose: Purpose) -> Result<(User, Group, i64)> {
    let wrong = Code::WrongActivationCode;
    let row = tx.code(call, code.reveal(), purpose)?.ok_or(wrong)?;
    // Whoever may not act for the user learns nothing about the code.
    let user = tx.the_user_by_id(call, row.user).map_err(hide)?;
    if row.used {
        return Code::UserUnknown.refuse();
    }
    let group = row.data.parse().ok().map_or(Ok(None), |group| tx.group(group))?.ok_or(wrong)?;
    let invitation = tx.invitation(call, group.id, user.id)?;
    if !invitation.open || group.provider_id != user.provider_id {
        return wrong.refuse();
    }
    Ok((user, group, invitation.refusals))
}
