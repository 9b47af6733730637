//! `updateprovider`: another name, contact or manager of a provider.

use schemars::JsonSchema;
use serde::Deserialize;

use super::provider::{NONE, contact, manager, name, the_provider};
use super::service::stated;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Changes a provider; what is left out stays. Who manages it is decided by the default provider alone; the code
/// begins licence keys and is never changed.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateProvider {
    /// the provider's code; left out: the provider that the call is for
    code: Option<String>,
    /// the new name
    name: Option<String>,
    /// whom to ask about it; a hyphen: nobody
    contactemail: Option<String>,
    /// the code of the provider that may act for it; a hyphen: only the default provider may
    managedby: Option<String>,
}

impl Command for UpdateProvider {
    const NAME: &'static str = "updateprovider";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ProviderUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "whom to ask about one's own provider",
            given: &[],
            call: "contactemail=office@example.com",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a circle of managers",
            given: &["createprovider code=GAMA managedby=BETA", "createprovider code=DELT managedby=GAMA"],
            call: "code=GAMA managedby=DELT",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: managedby goes in a circle: GAMA, by DELT, by GAMA</message></exception>",
        },
        Example {
            shows: "a name that the configuration states",
            given: &[],
            call: "code=ACME name='Acme Storage'",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: set in the configuration</message></exception>",
        },
        Example {
            shows: "an unknown provider",
            given: &[],
            call: "code=NONE name=Nobody",
            reply: "<exception><primarycode>-30114</primarycode><secondarycode></secondarycode>\
                <message>Provider not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn class(&self) -> Class {
        if self.managedby.is_some() { Class::Server } else { Class::Provider }
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let all = tx.providers()?;
        let row = the_provider(call, &all, self.code.as_deref())?;
        if self.name.is_none() && self.contactemail.is_none() && self.managedby.is_none() {
            return Err(invalid("one of name, contactemail, managedby is needed"));
        }
        let is_stated = call.snapshot.stated.providers.contains_key(&row.code);
        if is_stated && (self.name.is_some() || self.managedby.is_some()) {
            return Err(stated());
        }
        let new_name = self.name.as_deref().map_or(Ok(row.name.as_str()), name)?;
        let new_manager = match self.managedby.as_deref() {
            None => row.managed_by,
            Some(NONE) => None,
            Some(code) => Some(manager(tx, code)?),
        };
        if new_name != row.name || new_manager != row.managed_by {
            tx.set_provider(row.id, new_name, new_manager)?;
        }
        let email = match self.contactemail.as_deref() {
            None => row.email.clone(),
            Some(NONE) => String::new(),
            Some(address) => contact(address)?,
        };
        if email != row.email {
            tx.set_provider_email(row.id, &email)?;
        }
        Ok(Done::default())
    }
}
