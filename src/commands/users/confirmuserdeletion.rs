//! `confirmuserdeletion`: the code from the mail removes the user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules::hide;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::secret::Secret;
use crate::domain::user::Status;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::users::User;

/// Removes the user who asked for it; licences and depots stay without a holder.
#[derive(Deserialize, JsonSchema)]
pub struct ConfirmUserDeletion {
    /// the code
    activationcode: Secret,
}

impl Command for ConfirmUserDeletion {
    const NAME: &'static str = "confirmuserdeletion";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::WrongActivationCode];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the user is gone",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "requestuserdeletion username=carol",
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
        self.user(call, tx).map(|_| Next::Run)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = self.user(call, tx)?;
        tx.outlive(call, self.activationcode.reveal(), &user)?;
        tx.remove_user(user.id)?;
        Ok(Done::default())
    }
}

impl ConfirmUserDeletion {
    /// Who is to be removed.
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        let code = tx.code(call, self.activationcode.reveal(), Purpose::Deletion)?;
        let code = code.filter(|code| !code.used).ok_or(Code::WrongActivationCode)?;
        // Whoever may not act for the user learns nothing about the code.
        let user = tx.the_user_by_id(call, code.user).map_err(hide)?;
        match user.status {
            Status::ToDelete => Ok(user),
            _ => Code::WrongActivationCode.refuse(),
        }
    }
}
