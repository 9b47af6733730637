//! What holders were told about the end of a licence: once each, also where the program was started anew between.

use super::backend::{FromRow, Row, Tx};
use crate::domain::time::Time;
use crate::error::Result;

/// A licence whose holder is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Its row.
    pub license: i64,
    /// When it ends.
    pub end: Time,
}

fn read(row: &Row<'_>) -> FromRow<Ending> {
    Ok(Ending { license: row.get(0)?, end: Time(row.get(1)?) })
}

impl Tx<'_> {
    /// Licences of a provider that end behind `from` and not behind `to`, whose holders were not told yet that so
    /// few days are left. One that was made for a shorter time than that is not announced.
    pub fn licenses_to_announce(
        &self,
        provider: i64,
        (from, to): (Time, Time),
        days: i64,
        most: i64,
    ) -> Result<Vec<Ending>> {
        let sql = "SELECT l.id, l.validuntil FROM licenses l
                   WHERE l.providerid = $1 AND l.status = 'active' AND l.validuntil IS NOT NULL
                   AND l.validuntil > $2 AND l.validuntil <= $3 AND l.created <= l.validuntil - $4 * 86400000000
                   AND NOT EXISTS (SELECT 1 FROM license_notices n
                   WHERE n.licenseid = l.id AND n.validuntil = l.validuntil AND n.days <= $4)
                   ORDER BY l.validuntil LIMIT $5";
        self.all(sql, &[&provider, &from.0, &to.0, &days, &most], read)
    }

    /// Notes that a holder was told; whether that was not noted before.
    pub fn note_notice(&self, ending: &Ending, days: i64) -> Result<bool> {
        let sql = "INSERT INTO license_notices (licenseid, validuntil, days) VALUES ($1, $2, $3)
                   ON CONFLICT (licenseid) DO UPDATE SET validuntil = $2, days = $3
                   WHERE validuntil <> $2 OR days > $3";
        Ok(self.keep_house(sql, &[&ending.license, &ending.end.0, &days])? > 0)
    }
}
