//! `updatesite`: another name for a site, or an end to its calls for a while.

use schemars::JsonSchema;
use serde::Deserialize;

use super::site;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Changes a site; what is left out stays. While it is disabled, it signs for nobody, and the sessions that it has
/// opened are good for nothing.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateSite {
    /// the site's number; this or its name is needed
    siteid: Option<i64>,
    /// the site's name; this or its number is needed
    sitename: Option<String>,
    /// the new name
    newname: Option<String>,
    /// whether it may call at all
    enabled: Option<bool>,
}

impl Command for UpdateSite {
    const NAME: &'static str = "updatesite";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SiteUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a site that is to call no more for a while",
            given: &["createsite sitename=tickets"],
            call: "sitename=tickets enabled=$false",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown site",
            given: &[],
            call: "sitename=nobody enabled=$false",
            reply: "<exception><primarycode>-30153</primarycode><secondarycode></secondarycode>\
                <message>Site not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, _: &Call, tx: &Tx<'_>) -> Result<Done> {
        let old = site::the_site(tx, self.siteid, self.sitename.as_deref())?;
        let mut row = old.clone();
        if let Some(name) = &self.newname {
            site::check_name(tx, name, old.id)?;
            name.clone_into(&mut row.name);
        }
        row.enabled = self.enabled.unwrap_or(row.enabled);
        if row != old {
            tx.set_site(&old, &row)?;
        }
        Ok(Done::default())
    }
}
