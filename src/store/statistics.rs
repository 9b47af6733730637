//! How much a provider has, counted as far as counting is cheap.
//!
//! Numbers kept up with every change would cost each registration a row that all of them write. People
//! look at these pages now and then; so the rows are counted when they ask, and not beyond a bound.

use super::backend::{Params, Tx};
use crate::domain::time::Time;
use crate::error::Result;

/// So many of a kind are counted, the newest.
pub const COUNTED: i64 = 10_000;

/// A licence that ends soon.
pub struct Ending {
    /// Its key.
    pub key: String,
    /// When it ends.
    pub end: Time,
    /// How many may use it.
    pub limit: i64,
    /// How many do.
    pub used: i64,
}
/// The states of a mail.
const MAIL_STATES: [&str; 3] = ["waiting", "sent", "dead"];

/// What a provider has.
#[derive(Debug, Default)]
pub struct Holdings {
    /// The state of users, and how many of the newest are in it.
    pub users: Vec<(String, i64)>,
    /// The devices of these users.
    pub devices: i64,
    /// Licences.
    pub licenses: i64,
    /// Depots.
    pub depots: i64,
    /// Services.
    pub services: i64,
    /// How far each kind was counted.
    most: i64,
}

/// What the whole server has under way.
#[derive(Debug, Default)]
pub struct Traffic {
    /// The states of the newest mails, and how many are in each.
    pub mails: [(&'static str, i64); MAIL_STATES.len()],
    /// Sessions that have not ended; no more than are counted.
    pub sessions: i64,
}

impl Tx<'_> {
    /// What the whole server has under way.
    pub fn traffic(&self, now: Time) -> Result<Traffic> {
        let mails =
            "SELECT state, count(*) FROM (SELECT state FROM outbox ORDER BY id DESC LIMIT $1) AS newest
                     GROUP BY state ORDER BY state";
        let sessions = "SELECT count(*) FROM (SELECT 1 FROM sessions WHERE expires > $1 LIMIT $2) AS live";
        let found: Vec<(String, i64)> = self.all(mails, &[&COUNTED], |row| Ok((row.get(0)?, row.get(1)?)))?;
        // What nobody has is shown as well: an alarm cannot wait for a number that is not there.
        let of = |state: &str| found.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        Ok(Traffic {
            mails: MAIL_STATES.map(|state| (state, of(state))),
            sessions: self.one(sessions, &[&now.0, &COUNTED], |row| row.get(0))?.unwrap_or(0),
        })
    }

    /// What a provider has, so many of each kind at most.
    pub fn holdings(&self, provider: i64, most: i64) -> Result<Holdings> {
        let users = "SELECT status, count(*) FROM
                     (SELECT status FROM users WHERE providerid = $1 ORDER BY id DESC LIMIT $2) AS newest
                     GROUP BY status ORDER BY status";
        let devices = "SELECT count(*) FROM (SELECT 1 FROM
                       (SELECT id FROM users WHERE providerid = $1 ORDER BY id DESC LIMIT $2) AS newest
                       JOIN devices ON devices.userid = newest.id LIMIT $2) AS counted";
        let licenses =
            "SELECT count(*) FROM (SELECT 1 FROM licenses WHERE providerid = $1 LIMIT $2) AS counted";
        let depots = "SELECT count(*) FROM (SELECT 1 FROM depots WHERE providerid = $1 LIMIT $2) AS counted";
        let services =
            "SELECT count(*) FROM (SELECT 1 FROM services WHERE providerid = $1 LIMIT $2) AS counted";
        let values: Params<'_> = &[&provider, &most];
        let count = |sql| -> Result<i64> { Ok(self.one(sql, values, |row| row.get(0))?.unwrap_or(0)) };
        Ok(Holdings {
            users: self.all(users, values, |row| Ok((row.get(0)?, row.get(1)?)))?,
            devices: count(devices)?,
            licenses: count(licenses)?,
            depots: count(depots)?,
            services: count(services)?,
            most,
        })
    }

    /// The licences of a provider by their state as it was set, so many at most: the state, whether their time is
    /// over, the number.
    pub fn license_states(&self, provider: i64, now: Time, most: i64) -> Result<Vec<(String, bool, i64)>> {
        let sql = "SELECT status, ended, count(*) FROM
                   (SELECT status, CASE WHEN validuntil <= $1 THEN 1 ELSE 0 END AS ended FROM licenses
                    WHERE providerid = $2 ORDER BY licensekey LIMIT $3) AS counted
                   GROUP BY status, ended ORDER BY status, ended";
        self.all(sql, &[&now.0, &provider, &most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// The active licences of a provider that end between these times, the next one first.
    pub fn ending_licenses(&self, provider: i64, from: Time, until: Time, most: i64) -> Result<Vec<Ending>> {
        let sql = "SELECT licensekey, validuntil, seats, used + pooled FROM licenses
                   WHERE providerid = $1 AND status = 'active' AND validuntil > $2 AND validuntil <= $3
                   ORDER BY validuntil LIMIT $4";
        self.all(sql, &[&provider, &from.0, &until.0, &most], |row| {
            Ok(Ending { key: row.get(0)?, end: Time(row.get(1)?), limit: row.get(2)?, used: row.get(3)? })
        })
    }
}

impl Holdings {
    /// How many users are in a state; of all states without one.
    pub fn users(&self, status: Option<&str>) -> i64 {
        let of = self.users.iter().filter(|(name, _)| status.is_none_or(|status| status == name));
        of.map(|(_, count)| count).sum()
    }

    /// Whether some number is the most that is counted.
    pub fn at_least(&self) -> bool {
        [self.users(None), self.devices, self.licenses, self.depots, self.services].contains(&self.most)
    }
}
