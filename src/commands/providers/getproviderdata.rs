//! `getproviderdata`: one provider, and which ones it manages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::provider::{ShownProvider, the_provider};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows a provider: to every caller its own, to services of the default provider any, to others those that they
/// may act for.
#[derive(Deserialize, JsonSchema)]
pub struct GetProviderData {
    /// the provider's code; left out: the provider that the call is for
    code: Option<String>,
}

/// The provider.
#[derive(Serialize, JsonSchema)]
pub struct ProviderData {
    /// the provider
    providerdata: ShownProvider,
    /// the codes of the providers that it manages
    manages: Vec<String>,
}

impl Command for GetProviderData {
    const NAME: &'static str = "getproviderdata";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ProviderUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "one's own provider, which manages another one",
            given: &["createprovider code=GAMA name='Gamma Storage' managedby=DEMO"],
            call: "",
            reply: "<providerdata><code>DEMO</code><name>Demo Company</name><contactemail></contactemail>\
                <managedby></managedby><isdefault>true</isdefault><stated>true</stated>\
                <created>01/01/2026 00:00:00.00</created></providerdata><manages>GAMA</manages>",
        },
        Example {
            shows: "an unknown provider",
            given: &[],
            call: "code=NONE",
            reply: "<exception><primarycode>-30114</primarycode><secondarycode></secondarycode>\
                <message>Provider not found</message></exception>",
        },
    ];
    type Reply = ProviderData;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<ProviderData> {
        let all = tx.providers()?;
        let row = the_provider(call, &all, self.code.as_deref())?;
        let managed = all.iter().filter(|other| other.managed_by == Some(row.id));
        let manages = managed.map(|other| other.code.clone()).collect();
        Ok(ProviderData { providerdata: ShownProvider::of(call, row, &all), manages })
    }
}
