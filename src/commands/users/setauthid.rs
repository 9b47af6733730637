//! `setauthid`: the id of a user at the external authentication service.

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

/// Sets the id at the external authentication service.
#[derive(Deserialize, JsonSchema)]
pub struct SetAuthId {
    id: UserRef,
    /// the new id, unique within the provider
    newauthid: String,
}

impl Command for SetAuthId {
    const NAME: &'static str = "setauthid";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::AuthIdExists, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new id",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newauthid=ldap-7",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an id that another user has",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "registeruser username=david useremail=david@example.com authid=ldap-7",
            ],
            call: "username=carol newauthid=ldap-7",
            reply: "<exception><primarycode>-30118</primarycode><secondarycode></secondarycode>\
                <message>Authentication ID already exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        if user.authid != self.newauthid {
            rules::authid(tx, provider, &self.newauthid)?;
            tx.set_text(user.id, TextField::AuthId, &self.newauthid)?;
        }
        Ok(Done::default())
    }
}
