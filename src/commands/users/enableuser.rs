//! `enableuser`: lets a user back in.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;

/// Restores the state before `disableuser`, and takes a requested deletion back.
#[derive(Deserialize, JsonSchema)]
pub struct EnableUser {
    id: UserRef,
}

impl Command for EnableUser {
    const NAME: &'static str = "enableuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user who was disabled",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "disableuser username=carol",
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
        if matches!(user.status, Status::Disabled | Status::ToDelete) {
            tx.enable(user.id)?;
            tx.drop_codes(user.id, Purpose::Deletion)?;
        }
        Ok(Done::default())
    }
}
