//! `createsite`: registers an application that signs for its users (seed 003).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::site;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::secret::{Secret, letters};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::sites::SiteRow;

/// Registers a site, an application of one provider such as a web site or an app, and makes its key and its secret. It
/// registers users, whose home it then is, and signs calls for them and for those who authorise it.
#[derive(Deserialize, JsonSchema)]
pub struct CreateSite {
    /// the name, unique on the server
    sitename: String,
    /// the code of the provider whose application it is; blank: the one that the call is for
    code: Option<String>,
    /// whether it may call at once; default true
    enabled: Option<bool>,
}

/// The new site.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the site's number
    siteid: i64,
    /// the site's key, which names it
    sitekey: String,
    /// the secret that signs its calls; shown here once
    sitesecret: Secret,
}

impl Command for CreateSite {
    const NAME: &'static str = "createsite";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ProviderUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a web site of the provider",
            given: &[],
            call: "sitename=tickets",
            reply: "<intresult>0</intresult><siteid>1</siteid><sitekey>sk-bv49a3aqenje9rq96aae</sitekey>\
                <sitesecret>fwihsssb4sf5ekjhfxwugip33nvgsjyv</sitesecret>",
        },
        Example {
            shows: "an app of another provider",
            given: &[],
            call: "sitename=tickets code=ACME enabled=$false",
            reply: "<intresult>0</intresult><siteid>1</siteid><sitekey>sk-bv49a3aqenje9rq96aae</sitekey>\
                <sitesecret>fwihsssb4sf5ekjhfxwugip33nvgsjyv</sitesecret>",
        },
        Example {
            shows: "a name that another site has",
            given: &["createsite sitename=tickets"],
            call: "sitename=Tickets",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: sitename: there is a site Tickets already</message></exception>",
        },
        Example {
            shows: "an unknown provider",
            given: &[],
            call: "sitename=tickets code=NONE",
            reply: "<exception><primarycode>-30114</primarycode><secondarycode></secondarycode>\
                <message>Provider not found</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let provider = match &self.code {
            Some(code) => call.snapshot.provider(&code.to_ascii_uppercase()).ok_or(Code::ProviderUnknown)?,
            None => &call.provider,
        };
        site::check_name(tx, &self.sitename, 0)?;
        let row = SiteRow {
            id: 0,
            provider_id: provider.id,
            name: self.sitename.clone(),
            key: format!("sk-{}", letters(&call.random("site key")[..20])),
            enabled: self.enabled.unwrap_or(true),
        };
        let siteid = tx.add_site(&row, call.now)?;
        let sitesecret = site::add_secret(call, tx, siteid)?;
        Ok(Created { intresult: Zero, siteid, sitekey: row.key, sitesecret })
    }
}
