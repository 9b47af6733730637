//! `createprovider`: a provider, with users, licences and services of its own.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// The longest name in characters `[O]`.
const LONGEST: usize = 100;

/// Adds a provider to the server.
#[derive(Deserialize, JsonSchema)]
pub struct CreateProvider {
    /// the code: four of A-Z and 0-9; it begins licence keys and is never changed
    code: String,
    /// the name; left out: the code
    name: Option<String>,
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
            call: "code=GAMA name='Gamma Storage' managedby=ACME",
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
        let name = self.name.as_deref().unwrap_or(&self.code);
        if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(invalid(format!("name must be at most {LONGEST} printable characters")));
        }
        let rows = tx.providers()?;
        if rows.iter().any(|row| row.code == self.code) {
            return Code::ProviderExists.refuse();
        }
        let manager = match &self.managedby {
            None => None,
            Some(code) => {
                let found = rows.iter().find(|row| row.code.eq_ignore_ascii_case(code));
                Some(found.ok_or(Code::ProviderUnknown)?.id)
            }
        };
        let id = tx.add_provider(&self.code, name, call.now)?;
        if manager.is_some() {
            tx.set_provider(id, name, manager)?;
        }
        Ok(Done::default())
    }
}

/// Four of A-Z and 0-9 `[D]`.
fn is_code(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
