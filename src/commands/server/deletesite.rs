//! `deletesite`: an application that is to sign no more.

use schemars::JsonSchema;
use serde::Deserialize;

use super::site::the_site;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Removes a site, its key, and the sessions that it has opened. Its users stay, without a home. To shut one out for a
/// while, `updatesite` has `enabled`.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteSite {
    /// the site's number; this or its name is needed
    siteid: Option<i64>,
    /// the site's name; this or its number is needed
    sitename: Option<String>,
}

impl Command for DeleteSite {
    const NAME: &'static str = "deletesite";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SiteUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a site that is needed no more",
            given: &["createsite sitename=tickets"],
            call: "sitename=tickets",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown site",
            given: &[],
            call: "sitename=nobody",
            reply: "<exception><primarycode>-30153</primarycode><secondarycode></secondarycode>\
                <message>Site not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, _: &Call, tx: &Tx<'_>) -> Result<Done> {
        let site = the_site(tx, self.siteid, self.sitename.as_deref())?;
        tx.delete_site(&site)?;
        Ok(Done::default())
    }
}
