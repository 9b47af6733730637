//! `endservicekey`: the old key of a service ends at another time than its rotation said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::service;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Ends the old key of a service at once, as soon as the program that calls has the new one, or at another time than
/// its rotation said. The new key stays as it is.
#[derive(Deserialize, JsonSchema)]
pub struct EndServiceKey {
    /// the service's number; this or its name is needed
    serviceid: Option<i64>,
    /// the service's name; this or its number is needed
    servicename: Option<String>,
    /// seconds for which the old key is still accepted; left out: 0, it ends at once
    #[serde(default)]
    overlap: i64,
}

/// When it ends.
#[derive(Serialize, JsonSchema)]
pub struct Ended {
    /// always 0
    intresult: Zero,
    /// the service's number
    serviceid: i64,
    /// when the old key ends, UTC; empty: it has ended
    #[schemars(with = "Option<Time>")]
    oldkeyends: String,
}

impl Command for EndServiceKey {
    const NAME: &'static str = "endservicekey";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ServiceUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the program that calls has the new key",
            given: &[
                "createservice servicename=tickets addresses=192.0.2.7",
                "rotateservicekey servicename=tickets",
            ],
            call: "servicename=tickets",
            reply: "<intresult>0</intresult><serviceid>9</serviceid><oldkeyends></oldkeyends>",
        },
        Example {
            shows: "it needs another day",
            given: &[
                "createservice servicename=tickets addresses=192.0.2.7",
                "rotateservicekey servicename=tickets overlap=3600",
            ],
            call: "servicename=tickets overlap=86400",
            reply: "<intresult>0</intresult><serviceid>9</serviceid>\
                <oldkeyends>01/02/2026 00:00:00.00</oldkeyends>",
        },
        Example {
            shows: "no rotation is under way",
            given: &["createservice servicename=tickets addresses=192.0.2.7"],
            call: "servicename=tickets",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: tickets has no old key: rotateservicekey makes a new one beside it</message>\
                </exception>",
        },
        Example {
            shows: "an unknown service",
            given: &[],
            call: "servicename=nobody",
            reply: "<exception><primarycode>-30128</primarycode><secondarycode></secondarycode>\
                <message>Service not found</message></exception>",
        },
    ];
    type Reply = Ended;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Ended> {
        let overlap = service::overlap_of(self.overlap)?;
        let row = service::with_keys(call, tx, self.serviceid, self.servicename.as_deref())?;
        let keys = tx.service_key_lives(row.id)?;
        let old = keys.iter().find(|key| key.ends.is_some_and(|end| call.now < end));
        let stays = keys.iter().any(|key| key.ends.is_none());
        let Some(old) = old.filter(|_| stays) else {
            let name = row.name;
            return Err(invalid(format!(
                "{name} has no old key: rotateservicekey makes a new one beside it"
            )));
        };
        let ends = match overlap {
            0 => {
                tx.drop_service_key(old.id)?;
                String::new()
            }
            seconds => {
                let end = call.now.plus(seconds * SECOND);
                tx.end_service_key(old.id, end)?;
                end.stamp()
            }
        };
        Ok(Ended { intresult: Zero, serviceid: row.id, oldkeyends: ends })
    }
}
