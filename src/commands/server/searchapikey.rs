//! `searchapikey`: the keys of a user, without their secrets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::createapikey::MOST;
use crate::access::{self, Class, Scope};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::time::Time;
use crate::domain::user::SelfOrUser;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::credentials::KeyRow;

/// Lists the API keys of a user, also those that have ended by their date. Secrets are not shown: nobody
/// has them but who made the key.
#[derive(Deserialize, JsonSchema)]
pub struct SearchApiKey {
    id: SelfOrUser,
}

/// The keys.
#[derive(Serialize, JsonSchema)]
pub struct Keys {
    /// the keys, the oldest first
    apikeylist: KeyList,
}

/// The keys of the list.
#[derive(Serialize, JsonSchema)]
struct KeyList {
    apikey: Vec<ListedKey>,
}

/// A key.
#[derive(Serialize, JsonSchema)]
struct ListedKey {
    /// the key's number
    keyid: i64,
    /// the key, which names it
    key: String,
    /// how it proves its user: basic or signing
    kind: String,
    /// what the key is for
    label: String,
    /// what it may be used for; none: everything that its user may do
    scope: Vec<String>,
    /// when it was made, UTC
    #[schemars(with = "Time")]
    created: String,
    /// when it ends, UTC; empty: it does not
    #[schemars(with = "Option<Time>")]
    validuntil: String,
    /// when it was last used, UTC, at most a minute late; empty: never
    #[schemars(with = "Option<Time>")]
    lastused: String,
}

impl From<KeyRow> for ListedKey {
    fn from(row: KeyRow) -> ListedKey {
        let stamp = |time: Option<Time>| time.map(|time| time.stamp()).unwrap_or_default();
        ListedKey {
            keyid: row.id,
            key: row.name,
            kind: row.kind,
            label: row.label,
            scope: Scope::stored(&row.scope).entries().collect(),
            created: row.created.stamp(),
            validuntil: stamp(row.valid_until),
            lastused: stamp(row.last_used),
        }
    }
}

impl Command for SearchApiKey {
    const NAME: &'static str = "searchapikey";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a key that was never used",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createapikey username=carol kind=basic label=page scope=users:view validuntil=12/31/2026",
            ],
            call: "username=carol",
            reply: "<apikeylist><apikey><keyid>1</keyid><key>rk-stsyq5wupvzzfii96xp4</key><kind>basic</kind>\
                <label>page</label><scope>users:view</scope><created>01/01/2026 00:00:00.00</created>\
                <validuntil>01/01/2027 00:00:00.00</validuntil><lastused></lastused></apikey></apikeylist>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Keys;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Keys> {
        let user = tx.the_user_or_self(call, &self.id)?;
        let apikey = tx.keys(user.id, MOST)?.into_iter().map(ListedKey::from).collect();
        Ok(Keys { apikeylist: KeyList { apikey } })
    }
}
