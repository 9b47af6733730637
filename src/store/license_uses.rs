//! Who uses a licence, counted as it changes: a licence is never over its limit.
//!
//! Counting the users of a licence anew for each of them would take the longer the larger it is, so the
//! number stands in the licence's row, and a row for each user says in how many ways: by default, and by
//! single devices.

use super::audit::number;
use super::backend::Tx;
use crate::error::{Code, Result};

impl Tx<'_> {
    /// One more way in which a user uses a licence; -30209 where that would be a user too many.
    pub fn use_license(&self, license: i64, user: i64) -> Result<()> {
        let sql = "UPDATE license_uses SET ways = ways + 1 WHERE licenseid = $1 AND userid = $2";
        if self.keep_house(sql, &[&license, &user])? > 0 {
            return Ok(());
        }
        // The seat comes first: some callers go on after the refusal, and then nothing may be left of it.
        self.take_seat(license, user)?;
        let sql = "INSERT INTO license_uses (licenseid, userid, ways) VALUES ($1, $2, 1)";
        self.keep_house(sql, &[&license, &user]).map(drop)
    }

    /// A seat for a user who has none of its own; one that the user takes through group or account becomes it.
    fn take_seat(&self, license: i64, user: i64) -> Result<()> {
        let sql = "UPDATE licenses SET used = used + 1 WHERE id = $1 AND pooled = 0 AND used < seats";
        if self.change(sql, &[&license])? > 0 {
            return Ok(());
        }
        let shared = i64::from(self.shares(license, user)?);
        let sql = "UPDATE licenses SET used = used + 1, pooled = pooled - $1
                   WHERE id = $2 AND used + pooled - $1 < seats";
        match self.change(sql, &[&shared, &license])? {
            0 => Code::LicenseLimit.refuse(),
            _ => Ok(()),
        }
    }

    /// The seat of a user who uses the licence in no way of its own any more; through group or account it stays.
    fn leave_seat(&self, license: i64, user: i64) -> Result<()> {
        let shared = i64::from(self.shares(license, user)?);
        let sql = "UPDATE licenses SET used = used - 1, pooled = pooled + $1 WHERE id = $2";
        self.change(sql, &[&shared, &license]).map(drop)
    }

    /// One way less.
    pub fn release_license(&self, license: i64, user: i64) -> Result<()> {
        let sql = "UPDATE license_uses SET ways = ways - 1 WHERE licenseid = $1 AND userid = $2 AND ways > 1";
        if self.keep_house(sql, &[&license, &user])? > 0 {
            return Ok(());
        }
        let sql = "DELETE FROM license_uses WHERE licenseid = $1 AND userid = $2";
        if self.keep_house(sql, &[&license, &user])? > 0 {
            self.leave_seat(license, user)?;
        }
        Ok(())
    }

    /// Gives a user another default licence, or none, in place of the old one.
    pub fn set_license(&self, user: i64, old: Option<i64>, new: Option<i64>) -> Result<()> {
        if old == new {
            return Ok(());
        }
        self.differs("licenseid", number(old), number(new));
        if let Some(new) = new {
            self.use_license(new, user)?;
        }
        if let Some(old) = old {
            self.release_license(old, user)?;
        }
        self.change("UPDATE users SET licenseid = $1 WHERE id = $2", &[&new, &user]).map(drop)
    }

    /// The user uses the licence no longer, neither by default nor by a device.
    pub fn stop_using(&self, license: i64, user: i64) -> Result<()> {
        let sql = "DELETE FROM license_uses WHERE licenseid = $1 AND userid = $2";
        if self.keep_house(sql, &[&license, &user])? == 0 {
            return Ok(());
        }
        self.leave_seat(license, user)?;
        let sql = "UPDATE devices SET licenseid = NULL WHERE userid = $1 AND licenseid = $2";
        self.change(sql, &[&user, &license])?;
        let sql = "UPDATE users SET licenseid = NULL WHERE id = $1 AND licenseid = $2";
        self.change(sql, &[&user, &license]).map(drop)
    }

    /// The users of a licence behind that number, so many at most.
    pub fn users_of_license(&self, license: i64, after: i64, most: usize) -> Result<Vec<i64>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let sql =
            "SELECT userid FROM license_uses WHERE licenseid = $1 AND userid > $2 ORDER BY userid LIMIT $3";
        self.all(sql, &[&license, &after, &most], |row| row.get(0))
    }

    /// Gives a device of that user a licence for itself, in place of the one that it has; -30121 for a device
    /// of somebody else.
    pub fn set_device_license(&self, user: i64, device: i64, license: i64) -> Result<()> {
        let sql = "SELECT licenseid FROM devices WHERE id = $1 AND userid = $2";
        let old = self.one(sql, &[&device, &user], |row| row.get::<_, Option<i64>>(0))?;
        let old = old.ok_or(Code::DeviceUnknown)?;
        if old == Some(license) {
            return Ok(());
        }
        self.use_license(license, user)?;
        if let Some(old) = old {
            self.release_license(old, user)?;
        }
        self.change("UPDATE devices SET licenseid = $1 WHERE id = $2", &[&license, &device]).map(drop)
    }

    /// The user, who is in no group and no account, uses no licence any more, by default or by a device.
    pub fn leave_licenses(&self, user: i64) -> Result<()> {
        let sql = "UPDATE licenses SET used = used - 1
                   WHERE id IN (SELECT licenseid FROM license_uses WHERE userid = $1)";
        self.change(sql, &[&user])?;
        self.keep_house("DELETE FROM license_uses WHERE userid = $1", &[&user])?;
        self.change(
            "UPDATE devices SET licenseid = NULL WHERE userid = $1 AND licenseid IS NOT NULL",
            &[&user],
        )?;
        self.change("UPDATE users SET licenseid = NULL WHERE id = $1 AND licenseid IS NOT NULL", &[&user])
            .map(drop)
    }

    /// The same for all but the licences that the user holds.
    pub fn leave_others_licenses(&self, user: i64) -> Result<()> {
        let sql = "UPDATE licenses SET used = used - 1 WHERE holderid IS NOT $1
                   AND id IN (SELECT licenseid FROM license_uses WHERE userid = $1)";
        self.change(sql, &[&user])?;
        let sql = "DELETE FROM license_uses WHERE userid = $1
                   AND licenseid IN (SELECT id FROM licenses WHERE licenses.id = licenseid AND holderid IS NOT $1)";
        self.keep_house(sql, &[&user])?;
        let sql = "UPDATE devices SET licenseid = NULL WHERE userid = $1
                   AND licenseid IN (SELECT id FROM licenses WHERE licenses.id = licenseid AND holderid IS NOT $1)";
        self.change(sql, &[&user])?;
        let sql = "UPDATE users SET licenseid = NULL WHERE id = $1
                   AND licenseid IN (SELECT id FROM licenses WHERE licenses.id = licenseid AND holderid IS NOT $1)";
        self.change(sql, &[&user]).map(drop)
    }

    /// -30137 where anybody but that user uses a licence that the user holds; a group or an account that has it
    /// does, and so does somebody else's depot.
    fn held_are_free(&self, user: i64) -> Result<()> {
        let users =
            "SELECT licenses.id FROM licenses JOIN license_uses ON license_uses.licenseid = licenses.id
                     WHERE licenses.holderid = $1 AND license_uses.userid <> $1 LIMIT 1";
        let groups = "SELECT licenses.id FROM licenses JOIN groups ON groups.licenseid = licenses.id
                      WHERE licenses.holderid = $1 LIMIT 1";
        let accounts = "SELECT licenses.id FROM licenses JOIN accounts ON accounts.licenseid = licenses.id
                        WHERE licenses.holderid = $1 LIMIT 1";
        for sql in [users, groups, accounts] {
            if let Some(license) = self.one(sql, &[&user], |row| row.get(0))? {
                self.license_is_free(license, Some(user))?;
            }
        }
        self.places_are_own(user)
    }

    /// Moves the licences that a user holds to another provider; -30137 where others use one. The others are
    /// left.
    pub fn move_licenses(&self, user: i64, provider: i64) -> Result<()> {
        self.held_are_free(user)?;
        self.leave_others_licenses(user)?;
        self.change("UPDATE licenses SET providerid = $1 WHERE holderid = $2", &[&provider, &user]).map(drop)
    }

    /// Leaves all licences behind, those that the user holds without a holder.
    pub fn leave_behind_licenses(&self, user: i64) -> Result<()> {
        self.leave_licenses(user)?;
        self.change("UPDATE licenses SET holderid = NULL WHERE holderid = $1", &[&user]).map(drop)
    }

    /// Removes the licences that a user holds, who leaves all; -30137 where others use one.
    pub fn remove_held_licenses(&self, user: i64) -> Result<()> {
        self.held_are_free(user)?;
        self.leave_licenses(user)?;
        self.release_own_depots(user)?;
        self.change("DELETE FROM licenses WHERE holderid = $1", &[&user]).map(drop)
    }
}
