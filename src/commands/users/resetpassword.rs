//! `resetpassword`: the old password is worth nothing any more.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::passwords::Passwords;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::outbox::Mail;

/// Sets a random password that nobody learns; the user asks for a temporary one with `sendpassword`.
#[derive(Deserialize, JsonSchema)]
pub struct ResetPassword {
    id: UserRef,
    #[serde(skip)]
    hash: String,
}

impl Command for ResetPassword {
    const NAME: &'static str = "resetpassword";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the old password no longer works",
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
        tx.the_user(call, &self.id)?;
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        let random = hex::encode(call.random("password that nobody learns"));
        self.hash = passwords.hash(&random, &call.random16("password salt")).map_err(Error::Failed)?;
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        tx.set_password(user.id, &self.hash)?;
        tx.end_temporary(user.id)?;
        if call.sends_mail(Some(true)) {
            tx.add_mail(call, &user, &Mail::new("passwd-reset", &[]))?;
        }
        Ok(Done::default())
    }
}
