//! `requestuserdeletion`: a user wants to be removed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::current::Current;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::outbox::Mail;

/// Marks a user for removal and sends a code that confirms it.
#[derive(Deserialize, JsonSchema)]
pub struct RequestUserDeletion {
    id: UserRef,
    /// the current password; needed for oneself, and where it is given, it must be right
    password: Option<Secret>,
    #[serde(skip)]
    current: Current,
}

impl Command for RequestUserDeletion {
    const NAME: &'static str = "requestuserdeletion";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::WrongPassword, Code::TooManyAttempts, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail with a confirmation code is written",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        let user = tx.the_user(call, &self.id)?;
        Ok(if self.current.look(call, tx, &user, self.password.as_ref())? { Next::Hash } else { Next::Run })
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        self.current.hash(call, passwords, self.password.as_ref())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        self.current.run(call, tx, &user, self.password.as_ref())?;
        if user.status != Status::ToDelete {
            tx.shut_out(&user, Status::ToDelete)?;
        }
        tx.drop_codes(user.id, Purpose::Deletion)?;
        let code = tx.add_code(call, user.id, Purpose::Deletion, "")?;
        // The person must enter the code, so the mail is sent whatever `sendmail` says.
        tx.add_mail(call, &user, &Mail::new("deletion-requested", &[("ACTIVATIONCODE", &code)]))?;
        Ok(Done::default())
    }
}
