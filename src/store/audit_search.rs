//! Searching the audit log.

use super::backend::{FromRow, Row, Tx};
use super::newest::{Bounds, CANDIDATES, Found, Page};
use crate::domain::time::Time;
use crate::error::Result;

/// Which changes are looked for.
#[derive(Debug, Default)]
pub struct AuditSearch {
    /// Only those made for this provider; none: for all.
    pub provider: Option<i64>,
    /// The user concerned.
    pub user: Option<i64>,
    /// The command.
    pub command: Option<String>,
    /// Who made it.
    pub caller: Option<String>,
    /// The request.
    pub request: Option<String>,
}

/// A change in the log.
#[derive(Debug)]
pub struct AuditRow {
    /// Its row.
    pub id: i64,
    /// When it was made.
    pub time: Time,
    /// For which provider.
    pub provider: i64,
    /// Who made it.
    pub caller: String,
    /// What the caller said about where the call came from.
    pub origin: String,
    /// By which command.
    pub command: String,
    /// The user concerned.
    pub user: Option<i64>,
    /// The fields as JSON, secrets masked.
    pub fields: String,
    /// What is different, as JSON, as it was.
    pub before: String,
    /// The same as it is.
    pub after: String,
    /// The request.
    pub request: String,
}

impl AuditSearch {
    /// A row whose columns stand as in the statements below, where it is wanted.
    fn read(&self, row: &Row<'_>) -> FromRow<(i64, Time, Option<AuditRow>)> {
        let (id, time) = (row.get(0)?, Time(row.get(1)?));
        let (provider, user) = (row.get(2)?, row.get(6)?);
        let is = |column: usize, wanted: &Option<String>| -> FromRow<bool> {
            Ok(match wanted {
                None => true,
                Some(wanted) => row.get_ref(column)?.as_str().ok() == Some(wanted),
            })
        };
        let wanted = self.provider.is_none_or(|wanted| wanted == provider)
            && self.user.is_none_or(|wanted| user == Some(wanted))
            && is(3, &self.caller)?
            && is(5, &self.command)?;
        if !wanted {
            return Ok((id, time, None));
        }
        let found = AuditRow {
            id,
            time,
            provider,
            caller: row.get(3)?,
            origin: row.get(4)?,
            command: row.get(5)?,
            user,
            fields: row.get(7)?,
            before: row.get(8)?,
            after: row.get(9)?,
            request: row.get(10)?,
        };
        Ok((id, time, Some(found)))
    }
}

impl Tx<'_> {
    /// Changes, the newest first.
    pub fn search_audit(&self, search: &AuditSearch, page: &Page) -> Result<Found<AuditRow>> {
        let by_request =
            "SELECT id, time, providerid, caller, origin, command, userid, fields, before, after,
                          requestid FROM audit WHERE requestid = $1 AND id < $2 AND id > $3
                          ORDER BY id DESC LIMIT $4";
        let by_user = "SELECT id, time, providerid, caller, origin, command, userid, fields, before, after,
                       requestid FROM audit WHERE userid = $1 AND id < $2 AND id > $3
                       ORDER BY id DESC LIMIT $4";
        let by_provider =
            "SELECT id, time, providerid, caller, origin, command, userid, fields, before, after,
                           requestid FROM audit WHERE providerid = $1 AND id < $2 AND id > $3
                           ORDER BY id DESC LIMIT $4";
        let all = "SELECT id, time, providerid, caller, origin, command, userid, fields, before, after,
                   requestid FROM audit WHERE id < $1 AND id > $2 ORDER BY id DESC LIMIT $3";
        let at = "SELECT id, time FROM audit WHERE id >= $1 ORDER BY id LIMIT 1";
        let Bounds { below, above } = self.bounds(page, at)?;
        let read = |row: &Row<'_>| search.read(row);
        match (&search.request, search.user, search.provider) {
            (Some(request), ..) => {
                self.newest(page, by_request, &[request, &below, &above, &CANDIDATES], read)
            }
            (_, Some(user), _) => self.newest(page, by_user, &[&user, &below, &above, &CANDIDATES], read),
            (_, _, Some(provider)) => {
                self.newest(page, by_provider, &[&provider, &below, &above, &CANDIDATES], read)
            }
            _ => self.newest(page, all, &[&below, &above, &CANDIDATES], read),
        }
    }
}
