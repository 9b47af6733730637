//! `sendpassword`: a temporary password by mail, for someone who has lost theirs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::time::SECOND;
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::outbox::Mail;
use crate::store::users::User;

/// Sends a temporary password of ten digits, in place of an earlier one. Whoever is no service is answered
/// 0 whether or not there is such a user, and causes three mails an hour to a user at most.
#[derive(Deserialize, JsonSchema)]
pub struct SendPassword {
    id: UserRef,
    #[serde(skip)]
    hash: String,
}

impl Command for SendPassword {
    const NAME: &'static str = "sendpassword";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::UserDisabled, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail with a temporary password is written",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user, asked for by a service",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        self.user(call, tx)?;
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        let hash = passwords.hash(digits(call).reveal(), &call.random16("password salt"));
        self.hash = hash.map_err(Error::Failed)?;
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = self.user(call, tx)?;
        if !call.caller.is_trusted() && !tx.stranger_mails(call, user.as_ref().map(|user| user.id))? {
            return Ok(Done::default());
        }
        let Some(user) = user else { return Ok(Done::default()) };
        let life = call.snapshot.server.temporary_password_seconds.saturating_mul(SECOND);
        tx.set_temporary(user.id, &self.hash, call.now.plus(life))?;
        // A mail with something that the person must enter is sent whatever `sendmail` says.
        tx.add_mail(call, &user, &Mail::new("tmppassword", &[("TMPPASSWORD", &digits(call))]))?;
        Ok(Done::default())
    }
}

impl SendPassword {
    /// The user who gets the mail; strangers do not learn whether there is one.
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<User>> {
        let user = tx.the_user(call, &self.id).and_then(|user| match user.status {
            Status::Disabled => Code::UserDisabled.refuse(),
            _ => Ok(user),
        });
        rules::known(call, user)
    }
}

/// Ten random digits; of 2^64 numbers each comes up equally often but for one in a billion.
fn digits(call: &Call) -> Secret {
    let mut number = [0; 8];
    number.copy_from_slice(&call.random("temporary password")[..8]);
    Secret::new(format!("{:010}", u64::from_le_bytes(number) % 10_000_000_000))
}
