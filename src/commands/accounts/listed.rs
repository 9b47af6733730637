//! What a company account has, as it is listed: members, managers, depots, groups.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::user::Status;
use crate::error::Result;
use crate::store::Tx;
use crate::store::account_data::{Manager, Member};
use crate::store::depots::Depot;
use crate::store::groups::Group;

/// A member.
#[derive(Serialize, JsonSchema)]
pub struct ShownMember {
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// the registration address
    email: String,
    /// todelete, disabled, inactive or activated
    status: Status,
}

impl ShownMember {
    /// How that member is shown.
    pub fn of(member: Member) -> ShownMember {
        let Member { id, username, email, status } = member;
        ShownMember { userid: id, username, email, status }
    }
}

/// A manager. One who is no member is shown to the others by name alone.
#[derive(Serialize, JsonSchema)]
pub struct ShownManager {
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// whether the user belongs to the account, too
    ismember: bool,
}

impl ShownManager {
    /// How that manager is shown.
    pub fn of(manager: Manager) -> ShownManager {
        ShownManager { userid: manager.id, username: manager.username, ismember: manager.member }
    }
}

/// A depot.
#[derive(Serialize, JsonSchema)]
pub struct ShownDepot {
    /// the depot's number
    depotid: i64,
    /// where it is
    hosturl: String,
    /// the name of the user who owns it
    owner: String,
    /// bytes that it may hold
    storagelimit: i64,
    /// bytes that it holds
    storageused: i64,
    /// bytes of traffic; 0: no limit
    trafficlimit: i64,
    /// bytes of traffic so far
    trafficused: i64,
    /// active or inactive
    status: &'static str,
    /// whether it is the account's
    isaccount: bool,
    /// whether it is a group's
    isgroup: bool,
}

impl ShownDepot {
    /// How that depot is shown where it is the account's, or a group's, or both.
    pub fn of(tx: &Tx<'_>, depot: Depot, isaccount: bool, isgroup: bool) -> Result<ShownDepot> {
        Ok(ShownDepot {
            depotid: depot.id,
            owner: name(tx, depot.owner)?,
            hosturl: depot.host_url,
            storagelimit: depot.storage_limit,
            storageused: depot.storage_used,
            trafficlimit: depot.traffic_limit,
            trafficused: depot.traffic_used,
            status: if depot.active { "active" } else { "inactive" },
            isaccount,
            isgroup,
        })
    }
}

/// A group.
#[derive(Serialize, JsonSchema)]
pub struct ShownGroup {
    /// the group's number
    groupid: i64,
    /// the external handle
    groupreference: String,
    /// the group's name
    groupname: String,
    /// the name of the user who manages it
    manager: String,
    /// how many members it has
    membercount: i64,
}

impl ShownGroup {
    /// How that group is shown.
    pub fn of(tx: &Tx<'_>, group: &Group) -> Result<ShownGroup> {
        Ok(ShownGroup {
            groupid: group.id,
            groupreference: group.reference.clone(),
            groupname: group.name.clone(),
            manager: name(tx, group.manager)?,
            membercount: group.members,
        })
    }
}

fn name(tx: &Tx<'_>, user: Option<i64>) -> Result<String> {
    let user = user.map_or(Ok(None), |user| tx.user(user))?;
    Ok(user.map(|user| user.username).unwrap_or_default())
}
