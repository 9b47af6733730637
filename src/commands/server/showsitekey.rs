//! `showsitekey`: the secrets that sign for a site; whoever asks is written down.

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::site::the_site;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::secret::Secret;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the key of a site and its live secrets, the newest last, and leaves a row in the audit log.
#[derive(Deserialize, JsonSchema)]
pub struct ShowSiteKey {
    /// the site's number; this or its name is needed
    siteid: Option<i64>,
    /// the site's name; this or its number is needed
    sitename: Option<String>,
}

/// The key of a site.
#[derive(Serialize, JsonSchema)]
pub struct Shown {
    /// always 0
    intresult: Zero,
    /// the site's number
    siteid: i64,
    /// the site's name
    sitename: String,
    /// the site's key, which names it
    sitekey: String,
    /// its live secrets, the newest last
    secretlist: SecretList,
}

/// The secrets of the list.
#[derive(Serialize, JsonSchema)]
struct SecretList {
    secret: Vec<LiveSecret>,
}

/// A live secret.
#[derive(Serialize, JsonSchema)]
struct LiveSecret {
    /// the secret
    sitesecret: Secret,
    /// when it ends, UTC; empty: it does not
    #[schemars(with = "Option<Time>")]
    notafter: String,
}

impl Command for ShowSiteKey {
    const NAME: &'static str = "showsitekey";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SiteUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a site that has one secret",
            given: &["createsite sitename=tickets"],
            call: "sitename=tickets",
            reply: "<intresult>0</intresult><siteid>1</siteid><sitename>tickets</sitename>\
                <sitekey>sk-bv49a3aqenje9rq96aae</sitekey><secretlist><secret>\
                <sitesecret>fwihsssb4sf5ekjhfxwugip33nvgsjyv</sitesecret><notafter></notafter></secret></secretlist>",
        },
        Example {
            shows: "an unknown site",
            given: &[],
            call: "sitename=nobody",
            reply: "<exception><primarycode>-30153</primarycode><secondarycode></secondarycode>\
                <message>Site not found</message></exception>",
        },
    ];
    type Reply = Shown;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Shown> {
        let site = the_site(tx, self.siteid, self.sitename.as_deref())?;
        let secrets = tx.open_site_keys(&call.vault, site.id)?.into_iter();
        let live = secrets.filter(|secret| secret.not_after.is_none_or(|end| call.now < end));
        let secret = live.map(|live| LiveSecret {
            sitesecret: Secret::new(String::from_utf8_lossy(live.secret.expose_secret())),
            notafter: live.not_after.map_or(String::new(), |end| end.stamp()),
        });
        let secretlist = SecretList { secret: secret.collect() };
        tx.witnessed();
        Ok(Shown { intresult: Zero, siteid: site.id, sitename: site.name, sitekey: site.key, secretlist })
    }
}
