//! `searchsite`: the applications that may sign, and how long their secrets live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::sites::SiteRow;

/// Lists the sites of all providers. Secrets are not shown.
#[derive(Deserialize, JsonSchema)]
pub struct SearchSite {
    /// only the site of that name
    sitename: Option<String>,
    /// only sites of the provider that the call is for
    #[serde(default)]
    onlyown: bool,
}

/// The sites.
#[derive(Serialize, JsonSchema)]
pub struct Sites {
    /// the sites, the oldest first
    sitelist: SiteList,
}

/// The sites of the list.
#[derive(Serialize, JsonSchema)]
struct SiteList {
    site: Vec<FoundSite>,
}

/// A site.
#[derive(Serialize, JsonSchema)]
struct FoundSite {
    /// the site's number
    siteid: i64,
    /// the name
    sitename: String,
    /// the key, which names it when it signs
    sitekey: String,
    /// the code of its provider
    distributor: String,
    /// whether it may call at all
    enabled: bool,
    /// how many secrets sign for it now
    secrets: usize,
    /// when the older of two secrets ends, UTC; empty: no rotation is under way
    #[schemars(with = "Option<Time>")]
    oldsecretends: String,
}

impl Command for SearchSite {
    const NAME: &'static str = "searchsite";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a site whose secret is being exchanged",
            given: &["createsite sitename=tickets", "rotatesitekey sitename=tickets overlap=3600"],
            call: "sitename=tickets",
            reply: "<sitelist><site><siteid>1</siteid><sitename>tickets</sitename>\
                <sitekey>sk-bv49a3aqenje9rq96aae</sitekey><distributor>DEMO</distributor><enabled>true</enabled>\
                <secrets>2</secrets><oldsecretends>01/01/2026 01:00:00.00</oldsecretends></site></sitelist>",
        },
        Example {
            shows: "what is no truth",
            given: &[],
            call: "onlyown=perhaps",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: onlyown must be true or false</message></exception>",
        },
    ];
    type Reply = Sites;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Sites> {
        let name = self.sitename.as_deref().map(names::key);
        let seen = |row: &SiteRow| {
            (!self.onlyown || row.provider_id == call.provider.id)
                && name.as_ref().is_none_or(|name| *name == names::key(&row.name))
        };
        let rows = tx.sites()?.into_iter().filter(seen);
        let site: Result<Vec<FoundSite>> = rows.map(|row| shown(call, tx, row)).collect();
        Ok(Sites { sitelist: SiteList { site: site? } })
    }
}

fn shown(call: &Call, tx: &Tx<'_>, row: SiteRow) -> Result<FoundSite> {
    let ends = tx.site_key_ends(row.id)?;
    let live = ends.iter().map(|(_, end)| *end).filter(|end| end.is_none_or(|end| call.now < end));
    let provider = call.snapshot.provider_by_id(row.provider_id);
    Ok(FoundSite {
        siteid: row.id,
        sitename: row.name,
        sitekey: row.key,
        distributor: provider.map_or(String::new(), |provider| provider.code.clone()),
        enabled: row.enabled,
        secrets: live.clone().count(),
        oldsecretends: live.flatten().min().map_or(String::new(), |end| end.stamp()),
    })
}
