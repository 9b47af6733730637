//! `revokeapikey`: a key is good for nothing any more.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Ends an API key, and every session that was opened with it.
#[derive(Deserialize, JsonSchema)]
pub struct RevokeApiKey {
    /// the key's number; this or the key is needed
    keyid: Option<i64>,
    /// the key; this or its number is needed
    key: Option<String>,
}

impl Command for RevokeApiKey {
    const NAME: &'static str = "revokeapikey";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ApiKeyUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a key of a user",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createapikey username=carol kind=basic",
            ],
            call: "keyid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown key",
            given: &[],
            call: "keyid=99",
            reply: "<exception><primarycode>-30131</primarycode><secondarycode></secondarycode>\
                <message>API key not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let key = match (self.keyid, &self.key) {
            (Some(id), None) => Some(id),
            (None, Some(name)) => tx.key_named(name)?,
            (None, None) => return Err(invalid("one of keyid, key is needed")),
            (Some(_), Some(_)) => return Err(invalid("only one of keyid, key may be given")),
        };
        let key = tx.the_key(call, key)?;
        tx.end_key(key)?;
        Ok(Done::default())
    }
}
