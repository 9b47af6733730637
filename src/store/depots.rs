//! Depots: as far as registration and removal need them.

use super::backend::{Params, Tx};
use crate::call::Call;
use crate::error::{Code, Result};

impl Tx<'_> {
    /// Adds a depot for its owner, who uses it by default.
    pub fn add_default_depot(&self, call: &Call, owner: i64) -> Result<i64> {
        let settings = &call.provider.settings;
        let sql = "INSERT INTO depots (providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
                   trafficused, status, created) VALUES ($1, $2, $3, $4, 0, $5, 0, 'active', $6) RETURNING id";
        let values: Params<'_> = &[
            &call.provider.id,
            &settings.host_server,
            &owner,
            &settings.depot_size,
            &settings.traffic_size,
            &call.now.0,
        ];
        let depot = self.insert(sql, values)?;
        let sql = "INSERT INTO depot_users (userid, depotid, isdefault) VALUES ($1, $2, 1)";
        self.change(sql, &[&owner, &depot])?;
        Ok(depot)
    }

    /// Moves the depots that a user owns to another provider, or leaves all depots behind: those owned
    /// without an owner, those used without this user. -30137 where others use one that should move.
    pub fn move_depots(&self, user: i64, provider: i64, along: bool) -> Result<()> {
        if along {
            self.owned_by_nobody_else(user)?;
            self.change("UPDATE depots SET providerid = $1 WHERE ownerid = $2", &[&provider, &user])?;
        } else {
            self.change("UPDATE depots SET ownerid = NULL WHERE ownerid = $1", &[&user])?;
        }
        let sql = "DELETE FROM depot_users WHERE userid = $1
                   AND depotid IN (SELECT id FROM depots WHERE depots.id = depotid AND ownerid IS NOT $1)";
        self.change(sql, &[&user]).map(drop)
    }

    fn owned_by_nobody_else(&self, user: i64) -> Result<()> {
        let sql = "SELECT 1 FROM depots JOIN depot_users ON depot_users.depotid = depots.id
                   WHERE depots.ownerid = $1 AND depot_users.userid <> $1 LIMIT 1";
        if self.any(sql, &[&user])? {
            return Code::StillInUse.refuse();
        }
        Ok(())
    }

    /// Removes the depots that a user owns; -30137 where others use one.
    pub fn remove_owned_depots(&self, user: i64) -> Result<()> {
        self.owned_by_nobody_else(user)?;
        self.change("DELETE FROM depots WHERE ownerid = $1", &[&user]).map(drop)
    }
}
