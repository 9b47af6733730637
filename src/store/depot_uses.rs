//! Who uses a depot. Whoever uses depots uses exactly one of them by default.
//!
//! A user with depots and no default among them was the other way; every client would then have to choose one,
//! and two clients of one user would choose differently.

use super::audit::number;
use super::backend::Tx;
use crate::error::{Result, invalid};

/// The most depots that a user uses, and the most that one owns `[O]`.
pub(super) const MOST: i64 = 1_000;

impl Tx<'_> {
    /// The user uses the depot from now on: by default where that is wished, and where it is the first.
    pub fn use_depot(&self, user: i64, depot: i64, by_default: bool) -> Result<()> {
        let old = self.default_depot(user)?;
        if !self.uses_depot(user, depot)? {
            self.no_more_than_most(user)?;
            self.differs("depotid", "", depot);
            let sql = "INSERT INTO depot_users (userid, depotid, isdefault) VALUES ($1, $2, 0)";
            self.change(sql, &[&user, &depot])?;
        }
        match by_default || old.is_none() {
            true => self.set_default_depot(user, old, depot),
            false => Ok(()),
        }
    }

    /// The user uses the depot no longer; where it was the default, another one is.
    pub fn leave_depot(&self, user: i64, depot: i64) -> Result<()> {
        let old = self.default_depot(user)?;
        let sql = "DELETE FROM depot_users WHERE userid = $1 AND depotid = $2";
        if self.change(sql, &[&user, &depot])? > 0 {
            self.differs("depotid", depot, "");
            self.renew_default_depot(user, old)?;
        }
        Ok(())
    }

    /// Whether the user uses the depot.
    pub fn uses_depot(&self, user: i64, depot: i64) -> Result<bool> {
        self.any("SELECT 1 FROM depot_users WHERE userid = $1 AND depotid = $2", &[&user, &depot])
    }

    /// The depot that a user uses by default.
    pub fn default_depot(&self, user: i64) -> Result<Option<i64>> {
        let sql = "SELECT depotid FROM depot_users WHERE userid = $1 AND isdefault = 1";
        self.one(sql, &[&user], |row| row.get(0))
    }

    /// -30137 where anybody but their owner uses a depot that the user owns.
    pub(super) fn owned_by_nobody_else(&self, user: i64) -> Result<()> {
        let users = "SELECT depots.id FROM depots JOIN depot_users ON depot_users.depotid = depots.id
                     WHERE depots.ownerid = $1 AND depot_users.userid <> $1 LIMIT 1";
        let groups = "SELECT depots.id FROM depots JOIN groups ON groups.depotid = depots.id
                      WHERE depots.ownerid = $1 LIMIT 1";
        let accounts = "SELECT depots.id FROM depots JOIN accounts ON accounts.depotid = depots.id
                        WHERE depots.ownerid = $1 LIMIT 1";
        for sql in [users, groups, accounts] {
            if let Some(depot) = self.one(sql, &[&user], |row| row.get(0))? {
                self.depot(depot)?.map_or(Ok(()), |depot| self.depot_is_free(&depot))?;
            }
        }
        Ok(())
    }

    /// Gives a user who is without the default that there was another one: the oldest that may be used, else
    /// the oldest.
    pub(super) fn renew_default_depot(&self, user: i64, old: Option<i64>) -> Result<()> {
        if self.default_depot(user)?.is_some() {
            return Ok(());
        }
        let sql = "SELECT depots.id FROM depot_users JOIN depots ON depots.id = depot_users.depotid
                   WHERE depot_users.userid = $1 ORDER BY depots.status, depots.id LIMIT 1";
        match self.one(sql, &[&user], |row| row.get(0))? {
            Some(next) => self.set_default_depot(user, old, next),
            None => {
                self.differs("defaultdepotid", number(old), "");
                Ok(())
            }
        }
    }

    fn set_default_depot(&self, user: i64, old: Option<i64>, new: i64) -> Result<()> {
        if old == Some(new) {
            return Ok(());
        }
        self.differs("defaultdepotid", number(old), new);
        self.change("UPDATE depot_users SET isdefault = 0 WHERE userid = $1 AND isdefault = 1", &[&user])?;
        let sql = "UPDATE depot_users SET isdefault = 1 WHERE userid = $1 AND depotid = $2";
        self.change(sql, &[&user, &new]).map(drop)
    }

    fn no_more_than_most(&self, user: i64) -> Result<()> {
        let sql = "SELECT count(*) FROM depot_users WHERE userid = $1";
        let used: i64 = self.one(sql, &[&user], |row| row.get(0))?.unwrap_or(0);
        match used >= MOST {
            true => Err(invalid(format!(
                "the user uses {MOST} depots already; removedepotfromuser takes one away"
            ))),
            false => Ok(()),
        }
    }
}
