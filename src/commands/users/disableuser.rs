//! `disableuser`: locks a user out.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Locks a user out until `enableuser`.
#[derive(Deserialize, JsonSchema)]
pub struct DisableUser {
    id: UserRef,
}

impl Command for DisableUser {
    const NAME: &'static str = "disableuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user who can no longer log in",
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
        if user.status != Status::Disabled {
            tx.shut_out(&user, Status::Disabled)?;
        }
        Ok(Done::default())
    }
}
