//! `inviteusertogroup`: a user is asked to join a group.
//!
//! Only users can be invited: for an address that nobody has registered, `registeruser` with `groupreference` is
//! the way in. An invitation that waited for its address would make a member of whoever registers it first.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::{self, Class, Tie, Ties};
use crate::call::{Call, Caller};
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::groups::{GroupRef, Invited, MOST_REFUSALS};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::groups::Group;
use crate::store::outbox::{Mail, known_as};
use crate::store::users::User;

/// The longest message to the invited user in characters `[O]`.
const LONGEST: usize = 1_000;

/// Invites a user to a group, by a mail with a link to join and one to refuse. An earlier invitation to the same
/// group ends; nothing happens where the user is a member already. To a group's manager without API access, a user
/// who cannot be invited is answered like one who was. An address that nobody has registered cannot be
/// invited: `registeruser` with `groupreference` registers it as a member.
#[derive(Deserialize, JsonSchema)]
pub struct InviteUserToGroup {
    gid: GroupRef,
    id: Invited,
    /// a message to the user, 1000 characters at most
    text: Option<String>,
}

impl Command for InviteUserToGroup {
    const NAME: &'static str = "inviteusertogroup";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::GroupUnknown,
        Code::RejectedTooOften,
        Code::TooManyAttempts,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user is asked",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
            ],
            call: "groupreference=north username=carol text='Come and join us'",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an address that nobody has registered",
            given: &["creategroup username=alice groupname='Sales North' groupreference=north"],
            call: "groupreference=north email=nobody@example.com",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        if self.text.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
            return Err(invalid(format!("text is longer than {LONGEST} characters")));
        }
        if let Some((user, group)) = self.named(call, tx)? {
            self.invite(call, tx, &user, &group)?;
        }
        Ok(Done::default())
    }
}

/// -30133 where the person has caused as many invitation mails as `MaxEmailPerDay` allows.
fn within_a_day(call: &Call, tx: &Tx<'_>) -> Result<()> {
    let most = call.snapshot.server.invitations_a_day;
    let Caller::Person(person) = &call.caller else { return Ok(()) };
    if most < 0 || tx.invitation_mails(call, person.user, most)? {
        return Ok(());
    }
    Err(Code::TooManyAttempts.say(format!(
        "Too many attempts, try again later: MaxEmailPerDay allows a user {most} invitations in 24 hours"
    )))
}

impl InviteUserToGroup {
    /// Who is invited to which group. For a manager, who must not learn who is there, it may be nobody.
    fn named(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<(User, Group)>> {
        let Invited(id) = &self.id;
        if access::tied(call).is_none() {
            let found = named::pair(call, tx, &self.gid, id)?;
            within_a_day(call, tx)?;
            return Ok(Some(found));
        }
        let group = tx.the_group(call, &self.gid)?;
        within_a_day(call, tx)?;
        let user = tx.somebody(call, id)?.filter(|user| {
            let ties = Ties { ties: vec![Tie::Manager], manager: false };
            access::about(call, user.id, user.provider_id, user.rights, &ties).is_ok()
        });
        if !tx.stranger_mails(call, user.as_ref().map(|user| user.id))? {
            return Ok(None);
        }
        Ok(user.map(|user| (user, group)))
    }

    fn invite(&self, call: &Call, tx: &Tx<'_>, user: &User, group: &Group) -> Result<()> {
        if user.group_id == Some(group.id) {
            return Ok(());
        }
        if tx.invitation(call, group.id, user.id)?.refusals >= MOST_REFUSALS {
            return Code::RejectedTooOften.refuse();
        }
        tx.invite(call, group, user.id)?;
        if !call.sends_mail(Some(true)) {
            return Ok(());
        }
        let data = group.id.to_string();
        let join = tx.add_code(call, user.id, Purpose::GroupJoin, &data)?;
        let refuse = tx.add_code(call, user.id, Purpose::GroupRefusal, &data)?;
        let inviter = inviter(call, tx, group)?;
        let text = self.text.as_deref().unwrap_or_default();
        let texts = [("GROUPNAME", group.name.as_str()), ("INVITER", &inviter), ("TEXT", text)];
        let secrets = [("JOINCODE", &join), ("REJECTCODE", &refuse)];
        tx.add_mail(call, user, &Mail::new("group-invitation", &secrets).saying(&texts))
    }
}

/// Who invites, as the mail says it: the person who calls, else the group's manager, else the provider.
fn inviter(call: &Call, tx: &Tx<'_>, group: &Group) -> Result<String> {
    let person = match &call.caller {
        Caller::Person(person) => Some(person.user),
        _ => group.manager,
    };
    let user = person.map_or(Ok(None), |person| tx.user(person))?;
    let provider = || call.snapshot.provider_by_id(group.provider_id).map(|provider| provider.code.clone());
    let name = user.map(|user| known_as(&user).to_owned()).or_else(provider);
    Ok(name.unwrap_or_default())
}
