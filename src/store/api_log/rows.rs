//! The rows of the API log: made, counted, thrown away.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;

use super::groups::{Group, Groups, Key};
use super::{Entry, Forgotten};
use crate::domain::time::DAY;
use crate::error::{Error, Result};
use crate::store::backend::{self, Params, Tx, run};
use crate::store::start::make_private;

/// The definition of the tables.
const SCHEMA: &str = include_str!("schema.sql");
/// Its version.
pub(super) const VERSION: i64 = 1;
/// The most rows that the ring of refused calls has.
const RING: i64 = 10_000;
/// The most rows of a kind that are thrown away in one transaction.
const CHUNK: i64 = 1_000;

/// Calls by day, provider and whether they were refused.
pub(super) type Days = HashMap<(i64, i64, bool), i64>;

/// Opens the log's file, and makes it where there is none.
pub(super) fn open(path: &Path) -> Result<Connection> {
    make_private(path).map_err(Error::Down)?;
    let connection = backend::open_writer(path, false)?;
    let quick = "PRAGMA wal_autocheckpoint = 32; PRAGMA cache_size = -2048; PRAGMA foreign_keys = OFF;";
    connection.execute_batch(quick).map_err(backend::sort)?;
    run(&connection, "BEGIN IMMEDIATE")?;
    match version(&Tx::over(&connection, None))? {
        VERSION => {}
        0 => {
            connection.execute_batch(SCHEMA).map_err(backend::sort)?;
            connection.pragma_update(None, "user_version", VERSION).map_err(backend::sort)?;
        }
        other => {
            let why = format!("{} has version {other}, this program knows {VERSION}", path.display());
            return Err(Error::Down(anyhow::anyhow!(why)));
        }
    }
    run(&connection, "COMMIT")?;
    Ok(connection)
}

/// The version of the tables in a file; 0: there are none.
pub(super) fn version(tx: &Tx<'_>) -> Result<i64> {
    let version = tx.one("PRAGMA user_version", &[], |row| row.get(0))?;
    Ok(version.unwrap_or(0))
}

/// The day in which a moment lies.
pub(super) fn day(time: i64) -> i64 {
    time.div_euclid(DAY)
}

impl Tx<'_> {
    /// Adds a call.
    pub(super) fn add_call(&self, entry: &Entry) -> Result<()> {
        let sql =
            "INSERT INTO calls (time, providerid, caller, service, command, userid, code, micros, address,
                   requestid, fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let address = entry.address.map(|address| address.to_string()).unwrap_or_default();
        let values: Params<'_> = &[
            &entry.time.0,
            &entry.provider,
            &entry.caller,
            &entry.service,
            &entry.command,
            &entry.user,
            &entry.code,
            &entry.micros,
            &address,
            &entry.request_id.as_str(),
            &entry.fields,
        ];
        self.keep_house(sql, values).map(drop)
    }

    /// Writes the groups that are due; their rows.
    pub(super) fn write_groups(&self, groups: &Groups, over: bool) -> Result<Vec<(Key, i64)>> {
        let mut rows = Vec::new();
        for (key, group) in groups.due(over) {
            rows.push((key.clone(), self.write_group(group)?));
        }
        if !rows.is_empty() {
            let sql = "DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - $1";
            self.keep_house(sql, &[&RING])?;
        }
        Ok(rows)
    }

    fn write_group(&self, group: &Group) -> Result<i64> {
        if let Some(row) = group.row {
            let sql = "UPDATE refusals SET last = $1, count = $2, requests = $3 WHERE id = $4";
            self.keep_house(sql, &[&group.last, &group.count, &group.requests, &row])?;
            return Ok(row);
        }
        let sql =
            "INSERT INTO refusals (providerid, service, address, reason, code, first, last, count, requests)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
        let values: Params<'_> = &[
            &group.provider,
            &group.service,
            &group.address,
            &group.reason,
            &group.code,
            &group.first,
            &group.last,
            &group.count,
            &group.requests,
        ];
        self.insert(sql, values)
    }

    /// Adds to the numbers of the days.
    pub(super) fn count_days(&self, days: &Days) -> Result<()> {
        let sql = "INSERT INTO call_days (day, providerid, refused, count) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (day, providerid, refused) DO UPDATE SET count = call_days.count + excluded.count";
        for ((day, provider, refused), count) in days {
            self.keep_house(sql, &[day, provider, refused, count])?;
        }
        Ok(())
    }

    /// Throws a few of the calls and refusals away that are older than that, and the numbers of earlier days.
    pub(super) fn forget_calls(&self, before: i64, first_day: i64) -> Result<Forgotten> {
        let sql = "DELETE FROM calls WHERE id IN (SELECT id FROM calls ORDER BY id LIMIT $1) AND time < $2";
        let calls = self.keep_house(sql, &[&CHUNK, &before])?;
        let sql =
            "DELETE FROM refusals WHERE id IN (SELECT id FROM refusals ORDER BY id LIMIT $1) AND last < $2";
        let refusals = self.keep_house(sql, &[&CHUNK, &before])?;
        self.keep_house("DELETE FROM call_days WHERE day < $1", &[&first_day])?;
        let more = i64::try_from(calls.max(refusals)).unwrap_or(0) >= CHUNK;
        Ok(Forgotten { rows: calls + refusals, more })
    }
}
