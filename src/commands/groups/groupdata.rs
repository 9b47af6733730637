//! `<group>`: how a group is shown.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::store::Tx;
use crate::store::groups::Group;
use crate::store::users::User;

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownGroup {
    /// the group's number, never given twice
    pub(super) groupid: i64,
    /// the external handle
    pub(super) groupreference: String,
    /// its name
    pub(super) groupname: String,
    /// the name of the user who manages it; empty: nobody does
    pub(super) manager: String,
    /// how many members it has
    pub(super) membercount: i64,
}

impl ShownGroup {
    /// How that group is shown.
    pub fn of(tx: &Tx<'_>, group: &Group) -> Result<ShownGroup> {
        Ok(ShownGroup {
            groupid: group.id,
            groupreference: group.reference.clone(),
            groupname: group.name.clone(),
            manager: tx.manager_of(group)?,
            membercount: group.members,
        })
    }

    /// The group of that user, where it is wanted and the user is a member of one.
    pub fn of_user(tx: &Tx<'_>, user: &User, wanted: bool) -> Result<Option<ShownGroup>> {
        let group = user.group_id.filter(|_| wanted).map_or(Ok(None), |group| tx.group(group))?;
        group.map(|group| ShownGroup::of(tx, &group)).transpose()
    }
}
