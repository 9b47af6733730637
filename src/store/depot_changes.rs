//! What becomes of depots: made, changed, moved, removed; and the server licences of which they are uses.
//!
//! A server licence is used by depots alone, so its `used` is the number of the depots that name it, and both
//! change in one place each.

use serde_json::Value;

use super::audit::{Shown, number, shown};
use super::backend::{Params, Tx};
use super::depot_uses::MOST;
use super::depots::Depot;
use crate::call::Call;
use crate::error::{Code, Result, invalid};
use crate::snapshot::Provider;

/// What a new depot starts with.
pub struct NewDepot<'a> {
    /// Where it is.
    pub host_url: &'a str,
    /// The user who owns it.
    pub owner: i64,
    /// Bytes that it may hold.
    pub storage_limit: i64,
    /// Bytes of traffic; 0: no limit.
    pub traffic_limit: i64,
    /// The server licence of which it is one use.
    pub license: Option<i64>,
}

/// What of a depot can change by a decision; how full it is does so by itself.
fn decided(depot: &Depot) -> Shown {
    shown([
        ("hosturl", depot.host_url.as_str().into()),
        ("storagelimit", depot.storage_limit.into()),
        ("trafficlimit", depot.traffic_limit.into()),
        ("depotstatus", status(depot).into()),
        ("serverlicenseid", number(depot.license)),
    ])
}

fn status(depot: &Depot) -> &'static str {
    if depot.active { "active" } else { "inactive" }
}

/// Numbers of rows as one text.
fn list(ids: impl Iterator<Item = i64>) -> Value {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",").into()
}

