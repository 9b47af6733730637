//! `revokesite`: a site acts for a user no longer (seed 003).

use schemars::JsonSchema;
use serde::Deserialize;

use super::site;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Takes back what a user has allowed another site, and ends the sessions that it has opened for the user. A site that
/// was never authorised is none to be refused.
#[derive(Deserialize, JsonSchema)]
pub struct RevokeSite {
    id: UserRef,
    /// the key of the site, or its name
    site: String,
}

impl Command for RevokeSite {
    const NAME: &'static str = "revokesite";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::SiteUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a site is to act for the user no longer",
            given: &[
                "createsite sitename=tickets",
                "registeruser username=carol useremail=carol@example.com activate=true",
            ],
            call: "username=carol site=tickets",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown site",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol site=nobody",
            reply: "<exception><primarycode>-30153</primarycode><secondarycode></secondarycode>\
                <message>Site not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let site = site::of_user(tx, &self.site, user.provider_id)?;
        if user.home == Some(site.id) {
            return Err(invalid(
                "site is the user's home, by which the user was registered; it is not revoked",
            ));
        }
        tx.revoke_site(user.id, &site)?;
        Ok(Done::default())
    }
}
