//! `revokeright`: a user may do less again.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::rights::Right;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes a right from a user; all sessions of the user end.
#[derive(Deserialize, JsonSchema)]
pub struct RevokeRight {
    id: UserRef,
    /// the right
    right: Right,
}

impl Command for RevokeRight {
    const NAME: &'static str = "revokeright";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a right that was granted",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "grantright username=carol right=API-ACCESS",
            ],
            call: "username=carol right=API-ACCESS",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody right=API-ACCESS",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        if user.rights.has(self.right) {
            tx.set_rights(user.id, user.rights.without(self.right))?;
            tx.end_sessions(user.id)?;
        }
        Ok(Done::default())
    }
}
