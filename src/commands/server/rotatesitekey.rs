//! `rotatesitekey`: a new secret for a site, while the old one still signs for a while.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::site::{add_secret, the_site};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::commands::providers::rotateservicekey::{checked, retired};
use crate::domain::secret::Secret;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Makes a new secret for a site, whose key stays. The old one is accepted until the overlap ends, so that the program
/// can be changed meanwhile; of two old ones the older ends at once. Sessions end with the secret that opened them.
#[derive(Deserialize, JsonSchema)]
pub struct RotateSiteKey {
    /// the site's number; this or its name is needed
    siteid: Option<i64>,
    /// the site's name; this or its number is needed
    sitename: Option<String>,
    /// seconds for which the old secret is still accepted; default 604800, 7 days; 0: it ends at once
    overlap: Option<i64>,
}

/// The new secret.
#[derive(Serialize, JsonSchema)]
pub struct Rotated {
    /// always 0
    intresult: Zero,
    /// the site's number
    siteid: i64,
    /// the site's key, which names it
    sitekey: String,
    /// the new secret; shown here once
    sitesecret: Secret,
    /// when the old secret ends, UTC; empty: it has ended
    #[schemars(with = "Option<Time>")]
    oldsecretends: String,
}

impl Command for RotateSiteKey {
    const NAME: &'static str = "rotatesitekey";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SiteUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new secret, the old one good for another hour",
            given: &["createsite sitename=tickets"],
            call: "sitename=tickets overlap=3600",
            reply: "<intresult>0</intresult><siteid>1</siteid><sitekey>sk-bv49a3aqenje9rq96aae</sitekey>\
                <sitesecret>q68tzt7buwjva8a3grvhdq43k29jxhfe</sitesecret>\
                <oldsecretends>01/01/2026 01:00:00.00</oldsecretends>",
        },
        Example {
            shows: "an unknown site",
            given: &[],
            call: "sitename=nobody",
            reply: "<exception><primarycode>-30153</primarycode><secondarycode></secondarycode>\
                <message>Site not found</message></exception>",
        },
    ];
    type Reply = Rotated;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Rotated> {
        let overlap = checked(self.overlap)?;
        let site = the_site(tx, self.siteid, self.sitename.as_deref())?;
        let (gone, kept) = retired(tx.site_key_ends(site.id)?, call.now, overlap);
        gone.into_iter().try_for_each(|id| tx.drop_site_key(id))?;
        if let Some((id, until)) = kept {
            tx.end_site_key(id, until)?;
        }
        Ok(Rotated {
            intresult: Zero,
            siteid: site.id,
            sitekey: site.key,
            sitesecret: add_secret(call, tx, site.id)?,
            oldsecretends: kept.map_or(String::new(), |(_, end)| end.stamp()),
        })
    }
}