impl Tx<'_> {
    /// Adds a depot for its owner, who uses it by default.
    pub fn add_default_depot(&self, call: &Call, owner: i64) -> Result<i64> {
        let settings = &call.provider.settings;
        let new = NewDepot {
            host_url: &settings.host_server,
            owner,
            storage_limit: settings.depot_size,
            traffic_limit: settings.traffic_size,
            license: None,
        };
        let depot = self.insert_depot(call, &call.provider, &new)?;
        let sql = "INSERT INTO depot_users (userid, depotid, isdefault) VALUES ($1, $2, 1)";
        self.change(sql, &[&owner, &depot])?;
        Ok(depot)
    }

    /// Adds a depot for its owner, who uses it; -30209 where the server licence has no room for it.
    pub fn add_depot(&self, call: &Call, provider: &Provider, new: &NewDepot<'_>) -> Result<i64> {
        if self.owned_depots(new.owner)?.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) {
            return Err(invalid(format!("the user owns {MOST} depots already; delete some")));
        }
        if let Some(license) = new.license {
            let sql = "UPDATE licenses SET used = used + 1 WHERE id = $1 AND used + pooled < seats";
            if self.change(sql, &[&license])? == 0 {
                return Code::LicenseLimit.refuse();
            }
        }
        let depot = self.insert_depot(call, provider, new)?;
        self.use_depot(new.owner, depot, false)?;
        if let Some(made) = self.depot(depot)? {
            self.rows_differ(Shown::new(), decided(&made));
        }
        Ok(depot)
    }

    fn insert_depot(&self, call: &Call, provider: &Provider, new: &NewDepot<'_>) -> Result<i64> {
        let sql = "INSERT INTO depots (providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
                   trafficused, status, licenseid, created)
                   VALUES ($1, $2, $3, $4, 0, $5, 0, 'active', $6, $7) RETURNING id";
        let values: Params<'_> = &[
            &provider.id,
            &new.host_url,
            &new.owner,
            &new.storage_limit,
            &new.traffic_limit,
            &new.license,
            &call.now.0,
        ];
        self.insert(sql, values)
    }

    /// Brings a depot's limits and state to what they shall be; the same again is no change.
    pub fn change_depot(&self, old: &Depot, new: &Depot) -> Result<()> {
        if old == new {
            return Ok(());
        }
        self.concern_owner(old);
        self.rows_differ(decided(old), decided(new));
        let sql = "UPDATE depots SET storagelimit = $1, trafficlimit = $2, status = $3 WHERE id = $4";
        self.change(sql, &[&new.storage_limit, &new.traffic_limit, &status(new), &new.id]).map(drop)
    }

    /// How full a depot is, as its host server has measured it: often, and no change that anybody has decided on.
    pub fn set_depot_usage(&self, depot: &Depot, storage: i64, traffic: i64) -> Result<()> {
        let sql = "UPDATE depots SET storageused = $1, trafficused = $2
                   WHERE id = $3 AND (storageused <> $1 OR trafficused <> $2)";
        self.keep_house(sql, &[&storage, &traffic, &depot.id]).map(drop)
    }

    /// Removes a depot that nobody but its owner uses.
    pub fn delete_depot(&self, depot: &Depot) -> Result<()> {
        self.concern_owner(depot);
        self.differs("depotid", depot.id, "");
        self.rows_differ(decided(depot), Shown::new());
        let default = depot.owner.map_or(Ok(None), |owner| self.default_depot(owner))?;
        self.change("DELETE FROM depots WHERE id = $1", &[&depot.id])?;
        if let Some(license) = depot.license {
            self.leave_places(license, 1)?;
        }
        depot.owner.map_or(Ok(()), |owner| self.renew_default_depot(owner, default))
    }

    fn concern_owner(&self, depot: &Depot) {
        if let Some(owner) = depot.owner {
            self.concerns(owner);
        }
    }

    /// Moves the depots that a user owns to another provider, or leaves all depots behind: those owned
    /// without an owner, those used without this user. -30137 where others use one that should move. A depot
    /// and a server licence that have parted in this are no longer one's use of the other.
    pub fn move_depots(&self, user: i64, provider: i64, along: bool) -> Result<()> {
        let default = self.default_depot(user)?;
        let owned = self.owned_depots(user)?;
        if along {
            self.owned_by_nobody_else(user)?;
            self.change("UPDATE depots SET providerid = $1 WHERE ownerid = $2", &[&provider, &user])?;
        }
        self.part_from_licenses(user)?;
        if !along {
            self.differs("depots", list(owned.into_iter().map(|(id, _)| id)), "");
            self.change("UPDATE depots SET ownerid = NULL WHERE ownerid = $1", &[&user])?;
        }
        let sql = "DELETE FROM depot_users WHERE userid = $1
                   AND depotid IN (SELECT id FROM depots WHERE depots.id = depotid AND ownerid IS NOT $1)";
        self.change(sql, &[&user])?;
        self.renew_default_depot(user, default)
    }

    /// Where a user's depot and its server licence are of two providers now, the licence has its place back.
    fn part_from_licenses(&self, user: i64) -> Result<()> {
        let sql =
            "SELECT depots.id, depots.licenseid FROM depots JOIN licenses ON licenses.id = depots.licenseid
                   WHERE depots.ownerid = $1 AND licenses.providerid <> depots.providerid";
        for (depot, license) in self.all(sql, &[&user], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))? {
            self.change("UPDATE depots SET licenseid = NULL WHERE id = $1", &[&depot])?;
            self.leave_places(license, 1)?;
        }
        Ok(())
    }

    /// Removes the depots that a user owns; -30137 where others use one.
    pub fn remove_owned_depots(&self, user: i64) -> Result<()> {
        self.owned_by_nobody_else(user)?;
        let owned = self.owned_depots(user)?;
        self.change("DELETE FROM depots WHERE ownerid = $1", &[&user])?;
        for license in owned.iter().filter_map(|(_, license)| *license) {
            self.leave_places(license, 1)?;
        }
        self.differs("depots", list(owned.into_iter().map(|(id, _)| id)), "");
        Ok(())
    }

    /// The depots that a user owns, with their server licences.
    fn owned_depots(&self, user: i64) -> Result<Vec<(i64, Option<i64>)>> {
        let sql = "SELECT id, licenseid FROM depots WHERE ownerid = $1 ORDER BY id";
        self.all(sql, &[&user], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn leave_places(&self, license: i64, places: i64) -> Result<()> {
        self.change("UPDATE licenses SET used = used - $1 WHERE id = $2", &[&places, &license]).map(drop)
    }

    /// The depots of a server licence behind that number, so many at most.
    pub fn depots_of_license(&self, license: i64, after: i64, most: usize) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM depots WHERE licenseid = $1 AND id > $2 ORDER BY id LIMIT $3";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.all(sql, &[&license, &after, &most], |row| row.get(0))
    }

    /// The depots of a server licence use it no longer; only for few of them.
    pub fn release_depots(&self, license: i64) -> Result<()> {
        let sql = "UPDATE depots SET licenseid = NULL WHERE licenseid = $1";
        match i64::try_from(self.change(sql, &[&license])?).unwrap_or(i64::MAX) {
            0 => Ok(()),
            depots => {
                self.differs("depotcount", depots, 0);
                self.leave_places(license, depots)
            }
        }
    }

    /// A depot uses the server licence no longer, if it still does.
    pub fn release_depot(&self, depot: i64, license: i64) -> Result<()> {
        let sql = "UPDATE depots SET licenseid = NULL WHERE id = $1 AND licenseid = $2";
        match self.change(sql, &[&depot, &license])? {
            0 => Ok(()),
            _ => {
                self.differs("serverlicenseid", license, "");
                self.leave_places(license, 1)
            }
        }
    }

    /// -30137 where a depot of a server licence that the user holds is somebody else's, or is used by somebody
    /// else.
    pub(super) fn places_are_own(&self, user: i64) -> Result<()> {
        let others = "SELECT licenses.id FROM licenses JOIN depots ON depots.licenseid = licenses.id
                      WHERE licenses.holderid = $1 AND depots.ownerid IS NOT $1 LIMIT 1";
        if let Some(license) = self.one(others, &[&user], |row| row.get(0))? {
            self.license_is_free(license, Some(user))?;
        }
        let own = "SELECT depots.id FROM licenses JOIN depots ON depots.licenseid = licenses.id
                   WHERE licenses.holderid = $1 AND depots.ownerid = $1";
        for id in self.all(own, &[&user], |row| row.get(0))? {
            self.depot(id)?.map_or(Ok(()), |depot| self.depot_is_free(&depot))?;
        }
        Ok(())
    }

    /// The depots of the server licences that a user holds use them no longer; the licences are about to go.
    pub(super) fn release_own_depots(&self, user: i64) -> Result<()> {
        let sql = "UPDATE depots SET licenseid = NULL WHERE licenseid IN (SELECT id FROM licenses WHERE holderid = $1)";
        self.change(sql, &[&user]).map(drop)
    }
}
