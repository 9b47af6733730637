//! Searching the API log and the ring of refused calls.

use crate::domain::time::Time;
use crate::error::Result;
use crate::store::backend::{FromRow, Row, Tx};
use crate::store::newest::{Bounds, CANDIDATES, Found, Page};

/// Which calls are looked for.
#[derive(Debug, Default)]
pub struct CallSearch {
    /// Only calls for this provider; none: for all.
    pub provider: Option<i64>,
    /// The command.
    pub command: Option<String>,
    /// Who called.
    pub caller: Option<String>,
    /// The service that called.
    pub service: Option<String>,
    /// The primary code.
    pub code: Option<i64>,
    /// From where.
    pub address: Option<String>,
    /// The request.
    pub request: Option<String>,
    /// Only those that were refused.
    pub refused: bool,
}

/// A call in the log.
#[derive(Debug)]
pub struct CallRow {
    /// Its row.
    pub id: i64,
    /// When it began.
    pub time: Time,
    /// The provider that it was for.
    pub provider: i64,
    /// Who called.
    pub caller: String,
    /// The command.
    pub command: String,
    /// Whom it was about.
    pub user: Option<i64>,
    /// 0, or the primary code.
    pub code: i64,
    /// How long it took.
    pub micros: i64,
    /// From where it came.
    pub address: String,
    /// Its request.
    pub request: String,
    /// Its fields as JSON.
    pub fields: String,
}

/// A row of the ring: refusals of one address for one reason in one minute.
#[derive(Debug)]
pub struct RefusalRow {
    /// Its row.
    pub id: i64,
    /// The service that was matched; blank: none.
    pub service: String,
    /// From where.
    pub address: String,
    /// Why.
    pub reason: String,
    /// What the caller was told.
    pub code: i64,
    /// The first one.
    pub first: Time,
    /// The last one.
    pub last: Time,
    /// How many.
    pub count: i64,
    /// The ids of the first ten, one a line.
    pub requests: String,
}

impl CallSearch {
    /// A row whose columns stand as in the statements below, where it is wanted.
    fn read(&self, row: &Row<'_>) -> FromRow<(i64, Time, Option<CallRow>)> {
        let (id, time) = (row.get(0)?, Time(row.get(1)?));
        let is = |column: usize, wanted: &Option<String>| -> FromRow<bool> {
            Ok(match wanted {
                None => true,
                Some(wanted) => row.get_ref(column)?.as_str().ok() == Some(wanted),
            })
        };
        let (provider, code) = (row.get(2)?, row.get(7)?);
        let wanted = self.provider.is_none_or(|wanted| wanted == provider)
            && self.code.is_none_or(|wanted| wanted == code)
            && (!self.refused || code != 0)
            && is(3, &self.caller)?
            && is(4, &self.service)?
            && is(5, &self.command)?
            && is(9, &self.address)?;
        if !wanted {
            return Ok((id, time, None));
        }
        let found = CallRow {
            id,
            time,
            provider,
            caller: row.get(3)?,
            command: row.get(5)?,
            user: row.get(6)?,
            code,
            micros: row.get(8)?,
            address: row.get(9)?,
            request: row.get(10)?,
            fields: row.get(11)?,
        };
        Ok((id, time, Some(found)))
    }
}

impl Tx<'_> {
    /// Calls, the newest first.
    pub fn search_calls(&self, search: &CallSearch, page: &Page) -> Result<Found<CallRow>> {
        let by_request =
            "SELECT id, time, providerid, caller, service, command, userid, code, micros, address,
                          requestid, fields FROM calls WHERE requestid = $1 AND id < $2 AND id > $3
                          ORDER BY id DESC LIMIT $4";
        let by_provider =
            "SELECT id, time, providerid, caller, service, command, userid, code, micros, address,
                           requestid, fields FROM calls WHERE providerid = $1 AND id < $2 AND id > $3
                           ORDER BY id DESC LIMIT $4";
        let all = "SELECT id, time, providerid, caller, service, command, userid, code, micros, address,
                   requestid, fields FROM calls WHERE id < $1 AND id > $2 ORDER BY id DESC LIMIT $3";
        let at = "SELECT id, time FROM calls WHERE id >= $1 ORDER BY id LIMIT 1";
        let Bounds { below, above } = self.bounds(page, at)?;
        let read = |row: &Row<'_>| search.read(row);
        match (&search.request, search.provider) {
            (Some(request), _) => {
                self.newest(page, by_request, &[request, &below, &above, &CANDIDATES], read)
            }
            (None, Some(provider)) => {
                self.newest(page, by_provider, &[&provider, &below, &above, &CANDIDATES], read)
            }
            (None, None) => self.newest(page, all, &[&below, &above, &CANDIDATES], read),
        }
    }

    /// Refused calls, the newest minute first; `provider`: only those matched to a service of it.
    pub fn search_refusals(
        &self,
        provider: Option<i64>,
        address: Option<&str>,
        page: &Page,
    ) -> Result<Found<RefusalRow>> {
        let by_provider =
            "SELECT id, service, address, reason, code, first, last, count, requests FROM refusals
                           WHERE providerid = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4";
        let all = "SELECT id, service, address, reason, code, first, last, count, requests FROM refusals
                   WHERE id < $1 AND id > $2 ORDER BY id DESC LIMIT $3";
        let at = "SELECT id, first FROM refusals WHERE id >= $1 ORDER BY id LIMIT 1";
        let Bounds { below, above } = self.bounds(page, at)?;
        let read = |row: &Row<'_>| {
            let refusal = refusal(row)?;
            let wanted = address.is_none_or(|address| address == refusal.address);
            Ok((refusal.id, refusal.first, Some(refusal).filter(|_| wanted)))
        };
        match provider {
            Some(provider) => self.newest(page, by_provider, &[&provider, &below, &above, &CANDIDATES], read),
            None => self.newest(page, all, &[&below, &above, &CANDIDATES], read),
        }
    }
}

impl Tx<'_> {
    /// How many calls for a provider there were since that day, the newest day first: the day, whether they
    /// were refused, the number.
    pub fn calls_by_day(&self, provider: i64, first_day: i64) -> Result<Vec<(i64, bool, i64)>> {
        let sql = "SELECT day, refused, count FROM call_days WHERE day >= $1 AND providerid = $2
                   ORDER BY day DESC, refused";
        self.all(sql, &[&first_day, &provider], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }
}

fn refusal(row: &Row<'_>) -> FromRow<RefusalRow> {
    Ok(RefusalRow {
        id: row.get(0)?,
        service: row.get(1)?,
        address: row.get(2)?,
        reason: row.get(3)?,
        code: row.get(4)?,
        first: Time(row.get(5)?),
        last: Time(row.get(6)?),
        count: row.get(7)?,
        requests: row.get(8)?,
    })
}
