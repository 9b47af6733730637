//! `setdistributor`: a user moves to another provider.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Moves a user to another provider, whose rules then hold; the default licence stays behind unless it
/// moves along.
#[derive(Deserialize, JsonSchema)]
pub struct SetDistributor {
    id: UserRef,
    /// the code of the new provider
    newdistributor: String,
    /// whether the licences that the user holds move along
    #[serde(default)]
    withlicenses: bool,
    /// whether the depots that the user owns move along
    #[serde(default)]
    withdepots: bool,
}

impl Command for SetDistributor {
    const NAME: &'static str = "setdistributor";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::ProviderUnknown,
        Code::EmailExists,
        Code::ReferenceExists,
        Code::AuthIdExists,
        Code::StillInUse,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user moves with the licence it holds",
            given: &[
                "setserversetting setting=APIAllowSettingDistributor value=True",
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newdistributor=ACME withlicenses=$true",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a provider that does not exist",
            given: &[
                "setserversetting setting=APIAllowSettingDistributor value=True",
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newdistributor=NONE",
            reply: "<exception><primarycode>-30114</primarycode><secondarycode></secondarycode>\
                <message>Provider not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let provider = &*access::authorised(&call.snapshot, &call.caller, Some(&self.newdistributor))?;
        if provider.id == user.provider_id {
            return Ok(Done::default());
        }
        rules::reference(tx, provider, &user.reference)?;
        rules::authid(tx, provider, &user.authid)?;
        let old = call.snapshot.provider_by_id(user.provider_id);
        // Between two providers that are not isolated the address stays in the scope it is in.
        if provider.settings.isolated_email || old.is_some_and(|old| old.settings.isolated_email) {
            rules::free_address(call, tx, provider, &user.email)?;
        }
        tx.leave_everybody(user.id)?;
        match self.withlicenses {
            true => tx.move_licenses(user.id, provider.id)?,
            false => tx.leave_behind_licenses(user.id)?,
        }
        tx.move_depots(user.id, provider.id, self.withdepots)?;
        tx.set_provider_of(user.id, provider.id)?;
        Ok(Done::default())
    }
}
