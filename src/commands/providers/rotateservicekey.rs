//! `rotateservicekey`: a new key for a service, while the old one still signs for a while.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::service;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::secret::Secret;
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::services::KeyLife;

/// Seven days `[O]`.
const USUAL: i64 = 7 * 86_400;

/// Makes a new key for a service. The old one is accepted until the overlap ends, so that the program
/// that calls can be changed meanwhile; of two old ones the older ends at once.
#[derive(Deserialize, JsonSchema)]
pub struct RotateServiceKey {
    /// the service's number; this or its name is needed
    serviceid: Option<i64>,
    /// the service's name; this or its number is needed
    servicename: Option<String>,
    /// seconds for which the old key is still accepted; default 604800, 7 days; 0: it ends at once
    overlap: Option<i64>,
}

/// The new key.
#[derive(Serialize, JsonSchema)]
pub struct Rotated {
    /// always 0
    intresult: Zero,
    /// the service's number
    serviceid: i64,
    /// the new key; shown here once
    servicekey: Secret,
    /// when the old key ends, UTC; empty: it has ended
    #[schemars(with = "Option<Time>")]
    oldkeyends: String,
}

impl Command for RotateServiceKey {
    const NAME: &'static str = "rotateservicekey";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ServiceUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new key, the old one good for another hour",
            given: &["createservice servicename=tickets addresses=192.0.2.7"],
            call: "servicename=tickets overlap=3600",
            reply: "<intresult>0</intresult><serviceid>9</serviceid>\
                <servicekey>ee3d5441bb3f99d61d48a40f1eab6f00</servicekey>\
                <oldkeyends>01/01/2026 01:00:00.00</oldkeyends>",
        },
        Example {
            shows: "a service whose keys stand in the configuration",
            given: &[],
            call: "servicename=kiosk",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: set in the configuration</message></exception>",
        },
        Example {
            shows: "an unknown service",
            given: &[],
            call: "servicename=nobody",
            reply: "<exception><primarycode>-30128</primarycode><secondarycode></secondarycode>\
                <message>Service not found</message></exception>",
        },
    ];
    type Reply = Rotated;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Rotated> {
        let overlap = service::overlap_of(self.overlap.unwrap_or(USUAL))?;
        let row = service::with_keys(call, tx, self.serviceid, self.servicename.as_deref())?;
        let end = retire(call, tx, row.id, overlap)?;
        let key = hex::encode(&call.random("service key")[..16]);
        tx.add_service_key(&call.vault, row.id, &key, call.now, None, &call.random("service key seal"))?;
        Ok(Rotated {
            intresult: Zero,
            serviceid: row.id,
            servicekey: Secret::new(key),
            oldkeyends: end.map_or(String::new(), |end| end.stamp()),
        })
    }
}

/// Leaves at most one key, the newest live one, and lets it end; says when.
fn retire(call: &Call, tx: &Tx<'_>, service: i64, overlap: i64) -> Result<Option<Time>> {
    let mut keys = tx.service_key_lives(service)?;
    let is_live = |key: &KeyLife| key.ends.is_none_or(|end| call.now < end);
    let newest = keys.iter().rposition(is_live).filter(|_| overlap > 0);
    let kept = newest.map(|at| keys.remove(at));
    for key in keys {
        tx.drop_service_key(key.id)?;
    }
    let Some(key) = kept else { return Ok(None) };
    let until = call.now.plus(overlap * SECOND);
    let until = key.ends.map_or(until, |end| end.min(until));
    tx.end_service_key(key.id, until)?;
    Ok(Some(until))
}
