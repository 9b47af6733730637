//! `setdepartment`: the department of a user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::user_changes::TextField;

/// Sets the department.
#[derive(Deserialize, JsonSchema)]
pub struct SetDepartment {
    id: UserRef,
    /// the new department
    department: String,
}

impl Command for SetDepartment {
    const NAME: &'static str = "setdepartment";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new department",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol department=Sales",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody department=Sales",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        rules::short("department", &self.department)?;
        tx.set_text(user.id, TextField::Department, &self.department)?;
        Ok(Done::default())
    }
}
