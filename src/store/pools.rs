//! The seats that users take through their group or their company account.
//!
//! A licence that a group or an account has is used by all its members, and by whoever uses it by default or by a
//! device as well; each of them takes one seat. Members who use it in no other way are a number in the
//! licence's row, so that giving a licence to a group is one change and not one for each member.

use super::accounts::Account;
use super::backend::Tx;
use super::groups::Group;
use super::users::User;
use crate::error::{Code, Result};

impl Tx<'_> {
    /// The licences of a user's group and account.
    fn shared_licenses(&self, user: i64) -> Result<(Option<i64>, Option<i64>)> {
        let sql = "SELECT groups.licenseid, accounts.licenseid FROM users
                   LEFT JOIN groups ON groups.id = users.groupid
                   LEFT JOIN accounts ON accounts.id = users.accountid WHERE users.id = $1";
        let found = self.one(sql, &[&user], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_default())
    }

    /// The licences of a user's group and account, without a look where the user has neither.
    pub fn licenses_beside(&self, user: &User) -> Result<(Option<i64>, Option<i64>)> {
        match (user.group_id, user.account_id) {
            (None, None) => Ok((None, None)),
            _ => self.shared_licenses(user.id),
        }
    }

    /// Whether a user has the licence through group or account.
    pub(super) fn shares(&self, license: i64, user: i64) -> Result<bool> {
        let (group, account) = self.shared_licenses(user)?;
        Ok([group, account].contains(&Some(license)))
    }

    /// The licences in which the user takes a seat through group or account alone.
    fn pooled(&self, user: i64) -> Result<Vec<i64>> {
        let (group, account) = self.shared_licenses(user)?;
        let mut licenses: Vec<i64> = group.into_iter().chain(account).collect();
        licenses.dedup();
        let mut pooled = Vec::new();
        for license in licenses {
            let sql = "SELECT 1 FROM license_uses WHERE licenseid = $1 AND userid = $2";
            if !self.any(sql, &[&license, &user])? {
                pooled.push(license);
            }
        }
        Ok(pooled)
    }

    /// Changes the group or the account of a user, and with it the seats taken; -30209 where one is lacking.
    pub(super) fn repool(&self, user: i64, change: impl FnOnce() -> Result<()>) -> Result<()> {
        let before = self.pooled(user)?;
        change()?;
        let after = self.pooled(user)?;
        for license in before.iter().filter(|license| !after.contains(license)) {
            self.give_back(*license, 1)?;
        }
        for license in after.iter().filter(|license| !before.contains(license)) {
            self.take(*license, 1)?;
        }
        Ok(())
    }

    fn take(&self, license: i64, seats: i64) -> Result<()> {
        let sql = "UPDATE licenses SET pooled = pooled + $1 WHERE id = $2 AND used + pooled + $1 <= seats";
        match self.change(sql, &[&seats, &license])? {
            0 => Code::LicenseLimit.refuse(),
            _ => Ok(()),
        }
    }

    fn give_back(&self, license: i64, seats: i64) -> Result<()> {
        self.change("UPDATE licenses SET pooled = pooled - $1 WHERE id = $2", &[&seats, &license]).map(drop)
    }

    /// Gives a group another licence, or none, in place of the one that it has; -30209 where a member would
    /// be without a seat.
    pub fn set_group_license(&self, group: &Group, license: Option<i64>) -> Result<()> {
        self.differs("license", super::audit::number(group.license), super::audit::number(license));
        // Members who have it in another way, too, keep that seat.
        let seats = |license: i64| {
            let sql = "SELECT count(*) FROM users LEFT JOIN accounts ON accounts.id = users.accountid
                       WHERE users.groupid = $1 AND (accounts.licenseid IS NULL OR accounts.licenseid <> $2)
                       AND NOT EXISTS (SELECT 1 FROM license_uses
                                       WHERE license_uses.licenseid = $2 AND license_uses.userid = users.id)";
            Ok(self.one(sql, &[&group.id, &license], |row| row.get(0))?.unwrap_or(0))
        };
        self.exchange(group.license, license, seats, || {
            self.change("UPDATE groups SET licenseid = $1 WHERE id = $2", &[&license, &group.id]).map(drop)
        })
    }

    /// The same for a company account.
    pub fn set_account_license(&self, account: &Account, license: Option<i64>) -> Result<()> {
        self.differs("license", super::audit::number(account.license), super::audit::number(license));
        let seats = |license: i64| {
            let sql = "SELECT count(*) FROM users LEFT JOIN groups ON groups.id = users.groupid
                       WHERE users.accountid = $1 AND (groups.licenseid IS NULL OR groups.licenseid <> $2)
                       AND NOT EXISTS (SELECT 1 FROM license_uses
                                       WHERE license_uses.licenseid = $2 AND license_uses.userid = users.id)";
            Ok(self.one(sql, &[&account.id, &license], |row| row.get(0))?.unwrap_or(0))
        };
        self.exchange(account.license, license, seats, || {
            self.change("UPDATE accounts SET licenseid = $1 WHERE id = $2", &[&license, &account.id])
                .map(drop)
        })
    }

    fn exchange(
        &self,
        old: Option<i64>,
        new: Option<i64>,
        seats: impl Fn(i64) -> Result<i64>,
        change: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        if old == new {
            return Ok(());
        }
        if let Some(old) = old {
            self.give_back(old, seats(old)?)?;
        }
        change()?;
        match new {
            Some(new) => self.take(new, seats(new)?),
            None => Ok(()),
        }
    }

    /// Takes the licence from all groups and accounts that have it.
    pub fn unshare_license(&self, license: i64) -> Result<()> {
        self.change("UPDATE groups SET licenseid = NULL WHERE licenseid = $1", &[&license])?;
        self.change("UPDATE accounts SET licenseid = NULL WHERE licenseid = $1", &[&license])?;
        self.change("UPDATE licenses SET pooled = 0 WHERE id = $1 AND pooled > 0", &[&license]).map(drop)
    }
}
