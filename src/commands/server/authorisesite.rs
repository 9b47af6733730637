//! `authorisesite`: a user lets another site act for the user (seed 003).

use schemars::JsonSchema;
use serde::Deserialize;

use super::site;
use crate::access::{self, Class};
use crate::call::{Call, Caller};
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, forbidden};
use crate::store::Tx;
use crate::store::users::User;

/// Lets another site act for a user, as if the user called. Only the user's home site, signing for the user, can say so,
/// or the user in a session that the password has opened.
#[derive(Deserialize, JsonSchema)]
pub struct AuthoriseSite {
    id: UserRef,
    /// the key of the site, or its name
    site: String,
}

impl Command for AuthoriseSite {
    const NAME: &'static str = "authorisesite";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::SiteUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "in a session that the user's password has opened",
            given: &[
                "createsite sitename=tickets",
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol site=tickets",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody site=tickets",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        by_home_or_password(call, &user)?;
        let site = site::of_user(tx, &self.site, user.provider_id)?;
        // The home site needs nobody's word.
        if user.home != Some(site.id) {
            tx.authorise_site(user.id, &site, call.now)?;
        }
        Ok(Done::default())
    }
}

/// Whoever else acts for the user could let in whom they like, and the user would not know.
fn by_home_or_password(call: &Call, user: &User) -> Result<()> {
    let allowed = match &call.caller {
        Caller::Operator => true,
        Caller::Person(person) if person.user == user.id => match &person.session {
            Some(_) => person.by_password(),
            // A job has no secret that signed, and may have been begun by a session.
            None => person.site.as_ref().is_some_and(|site| site.home && site.key.is_some()),
        },
        _ => false,
    };
    match allowed {
        true => Ok(()),
        false => Err(forbidden(
            "Access denied: a site is authorised by the user's home site, or by the user in a session that the password \
             has opened",
        )),
    }
}
