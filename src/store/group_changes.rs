//! Groups made, changed and deleted. Who is a member stands in [`super::groups`], which seats that takes in
//! [`super::pools`].

use serde_json::Map;

use super::audit::{Shown, number, shown};
use super::backend::{Params, Tx};
use super::groups::Group;
use crate::call::Call;
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::depots::Depot;
use crate::store::licenses::License;

/// What a new group starts with.
pub struct NewGroup<'a> {
    /// Whose group it is.
    pub provider: i64,
    /// The external handle; empty: none.
    pub reference: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The user who manages it.
    pub manager: i64,
}

/// A member of a group, or somebody who was asked to be one.
#[derive(Debug)]
pub struct MemberRow {
    /// The user's number.
    pub user: i64,
    /// The user's name.
    pub username: String,
    /// The registration address.
    pub email: String,
    /// Since when; none: the user has not answered yet.
    pub joined: Option<Time>,
}

/// What of a group itself can change, for the audit log; its licence, depot and members note their own.
fn row(group: &Group) -> Shown {
    shown([
        ("groupname", group.name.as_str().into()),
        ("groupreference", group.reference.as_str().into()),
        ("manager", number(group.manager)),
        ("clientsettings", group.client_settings.as_str().into()),
    ])
}

impl Tx<'_> {
    /// Makes a group without members.
    pub fn add_group(&self, call: &Call, new: &NewGroup<'_>) -> Result<i64> {
        let sql =
            "INSERT INTO groups (providerid, reference, name, name_key, managerid, members, clientsettings, created)
                   VALUES ($1, $2, $3, $4, $5, 0, '', $6) RETURNING id";
        let name_key = names::key(new.name);
        let values: Params<'_> =
            &[&new.provider, &new.reference, &new.name, &name_key, &new.manager, &call.now.0];
        let id = self.insert(sql, values)?;
        if let Some(group) = self.group(id)? {
            self.rows_differ(Map::new(), row(&group));
        }
        Ok(id)
    }

    /// Whether a group of the provider has that external handle.
    pub fn group_reference_taken(&self, provider: i64, reference: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM groups WHERE providerid = $1 AND reference = $2 AND reference <> ''";
        self.any(sql, &[&provider, &reference])
    }

    /// Brings name, handle, manager and client settings of a group to what they shall be.
    pub fn change_group(&self, old: &Group, new: &Group) -> Result<()> {
        if old == new {
            return Ok(());
        }
        self.rows_differ(row(old), row(new));
        let sql =
            "UPDATE groups SET reference = $1, name = $2, name_key = $3, managerid = $4, clientsettings = $5
                   WHERE id = $6";
        let name_key = names::key(&new.name);
        let values: Params<'_> =
            &[&new.reference, &new.name, &name_key, &new.manager, &new.client_settings, &old.id];
        self.change(sql, values).map(drop)
    }

    /// Gives a group that licence in place of the one that it has, or takes it away, and records with both
    /// licences who has them now.
    pub fn give_group_license(&self, call: &Call, group: &Group, license: Option<&License>) -> Result<()> {
        let new = license.map(|license| license.id);
        if group.license == new {
            return Ok(());
        }
        self.set_group_license(group, new)?;
        if let Some(old) = group.license.map_or(Ok(None), |old| self.license(old))? {
            self.license_shared_with(call, &old, &group.name, "")?;
        }
        match license {
            Some(license) => self.license_shared_with(call, license, "", &group.name),
            None => Ok(()),
        }
    }

    /// Gives a group that depot in place of the one that it has, or takes it away.
    pub fn set_group_depot(&self, group: &Group, depot: Option<&Depot>) -> Result<()> {
        let new = depot.map(|depot| depot.id);
        if group.depot == new {
            return Ok(());
        }
        self.differs("depot", number(group.depot), number(new));
        self.change("UPDATE groups SET depotid = $1 WHERE id = $2", &[&new, &group.id]).map(drop)
    }

    /// Deletes a group: its members are in none then, and its invitations and their codes are gone.
    pub fn delete_group(&self, call: &Call, group: &Group) -> Result<()> {
        self.give_group_license(call, group, None)?;
        self.set_group_depot(group, None)?;
        self.differs("members", group.members, "");
        self.rows_differ(row(group), Map::new());
        self.drop_all_group_codes(group.id)?;
        let sql = "UPDATE users SET groupid = NULL, groupjoined = NULL, modnumber = modnumber + 1
                   WHERE groupid = $1";
        self.change(sql, &[&group.id])?;
        self.change("DELETE FROM groups WHERE id = $1", &[&group.id]).map(drop)
    }

    /// The members of a group, by number.
    pub fn members_of(&self, group: &Group) -> Result<Vec<MemberRow>> {
        let sql = "SELECT id, username, email, groupjoined FROM users WHERE groupid = $1 ORDER BY id";
        self.all(sql, &[&group.id], |row| {
            Ok(MemberRow {
                user: row.get(0)?,
                username: row.get(1)?,
                email: row.get(2)?,
                joined: row.get::<_, Option<i64>>(3)?.map(Time),
            })
        })
    }

    /// The name of the user who manages a group; empty where nobody does.
    pub fn manager_of(&self, group: &Group) -> Result<String> {
        let Some(manager) = group.manager else { return Ok(String::new()) };
        let name = self.one("SELECT username FROM users WHERE id = $1", &[&manager], |row| row.get(0))?;
        Ok(name.unwrap_or_default())
    }
}
