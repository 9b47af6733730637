//! What a call names: a group, and a user, a licence or a depot that belongs with it.

use crate::access;
use crate::call::Call;
use crate::commands::users::rules;
use crate::domain::groups::{self, GroupRef};
use crate::domain::licenses::LicenseRef;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::depots::Depot;
use crate::store::groups::Group;
use crate::store::licenses::License;
use crate::store::users::User;

/// The user and the group, which must be of the same provider; else -30123. For callers with API access.
pub fn pair(call: &Call, tx: &Tx<'_>, gid: &GroupRef, id: &UserRef) -> Result<(User, Group)> {
    let user = tx.the_user(call, id)?;
    let group = tx.the_group(call, gid)?;
    match user.provider_id == group.provider_id {
        true => Ok((user, group)),
        false => Code::GroupUnknown.refuse(),
    }
}

/// The licence that the call names, as far as the caller may give it to the group or take it; else -30203.
pub fn license(call: &Call, tx: &Tx<'_>, group: &Group, lic: &LicenseRef) -> Result<License> {
    if access::tied(call).is_none() {
        return tx.the_license(call, lic);
    }
    // To a manager, a license of somebody else's is like one that there is not.
    let found = tx.the_license(call, lic).map_err(|error| match error {
        Error::Refused { .. } => Code::LicenseUnknown.into(),
        fault => fault,
    })?;
    match group.license == Some(found.id) || theirs(call, tx, group, found.holder)? {
        true => Ok(found),
        false => Code::LicenseUnknown.refuse(),
    }
}

/// The same for a depot, which its owner has; else -30122.
pub fn depot(call: &Call, tx: &Tx<'_>, group: &Group, id: i64) -> Result<Depot> {
    let found = tx.depot(id)?.filter(|depot| depot.provider_id == group.provider_id);
    let Some(depot) = found else { return Code::DepotUnknown.refuse() };
    match group.depot == Some(depot.id) || theirs(call, tx, group, depot.owner)? {
        true => Ok(depot),
        false => Code::DepotUnknown.refuse(),
    }
}

/// Whether the caller may dispose of what that user has: with API access always, as the group's manager where it
/// is the manager's own or a member's.
fn theirs(call: &Call, tx: &Tx<'_>, group: &Group, whose: Option<i64>) -> Result<bool> {
    let Some(person) = access::tied(call) else { return Ok(true) };
    match whose {
        Some(user) if user == person.user => Ok(true),
        Some(user) => Ok(tx.user(user)?.is_some_and(|user| user.group_id == Some(group.id))),
        None => Ok(false),
    }
}

/// -30002 for a name that no group can have.
pub fn name(name: &str) -> Result<()> {
    rules::short("groupname", name)?;
    match groups::name_allowed(name) {
        true => Ok(()),
        false => Err(invalid("groupname must be one line of characters that can be seen")),
    }
}

/// -30136 for an external handle that another group of the provider has.
pub fn free_reference(tx: &Tx<'_>, provider: i64, field: &str, reference: &str) -> Result<()> {
    rules::short(field, reference)?;
    match tx.group_reference_taken(provider, reference)? {
        true => Code::GroupExists.refuse(),
        false => Ok(()),
    }
}
