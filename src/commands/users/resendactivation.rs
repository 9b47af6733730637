//! `resendactivation`: another activation code, for someone who has lost the first mail.

use schemars::JsonSchema;
use serde::Deserialize;

use super::registeruser::activation_template;
use super::rules;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::{PendingRef, Status};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::outbox::Mail;
use crate::store::users::User;

/// Sends a new activation code; the four before it stay good, because mails overtake each other.
#[derive(Deserialize, JsonSchema)]
pub struct ResendActivation {
    id: PendingRef,
}

impl Command for ResendActivation {
    const NAME: &'static str = "resendactivation";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::AlreadyActivated, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail with a new code is written",
            given: &["registeruser username=carol useremail=carol@example.com"],
            call: "username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a user who is activated",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol",
            reply: "<exception><primarycode>-30116</primarycode><secondarycode></secondarycode>\
                <message>Account already activated</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = rules::known(call, self.user(call, tx))?;
        if !call.caller.is_trusted() && !tx.stranger_mails(call, user.as_ref().map(|user| user.id))? {
            return Ok(Done::default());
        }
        let Some(user) = user else { return Ok(Done::default()) };
        tx.keep_newest_codes(user.id, Purpose::Activation)?;
        let code = tx.add_code(call, user.id, Purpose::Activation, "")?;
        // The person must enter the code, so the mail is sent whatever `sendmail` says.
        tx.add_mail(call, &user, &Mail::new(activation_template(&user), &[("ACTIVATIONCODE", &code)]))?;
        Ok(Done::default())
    }
}

impl ResendActivation {
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        let user = self.named(call, tx)?;
        match user.status {
            Status::Inactive => Ok(user),
            _ => Code::AlreadyActivated.refuse(),
        }
    }

    fn named(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        match &self.id {
            PendingRef::User(id) => tx.the_user(call, id),
            // A code that is unknown or used names nobody.
            PendingRef::ActivationCode(code) => match tx.code(call, code.reveal(), Purpose::Activation)? {
                Some(row) if !row.used => tx.the_user_by_id(call, row.user),
                _ => Code::UserUnknown.refuse(),
            },
        }
    }
}
