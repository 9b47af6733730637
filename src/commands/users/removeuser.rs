//! `removeuser`: the user is gone, the licences and depots with it or not.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::outbox::Mail;

/// Removes a user; its licences and depots stay without a holder unless they are to go too.
#[derive(Deserialize, JsonSchema)]
pub struct RemoveUser {
    id: UserRef,
    /// whether the licences that the user holds go too
    #[serde(default, alias = "delete_license")]
    #[schemars(extend("x-aliases" = ["delete_license"]))]
    deletelicense: bool,
    /// whether the depots that the user owns go too
    #[serde(default, alias = "delete_depot")]
    #[schemars(extend("x-aliases" = ["delete_depot"]))]
    deletedepot: bool,
}

impl Command for RemoveUser {
    const NAME: &'static str = "removeuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::StillInUse, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user and the licences it holds",
            given: &["registeruser username=carol useremail=carol@example.com"],
            call: "username=carol deletelicense=$true",
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
        tx.leave_everybody(user.id)?;
        if self.deletelicense {
            tx.remove_held_licenses(user.id)?;
        }
        if self.deletedepot {
            tx.remove_owned_depots(user.id)?;
        }
        tx.remove_user(user.id)?;
        if call.sends_mail(Some(false)) {
            tx.add_mail(call, &user, &Mail::new("user-removed", &[]))?;
        }
        Ok(Done::default())
    }
}
