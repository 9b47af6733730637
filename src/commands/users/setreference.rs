//! `setreference`: the external reference of a user.

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

/// Sets the external reference.
#[derive(Deserialize, JsonSchema)]
pub struct SetReference {
    id: UserRef,
    /// the new reference
    newreference: String,
}

impl Command for SetReference {
    const NAME: &'static str = "setreference";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::ReferenceExists, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new reference",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newreference=C-42",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody newreference=C-42",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        if user.reference != self.newreference {
            rules::reference(tx, provider, &self.newreference)?;
            tx.set_text(user.id, TextField::Reference, &self.newreference)?;
        }
        Ok(Done::default())
    }
}
