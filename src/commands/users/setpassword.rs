//! `setpassword`: a new password for a user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::current::Current;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::passwords::{self, Passwords};
use crate::domain::secret::Secret;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::outbox::Mail;

/// Sets a password; a temporary one ends.
#[derive(Deserialize, JsonSchema)]
pub struct SetPassword {
    id: UserRef,
    /// the new password
    newpassword: Secret,
    /// the current password; needed for one's own password, and where it is given, it must be right
    password: Option<Secret>,
    #[serde(skip)]
    current: Current,
    #[serde(skip)]
    hash: String,
}

impl Command for SetPassword {
    const NAME: &'static str = "setpassword";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::WrongPassword,
        Code::InvalidPassword,
        Code::TooManyAttempts,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a service sets a new password",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newpassword=sekret-5678",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a password that is too short",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol newpassword=short",
            reply: "<exception><primarycode>-30109</primarycode><secondarycode></secondarycode>\
                <message>Invalid password</message></exception>",
        },
    ];
    type Reply = Done;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        let user = tx.the_user(call, &self.id)?;
        if !passwords::allowed(self.newpassword.reveal(), call.snapshot.server.password_length) {
            return Code::InvalidPassword.refuse();
        }
        self.current.look(call, tx, &user, self.password.as_ref())?;
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        self.current.hash(call, passwords, self.password.as_ref())?;
        if self.current.fits(self.password.as_ref()) {
            let hash = passwords.hash(self.newpassword.reveal(), &call.random16("password salt"));
            self.hash = hash.map_err(Error::Failed)?;
        }
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        self.current.run(call, tx, &user, self.password.as_ref())?;
        tx.set_password(user.id, &self.hash)?;
        tx.end_temporary(user.id)?;
        if call.sends_mail(None) {
            tx.add_mail(call, &user, &Mail::new("passwd-changed", &[]))?;
        }
        Ok(Done::default())
    }
}
