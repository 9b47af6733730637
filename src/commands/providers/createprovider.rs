//! `createprovider`: a provider, with users, licences and services of its own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::provider::{contact, manager, name};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Adds a provider to the server.
#[derive(Deserialize, JsonSchema)]
pub struct CreateProvider {
    /// the code: four of A-Z and 0-9; it begins licence keys and is never changed
    code: String,
    /// the name; left out: the code
    name: Option<String>,
    /// whom to ask about it
    contactemail: Option<String>,
    /// the code of the provider that may act for it; left out: only the default provider may
    managedby: Option<String>,
}

impl Command for CreateProvider {
    const NAME: &'static str = "createprovider";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::ProviderUnknown, Code::ProviderExists, Code::InvalidProviderCode];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a provider that another one manages",
            given: &[],
            call: "code=GAMA name='Gamma Storage' contactemail=office@example.com managedby=ACME",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a code that is taken",
            given: &[],
            call: "code=ACME",
            reply: "<exception><primarycode>-30134</primarycode><secondarycode></secondarycode>\
                <message>Provider already exists</message></exception>",
        },
        Example {
            shows: "a code that cannot be one",
            given: &[],
            call: "code=gamma",
            reply: "<exception><primarycode>-30135</primarycode><secondarycode></secondarycode>\
                <message>Invalid provider code</message></exception>",
        },
        Example {
            shows: "an unknown manager",
            given: &[],
            call: "code=GAMA managedby=NONE",
            reply: "<exception><primarycode>-30114</primarycode><secondarycode></secondarycode>\
                <message>Provider not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        if !is_code(&self.code) {
            return Code::InvalidProviderCode.refuse();
        }
        let name = name(self.name.as_deref().unwrap_or(&self.code))?;
        let email = self.contactemail.as_deref().map(contact).transpose()?;
        if tx.providers()?.iter().any(|row| row.code == self.code) {
            return Code::ProviderExists.refuse();
        }
        let manager = self.managedby.as_deref().map(|code| manager(tx, code)).transpose()?;
        let id = tx.add_provider(&self.code, name, call.now)?;
        if manager.is_some() {
            tx.set_provider(id, name, manager)?;
        }
        if let Some(email) = email {
            tx.set_provider_email(id, &email)?;
        }
        Ok(Done::default())
    }
}

/// Four of A-Z and 0-9 `[D]`.
fn is_code(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
