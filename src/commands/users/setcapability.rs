//! `setcapability`: what a user may do or has chosen.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::{Capability, UserRef};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Sets one of the capabilities.
#[derive(Deserialize, JsonSchema)]
pub struct SetCapability {
    id: UserRef,
    /// keyrepository, newsletter, emailbounced or webportal
    capability: Capability,
    /// whether it holds
    value: bool,
}

impl Command for SetCapability {
    const NAME: &'static str = "setcapability";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the newsletter is wanted",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol capability=newsletter value=$true",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody capability=newsletter value=$true",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        tx.set_capability(user.id, self.capability, self.value)?;
        Ok(Done::default())
    }
}
