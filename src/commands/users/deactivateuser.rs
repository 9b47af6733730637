//! `deactivateuser`: a user has to be activated anew.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a user inactive again.
#[derive(Deserialize, JsonSchema)]
pub struct DeactivateUser {
    id: UserRef,
}

impl Command for DeactivateUser {
    const NAME: &'static str = "deactivateuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user who must use an activation code again",
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

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        match user.status {
            Status::Inactive => {}
            Status::Activated => tx.set_status(user.id, Status::Inactive)?,
            // Whoever is shut out comes back as inactive.
            Status::Disabled | Status::ToDelete => tx.set_before(user.id, Status::Inactive)?,
        }
        Ok(Done::default())
    }
}
