//! `getrights`: what a user was granted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::rights::Right;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the rights of a user.
#[derive(Deserialize, JsonSchema)]
pub struct GetRights {
    id: UserRef,
}

/// The rights of a user.
#[derive(Serialize, JsonSchema)]
pub struct Granted {
    /// the rights, the least first
    rightlist: RightList,
}

/// The rights of the list.
#[derive(Serialize, JsonSchema)]
struct RightList {
    right: Vec<Right>,
}

impl Command for GetRights {
    const NAME: &'static str = "getrights";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user with two rights",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "grantright username=carol right=EDIT-PROVIDER",
                "grantright username=carol right=API-ACCESS",
            ],
            call: "username=carol",
            reply: "<rightlist><right>API-ACCESS</right><right>EDIT-PROVIDER</right></rightlist>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Granted;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Granted> {
        let user = tx.the_user(call, &self.id)?;
        Ok(Granted { rightlist: RightList { right: user.rights.each().collect() } })
    }
}
