//! `confirmemail`: the code from the mail makes the new address the user's.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules::{self, hide};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::secret::Secret;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::users::User;

/// Makes the address that `setemail` was given the user's.
#[derive(Deserialize, JsonSchema)]
pub struct ConfirmEmail {
    /// the code
    activationcode: Secret,
}

impl Command for ConfirmEmail {
    const NAME: &'static str = "confirmemail";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::EmailExists, Code::WrongActivationCode];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the new address holds",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "setemail username=carol newemail=caroline@example.com",
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

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        self.change(call, tx).map(|_| Next::Run)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, address) = self.change(call, tx)?;
        tx.use_codes(call, user.id, Purpose::Email)?;
        tx.set_email(user.id, &address)?;
        Ok(Done::default())
    }
}

impl ConfirmEmail {
    /// Whose address it is to be.
    fn change(&self, call: &Call, tx: &Tx<'_>) -> Result<(User, String)> {
        let code =
            tx.code(call, self.activationcode.reveal(), Purpose::Email)?.ok_or(Code::WrongActivationCode)?;
        // Whoever may not act for the user learns nothing about the code.
        let user = tx.the_user_by_id(call, code.user).map_err(hide)?;
        if code.used {
            return Code::UserUnknown.refuse();
        }
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::WrongActivationCode)?;
        rules::other_address(call, tx, provider, &user, &code.data)?;
        Ok((user, code.data))
    }
}
