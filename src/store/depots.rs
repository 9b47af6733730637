//! Depots: found, and shown with whoever uses them. Who uses one stands in [`super::depot_uses`], what becomes
//! of one in [`super::depot_changes`].

use super::backend::{FromRow, Row, Tx};
use super::users::User;
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

/// A depot among those that a user uses.
#[derive(Debug)]
pub struct OwnDepot {
    /// The depot.
    pub depot: Depot,
    /// The name of its owner.
    pub owner: Option<String>,
    /// Whether it is the user's default.
    pub default: bool,
}

/// A user of a depot.
#[derive(Debug)]
pub struct DepotUser {
    /// The user's number.
    pub id: i64,
    /// The user's name.
    pub username: String,
    /// The registration address.
    pub email: String,
    /// Whether it is the user's default.
    pub default: bool,
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

    /// The name of the user who owns a depot, and whether it is that user's default.
    pub fn owner(&self, depot: &Depot) -> Result<Option<(String, bool)>> {
        let sql = "SELECT username, coalesce(isdefault, 0) FROM users
                   LEFT JOIN depot_users ON depot_users.userid = users.id AND depot_users.depotid = $1
                   WHERE users.id = $2";
        self.one(sql, &[&depot.id, &depot.owner], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The depots that a user uses: the default first, then by their numbers.
    ///
    /// Most users own what they use; for these the owner's row is not read again.
    pub fn depots_of(&self, user: &User) -> Result<Vec<OwnDepot>> {
        let sql =
            "SELECT depots.id, depots.providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
                   trafficused, depots.status, depots.licenseid, depots.created, username, isdefault
                   FROM depot_users JOIN depots ON depots.id = depot_users.depotid
                   LEFT JOIN users ON users.id = nullif(depots.ownerid, $1)
                   WHERE depot_users.userid = $1 ORDER BY depot_users.depotid";
        let mut depots = self.all(sql, &[&user.id], |row| {
            let depot = read(row)?;
            let owner = match depot.owner == Some(user.id) {
                true => Some(user.username.clone()),
                false => row.get(11)?,
            };
            Ok(OwnDepot { depot, owner, default: row.get(12)? })
        })?;
        // In the order of the index, so that the database need not sort for the one that comes first.
        depots.sort_by_key(|own| !own.default);
        Ok(depots)
    }

    /// The depots of a user's group and account.
    pub fn shared_depots(&self, user: &User) -> Result<(Option<i64>, Option<i64>)> {
        let depot = |sql, id: Option<i64>| -> Result<Option<i64>> {
            let Some(id) = id else { return Ok(None) };
            Ok(self.one(sql, &[&id], |row| row.get(0))?.flatten())
        };
        let group = depot("SELECT depotid FROM groups WHERE id = $1", user.group_id)?;
        let account = depot("SELECT depotid FROM accounts WHERE id = $1", user.account_id)?;
        Ok((group, account))
    }

    /// Whether a group, and whether a company account has the depot, with members or without.
    pub fn depot_shared(&self, depot: i64) -> Result<(bool, bool)> {
        Ok((
            self.any("SELECT 1 FROM groups WHERE depotid = $1 LIMIT 1", &[&depot])?,
            self.any("SELECT 1 FROM accounts WHERE depotid = $1 LIMIT 1", &[&depot])?,
        ))
    }

    /// The users of a depot with a higher number, so many at most.
    pub fn users_of_depot(&self, depot: i64, after: i64, most: i64) -> Result<Vec<DepotUser>> {
        let sql = "SELECT users.id, username, email, isdefault
                   FROM depot_users JOIN users ON users.id = depot_users.userid
                   WHERE depot_users.depotid = $1 AND depot_users.userid > $2
                   ORDER BY depot_users.userid LIMIT $3";
        self.all(sql, &[&depot, &after, &most], |row| {
            Ok(DepotUser { id: row.get(0)?, username: row.get(1)?, email: row.get(2)?, default: row.get(3)? })
        })
    }
}
