//! `searchprovider`: the providers of the server, as far as the caller may see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::provider::ShownProvider;
use super::service::sees_all;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Lists providers: all of them for services of the default provider, else the caller's own.
#[derive(Deserialize, JsonSchema)]
pub struct SearchProvider {
    /// only the provider that the call is for
    #[serde(default)]
    onlyown: bool,
}

/// The providers.
#[derive(Serialize, JsonSchema)]
pub struct Providers {
    /// the providers, the oldest first
    providerlist: ProviderList,
}

/// The providers of the list.
#[derive(Serialize, JsonSchema)]
struct ProviderList {
    provider: Vec<ShownProvider>,
}

impl Command for SearchProvider {
    const NAME: &'static str = "searchprovider";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "all of them, to a service of the default provider",
            given: &[],
            call: "",
            reply: "<providerlist><provider><code>DEMO</code><name>Demo Company</name><contactemail>\
                </contactemail><managedby></managedby><isdefault>true</isdefault><stated>true</stated>\
                <created>01/01/2026 00:00:00.00</created></provider><provider><code>ACME</code>\
                <name>Acme</name><contactemail></contactemail><managedby></managedby>\
                <isdefault>false</isdefault><stated>true</stated><created>01/01/2026 00:00:00.00</created>\
                </provider><provider><code>BETA</code><name>BETA</name><contactemail></contactemail>\
                <managedby>ACME</managedby><isdefault>false</isdefault><stated>true</stated>\
                <created>01/01/2026 00:00:00.00</created></provider></providerlist>",
        },
        Example {
            shows: "what is no truth",
            given: &[],
            call: "onlyown=perhaps",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: onlyown must be true or false</message></exception>",
        },
    ];
    type Reply = Providers;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Providers> {
        let all = sees_all(call) && !self.onlyown;
        let rows = tx.providers()?;
        let seen = rows.iter().filter(|row| all || row.id == call.provider.id);
        let provider = seen.map(|row| ShownProvider::of(call, row, &rows));
        Ok(Providers { providerlist: ProviderList { provider: provider.collect() } })
    }
}
