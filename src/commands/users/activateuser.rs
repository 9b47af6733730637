//! `activateuser`: the code from the mail makes an inactive user active.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Next, Zero};
use crate::domain::passwords::{self, Passwords};
use crate::domain::secret::Secret;
use crate::domain::user::Status;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::users::User;

/// Activates the user to whom the code was sent.
#[derive(Deserialize, JsonSchema)]
pub struct ActivateUser {
    /// the code
    activationcode: Secret,
    /// the first password, for a user who has none yet
    password: Option<Secret>,
    #[serde(skip)]
    hash: String,
}

/// The activated user.
#[derive(Serialize, JsonSchema)]
pub struct Activated {
    /// always 0
    intresult: Zero,
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
}

impl Command for ActivateUser {
    const NAME: &'static str = "activateuser";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::WrongActivationCode, Code::InvalidPassword];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user without a password sets the first one",
            given: &["registeruser username=carol useremail=carol@example.com"],
            call: "activationcode={code} password=sekret-1234",
            reply: "<intresult>0</intresult><userid>5</userid><username>carol</username>",
        },
        Example {
            shows: "a wrong code",
            given: &[],
            call: "activationcode=nonsense",
            reply: "<exception><primarycode>-30106</primarycode><secondarycode></secondarycode>\
                <message>Wrong activation code</message></exception>",
        },
    ];
    type Reply = Activated;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Activated>> {
        let user = self.user(call, tx)?;
        match &self.password {
            Some(password) if user.password.is_empty() => {
                if !passwords::allowed(password.reveal(), call.snapshot.server.password_length) {
                    return Code::InvalidPassword.refuse();
                }
                Ok(Next::Hash)
            }
            _ => Ok(Next::Run),
        }
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        if let Some(password) = &self.password {
            let hash = passwords.hash(password.reveal(), &call.random16("password salt"));
            self.hash = hash.map_err(Error::Failed)?;
        }
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Activated> {
        let user = self.user(call, tx)?;
        tx.use_codes(call, user.id, Purpose::Activation)?;
        match user.status {
            Status::Inactive => tx.set_status(user.id, Status::Activated)?,
            // Should the deletion be taken back, the user comes back activated.
            Status::ToDelete => tx.set_before(user.id, Status::Activated)?,
            Status::Activated | Status::Disabled => {}
        }
        if user.password.is_empty() && !self.hash.is_empty() {
            tx.set_password(user.id, &self.hash)?;
        }
        Ok(Activated { intresult: Zero, userid: user.id, username: user.username })
    }
}

impl ActivateUser {
    /// The code's user, if the caller may act for that user's provider.
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        let id = tx.code_user(call, self.activationcode.reveal(), Purpose::Activation)?;
        let user = tx.user(id)?.filter(|user| call.reaches(user.provider_id));
        // Of a disabled user the code stays unused: it is good again once the user is enabled.
        let user = user.filter(|user| user.status != Status::Disabled).ok_or(Code::WrongActivationCode)?;
        tx.concerns(user.id);
        Ok(user)
    }
}
