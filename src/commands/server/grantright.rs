//! `grantright`: a user may do more than what is its own.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::rights::Right;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, forbidden};
use crate::store::Tx;

/// Grants a right to a user, for every key and session of that user. API-ACCESS opens everything of the
/// provider that users are; with it EDIT-PROVIDER opens what belongs to the provider itself, SUPER-USER the
/// server. Nobody grants a right to themselves, or one that they lack.
#[derive(Deserialize, JsonSchema)]
pub struct GrantRight {
    id: UserRef,
    /// the right
    right: Right,
}

impl Command for GrantRight {
    const NAME: &'static str = "grantright";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "everything of the provider's users",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol right=API-ACCESS",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown right",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol right=EVERYTHING",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: right must be one of API-ACCESS, EDIT-PROVIDER, SUPER-USER\
                </message></exception>",
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
        if call.is_own(user.id) {
            return Err(forbidden("Access denied: nobody grants a right to themselves"));
        }
        if !access::rights(&call.snapshot, &call.caller, user.provider_id).has(self.right) {
            let right = self.right.name();
            return Err(forbidden(format!("Access denied: only who has the right {right} can grant it")));
        }
        if !user.rights.has(self.right) {
            tx.set_rights(user.id, user.rights.with(self.right))?;
        }
        Ok(Done::default())
    }
}
