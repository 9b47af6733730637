//! Who uses a licence, counted as it changes: a licence is never over its limit.
//!
//! Counting the users of a licence anew for each of them would take the longer the larger it is, so the
//! number stands in the licence's row, and a row for each user says in how many ways: by default, and by
//! single devices.

use super::backend::Tx;
use super::users::User;
use crate::error::{Code, Result};

impl Tx<'_> {
    /// One more way in which a user uses a licence; -30209 where that would be a user too many.
    pub fn use_license(&self, license: i64, user: i64) -> Result<()> {
        let sql = "INSERT INTO license_uses (licenseid, userid, ways) VALUES ($1, $2, 1)
                   ON CONFLICT (licenseid, userid) DO UPDATE SET ways = license_uses.ways + 1 RETURNING ways";
        let ways = self.one(sql, &[&license, &user], |row| row.get::<_, i64>(0))?;
        if ways != Some(1) {
            return Ok(());
        }
        let sql = "UPDATE licenses SET used = used + 1 WHERE id = $1 AND used + pooled < seats";
        match self.change(sql, &[&license])? {
            0 => Code::LicenseLimit.refuse(),
            _ => Ok(()),
        }
    }

    /// One way less.
    pub fn release_license(&self, license: i64, user: i64) -> Result<()> {
        let sql = "UPDATE license_uses SET ways = ways - 1 WHERE licenseid = $1 AND userid = $2 AND ways > 1";
        if self.keep_house(sql, &[&license, &user])? > 0 {
            return Ok(());
        }
        let sql = "DELETE FROM license_uses WHERE licenseid = $1 AND userid = $2";
        if self.keep_house(sql, &[&license, &user])? > 0 {
            self.change("UPDATE licenses SET used = used - 1 WHERE id = $1", &[&license])?;
        }
        Ok(())
    }

    /// Gives a user another default licence, or none.
    pub fn set_license(&self, user: &User, license: Option<i64>) -> Result<()> {
        if user.license_id == license {
            return Ok(());
        }
        if let Some(license) = license {
            self.use_license(license, user.id)?;
        }
        if let Some(old) = user.license_id {
            self.release_license(old, user.id)?;
        }
        self.change("UPDATE users SET licenseid = $1 WHERE id = $2", &[&license, &user.id]).map(drop)
    }
}
