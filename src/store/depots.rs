//! Depots: found, made, moved, removed.

use super::backend::{FromRow, Params, Row, Tx};
use crate::call::Call;
use crate::domain::time::Time;
use crate::error::{Code, Result};

/// A depot's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depot {
    /// Its number, which is never given twice.
    pub id: i64,
    /// Whose depot it is.
    pub provider_id: i64,
    /// Where it is.
    pub host_url: String,
    /// The user who owns it.
    pub owner: Option<i64>,
    /// Bytes that it may hold.
    pub storage_limit: i64,
    /// Bytes that it holds.
    pub storage_used: i64,
    /// Bytes of traffic; 0: no limit.
    pub traffic_limit: i64,
    /// Bytes of traffic so far.
    pub traffic_used: i64,
    /// Whether it may be used.
    pub active: bool,
    /// The server licence of which it is one use.
    pub license: Option<i64>,
    /// When it was made.
    pub created: Time,
}

fn read(row: &Row<'_>) -> FromRow<Depot> {
    Ok(Depot {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        host_url: row.get(2)?,
        owner: row.get(3)?,
        storage_limit: row.get(4)?,
        storage_used: row.get(5)?,
        traffic_limit: row.get(6)?,
        traffic_used: row.get(7)?,
        active: row.get_ref(8)?.as_str() == Ok("active"),
        license: row.get(9)?,
        created: Time(row.get(10)?),
    })
}

impl Tx<'_> {
    /// The depot that the call names, of the authorised provider; else -30122.
    pub fn the_depot(&self, call: &Call, id: i64) -> Result<Depot> {
        let found = self.depot(id)?.filter(|depot| depot.provider_id == call.provider.id);
        found.ok_or_else(|| self.absent(call, Code::DepotUnknown.into()))
    }

    /// The depot of that number, whoever's it is.
    pub fn depot(&self, id: i64) -> Result<Option<Depot>> {
        let sql =
            "SELECT id, providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit, trafficused,
                   status, licenseid, created FROM depots WHERE id = $1";
        self.one(sql, &[&id], read)
    }

    /// Adds a depot for its owner, who uses it by default.
    pub fn add_default_depot(&self, call: &Call, owner: i64) -> Result<i64> {
        let settings = &call.provider.settings;
        let sql = "INSERT INTO depots (providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
                   trafficused, status, licenseid, created) VALUES ($1, $2, $3, $4, 0, $5, 0, 'active', NULL, $6) RETURNING id";
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

    /// The depots of a server licence use it no longer.
    pub fn release_depots(&self, license: i64) -> Result<()> {
        let sql = "UPDATE depots SET licenseid = NULL WHERE licenseid = $1";
        match i64::try_from(self.change(sql, &[&license])?).unwrap_or(i64::MAX) {
            0 => Ok(()),
            depots => {
                let sql = "UPDATE licenses SET used = used - $1 WHERE id = $2";
                self.change(sql, &[&depots, &license]).map(drop)
            }
        }
    }
}
