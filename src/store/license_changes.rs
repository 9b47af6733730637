//! What became of a licence: a row for every change of its terms, state, holder or reference.

use serde_json::{Map, Value};

use super::backend::{Params, Tx};
use super::licenses::License;
use crate::call::Call;
use crate::domain::licenses::{Status, Terms};
use crate::domain::time::Time;
use crate::error::Result;

/// A change as it is listed.
#[derive(Debug)]
pub struct ChangeRow {
    /// Its row.
    pub id: i64,
    /// When it was made.
    pub time: Time,
    /// Who made it.
    pub caller: String,
    /// By which command.
    pub command: String,
    /// The caller's own id of the change.
    pub changeid: String,
    /// What changed, as a JSON object.
    pub before: String,
    /// The same fields afterwards.
    pub after: String,
}

/// What of a licence can change.
fn shown(license: &License) -> Map<String, Value> {
    let Terms { features, limit, valid_until } = license.terms;
    let mut fields = Map::new();
    fields.insert("featurevalue".into(), features.into());
    fields.insert("limit".into(), limit.into());
    fields.insert("validuntil".into(), valid_until.map(Time::stamp).unwrap_or_default().into());
    fields.insert("status".into(), license.stored.name().into());
    fields.insert("holder".into(), license.holder.map_or_else(|| Value::from(""), Value::from));
    fields.insert("licensereference".into(), license.reference.clone().into());
    fields
}

impl Tx<'_> {
    /// Whether the licence has a change of that id already.
    pub fn change_made(&self, license: &License, changeid: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM license_changes WHERE licenseid = $1 AND changeid = $2 AND changeid <> ''";
        self.any(sql, &[&license.id, &changeid])
    }

    /// Brings a licence to what it shall be, and records what that changes; the same again is no change.
    pub fn change_license(&self, call: &Call, old: &License, new: &License, changeid: &str) -> Result<()> {
        let (mut before, mut after) = (shown(old), shown(new));
        let same: Vec<String> = before
            .iter()
            .filter(|(name, value)| after.get(*name) == Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in same {
            before.remove(&name);
            after.remove(&name);
        }
        if after.is_empty() && changeid.is_empty() {
            return Ok(());
        }
        if !after.is_empty() {
            self.rows_differ(before.clone(), after.clone());
            let sql =
                "UPDATE licenses SET features = $1, seats = $2, validuntil = $3, status = $4, holderid = $5,
                       reference = $6 WHERE id = $7";
            let valid_until = new.terms.valid_until.map(|time| time.0);
            let values: Params<'_> = &[
                &new.terms.features,
                &new.terms.limit,
                &valid_until,
                &new.stored.name(),
                &new.holder,
                &new.reference,
                &old.id,
            ];
            self.change(sql, values)?;
        }
        let sql = "INSERT INTO license_changes (licenseid, time, caller, command, changeid, before, after, requestid)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (caller, request) = (call.caller.name(), call.request_id.as_str());
        let (before, after) = (Value::Object(before).to_string(), Value::Object(after).to_string());
        let values: Params<'_> =
            &[&old.id, &call.now.0, &caller, &call.entry.name, &changeid, &before, &after, &request];
        self.keep_house(sql, values).map(drop)
    }

    /// The changes of a licence behind that row, the oldest first, so many at most.
    pub fn license_changes(&self, license: i64, after: i64, most: i64) -> Result<Vec<ChangeRow>> {
        let sql = "SELECT id, time, caller, command, changeid, before, after FROM license_changes
                   WHERE licenseid = $1 AND id > $2 ORDER BY id LIMIT $3";
        self.all(sql, &[&license, &after, &most], |row| {
            Ok(ChangeRow {
                id: row.get(0)?,
                time: Time(row.get(1)?),
                caller: row.get(2)?,
                command: row.get(3)?,
                changeid: row.get(4)?,
                before: row.get(5)?,
                after: row.get(6)?,
            })
        })
    }
}

impl License {
    /// The same in another state.
    #[must_use]
    pub fn with_status(&self, status: Status) -> License {
        License { stored: status, ..self.clone() }
    }

    /// The same on other terms.
    #[must_use]
    pub fn with_terms(&self, terms: Terms) -> License {
        License { terms, ..self.clone() }
    }
}
