//! What became of a licence: a row for every change of its terms, state, holder or reference.

use serde_json::{Map, Value};

use super::backend::{Params, Tx};
use super::licenses::License;
use crate::call::Call;
use crate::domain::date::Date;
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

impl Tx<'_> {
    /// What of a licence can change, as it is recorded.
    fn shown(&self, license: &License) -> Result<Map<String, Value>> {
        let Terms { features, limit, valid_until } = license.terms;
        let last_day = valid_until.map(|end| Date::ending(end).to_string()).unwrap_or_default();
        let holder = self.holder(license)?.map(|(name, _)| name).unwrap_or_default();
        let mut fields = Map::new();
        fields.insert("featurevalue".into(), features.into());
        fields.insert("limit".into(), limit.into());
        fields.insert("validuntil".into(), last_day.into());
        fields.insert("status".into(), license.stored.name().into());
        fields.insert("holder".into(), holder.into());
        fields.insert("licensereference".into(), license.reference.clone().into());
        Ok(fields)
    }

    /// Whether the licence has a change of that id already.
    pub fn change_made(&self, license: &License, changeid: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM license_changes WHERE licenseid = $1 AND changeid = $2 AND changeid <> ''";
        self.any(sql, &[&license.id, &changeid])
    }

    /// Records that a licence was made: before it there was nothing.
    pub fn license_made(&self, call: &Call, license: &License, changeid: &str) -> Result<()> {
        self.record(call, license, changeid, (Map::new(), self.shown(license)?))
    }

    /// Brings a licence to what it shall be, and records what that changes; the same again is no change.
    pub fn change_license(&self, call: &Call, old: &License, new: &License, changeid: &str) -> Result<()> {
        let (mut before, mut after) = (self.shown(old)?, self.shown(new)?);
        before.retain(|name, value| after.get(name) != Some(value));
        after.retain(|name, _| before.contains_key(name));
        if !after.is_empty() {
            self.write_license(new)?;
        }
        if after.is_empty() && changeid.is_empty() {
            return Ok(());
        }
        self.record(call, old, changeid, (before, after))
    }

    fn write_license(&self, license: &License) -> Result<()> {
        let sql =
            "UPDATE licenses SET features = $1, seats = $2, validuntil = $3, status = $4, holderid = $5,
                   reference = $6 WHERE id = $7";
        let valid_until = license.terms.valid_until.map(|time| time.0);
        let values: Params<'_> = &[
            &license.terms.features,
            &license.terms.limit,
            &valid_until,
            &license.stored.name(),
            &license.holder,
            &license.reference,
            &license.id,
        ];
        self.change(sql, values).map(drop)
    }

    /// Records that a group has a licence from now on, or has it no longer; an empty name is no group.
    pub fn license_shared_with(
        &self,
        call: &Call,
        license: &License,
        before: &str,
        after: &str,
    ) -> Result<()> {
        let side = |group: &str| Map::from_iter([("group".to_owned(), Value::from(group))]);
        self.record(call, license, "", (side(before), side(after)))
    }

    fn record(
        &self,
        call: &Call,
        license: &License,
        changeid: &str,
        (before, after): (Map<String, Value>, Map<String, Value>),
    ) -> Result<()> {
        self.rows_differ(before.clone(), after.clone());
        self.write_change(call, license.id, changeid, (before, after))
    }

    /// Records which company account has the licence now, and which had it.
    pub fn license_lent(&self, call: &Call, license: i64, before: &str, after: &str) -> Result<()> {
        let side = |key: &str| Map::from_iter([("account".to_owned(), Value::from(key))]);
        self.write_change(call, license, "", (side(before), side(after)))
    }

    fn write_change(
        &self,
        call: &Call,
        license: i64,
        changeid: &str,
        (before, after): (Map<String, Value>, Map<String, Value>),
    ) -> Result<()> {
        let sql = "INSERT INTO license_changes (licenseid, time, caller, command, changeid, before, after, requestid)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (caller, request) = (call.caller.name(), call.request_id.as_str());
        let (before, after) = (Value::Object(before).to_string(), Value::Object(after).to_string());
        let values: Params<'_> =
            &[&license, &call.now.0, &caller, &call.entry.name, &changeid, &before, &after, &request];
        self.change(sql, values).map(drop)
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

    /// The same with another holder.
    #[must_use]
    pub fn with_holder(&self, user: i64) -> License {
        License { holder: Some(user), ..self.clone() }
    }

    /// The same with another reference.
    #[must_use]
    pub fn with_reference(&self, reference: &str) -> License {
        License { reference: reference.to_owned(), ..self.clone() }
    }

    /// The same on other terms.
    #[must_use]
    pub fn with_terms(&self, terms: Terms) -> License {
        License { terms, ..self.clone() }
    }
}
