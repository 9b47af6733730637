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
        let overlap = checked(self.overlap)?;
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
    let keys = tx.service_key_lives(service)?.into_iter().map(|key| (key.id, key.ends)).collect();
    let (gone, kept) = retired(keys, call.now, overlap);
    gone.into_iter().try_for_each(|id| tx.drop_service_key(id))?;
    let Some((id, until)) = kept else { return Ok(None) };
    tx.end_service_key(id, until)?;
    Ok(Some(until))
}

/// Of keys with their ends, the oldest first, those that end at once when another one comes, and the one that is good
/// for a while, with its end.
pub fn retired(
    mut keys: Vec<(i64, Option<Time>)>,
    now: Time,
    overlap: i64,
) -> (Vec<i64>, Option<(i64, Time)>) {
    let is_live = |end: Option<Time>| end.is_none_or(|end| now < end);
    let newest = keys.iter().rposition(|(_, end)| is_live(*end)).filter(|_| overlap > 0);
    let kept = newest.map(|at| keys.remove(at)).map(|(id, end)| {
        let until = now.plus(overlap * SECOND);
        (id, end.map_or(until, |end| end.min(until)))
    });
    (keys.into_iter().map(|(id, _)| id).collect(), kept)
}

/// The overlap as it was given, or the usual one, in seconds.
pub fn checked(overlap: Option<i64>) -> Result<i64> {
    service::overlap_of(overlap.unwrap_or(USUAL))
}
