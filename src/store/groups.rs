//! Groups: found, joined, left. A user is a member of one at most.

use super::backend::{FromRow, Row, Tx};
use crate::access::{self, Tie, Ties};
use crate::call::Call;
use crate::domain::groups::GroupRef;
use crate::domain::time::Time;
use crate::error::{Code, Result, invalid};

/// The most members of a group `[O]`.
pub const MOST_MEMBERS: i64 = 1_000;

/// A group's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number, which is never given twice.
    pub id: i64,
    /// Whose group it is.
    pub provider_id: i64,
    /// The external handle; empty: none.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// The user who manages it, member or not.
    pub manager: Option<i64>,
    /// How many members it has.
    pub members: i64,
    /// The licence that goes before the members' own.
    pub license: Option<i64>,
    /// The depot that goes before the members' own.
    pub depot: Option<i64>,
    /// What its members' clients are told, lines `key=value`.
    pub client_settings: String,
    /// When it was made.
    pub created: Time,
}

fn read(row: &Row<'_>) -> FromRow<Group> {
    Ok(Group {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        reference: row.get(2)?,
        name: row.get(3)?,
        manager: row.get(4)?,
        members: row.get(5)?,
        license: row.get(6)?,
        depot: row.get(7)?,
        client_settings: row.get(8)?,
        created: Time(row.get(9)?),
    })
}

impl Tx<'_> {
    /// The group that the call names, of the authorised provider; else -30123.
    pub fn the_group(&self, call: &Call, id: &GroupRef) -> Result<Group> {
        let found = match id {
            GroupRef::Id(id) => self.group(*id)?.filter(|group| group.provider_id == call.provider.id),
            GroupRef::Reference(reference) => {
                let sql = "SELECT id, providerid, reference, name, managerid, members, licenseid, depotid,
                           clientsettings, created FROM groups
                           WHERE providerid = $1 AND reference = $2 AND reference <> ''";
                self.one(sql, &[&call.provider.id, reference], read)?
            }
        };
        let Some(group) = found else { return Err(self.absent(call, Code::GroupUnknown.into())) };
        access::judge(call, &self.ties_to_group(call, &group)?)?;
        self.judged();
        Ok(group)
    }

    /// The group of that number, whoever's it is.
    pub fn group(&self, id: i64) -> Result<Option<Group>> {
        let sql = "SELECT id, providerid, reference, name, managerid, members, licenseid, depotid,
                   clientsettings, created FROM groups WHERE id = $1";
        self.one(sql, &[&id], read)
    }

    /// What joins the caller to a group.
    fn ties_to_group(&self, call: &Call, group: &Group) -> Result<Ties> {
        let Some(person) = access::tied(call) else { return Ok(Ties::default()) };
        let mut ties = Vec::new();
        if group.manager == Some(person.user) {
            ties.push(Tie::Manager);
        }
        if self.any("SELECT 1 FROM users WHERE id = $1 AND groupid = $2", &[&person.user, &group.id])? {
            ties.push(Tie::Member);
        }
        // In a refusal's text a group's manager is not what a company's is.
        Ok(Ties { ties, manager: false })
    }

    /// Makes a user a member, who leaves any other group; -30209 where the group's licence has no seat left.
    pub fn join_group(&self, call: &Call, user: i64, group: &Group) -> Result<()> {
        let sql = "SELECT groupid FROM users WHERE id = $1";
        let old = self.one(sql, &[&user], |row| row.get::<_, Option<i64>>(0))?.flatten();
        if old == Some(group.id) {
            return Ok(());
        }
        self.differs("groupid", super::audit::number(old), group.id);
        self.repool(user, || {
            self.count_out(old)?;
            let sql = "UPDATE groups SET members = members + 1 WHERE id = $1 AND members < $2";
            if self.change(sql, &[&group.id, &MOST_MEMBERS])? == 0 {
                return Err(invalid(format!("a group has {MOST_MEMBERS} members at most")));
            }
            let sql =
                "UPDATE users SET groupid = $1, groupjoined = $2, modnumber = modnumber + 1 WHERE id = $3";
            self.change(sql, &[&group.id, &call.now.0, &user]).map(drop)
        })
    }

    /// The user is a member of no group any more.
    pub fn leave_group(&self, user: i64) -> Result<()> {
        let sql = "SELECT groupid FROM users WHERE id = $1";
        let Some(old) = self.one(sql, &[&user], |row| row.get::<_, Option<i64>>(0))?.flatten() else {
            return Ok(());
        };
        self.differs("groupid", old, "");
        self.repool(user, || {
            self.count_out(Some(old))?;
            let sql = "UPDATE users SET groupid = NULL, groupjoined = NULL, modnumber = modnumber + 1 WHERE id = $1";
            self.change(sql, &[&user]).map(drop)
        })
    }

    fn count_out(&self, group: Option<i64>) -> Result<()> {
        match group {
            Some(group) => {
                self.change("UPDATE groups SET members = members - 1 WHERE id = $1", &[&group]).map(drop)
            }
            None => Ok(()),
        }
    }
}
