//! `setusername`: another name for a user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::names;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Changes the name.
#[derive(Deserialize, JsonSchema)]
pub struct SetUsername {
    id: UserRef,
    /// the new name, unique on the server
    newusername: String,
}

impl Command for SetUsername {
    const NAME: &'static str = "setusername";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::UserExists, Code::InvalidUsername, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new name",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newusername=caroline",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a name that is taken",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newusername=ALICE",
            reply: "<exception><primarycode>-30103</primarycode><secondarycode></secondarycode>\
                <message>Username already exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        let name = names::composed(&self.newusername);
        if user.username != name {
            rules::other_username(call, tx, provider, &user, &name)?;
            tx.set_username(user.id, &name)?;
        }
        Ok(Done::default())
    }
}
