//! What a call names: a user and a depot that belong together, and how many bytes.

use crate::call::Call;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::depots::Depot;
use crate::store::users::User;

/// The user and the depot, which must be of the same provider; else -30122.
pub fn pair(call: &Call, tx: &Tx<'_>, id: &UserRef, depotid: i64) -> Result<(User, Depot)> {
    let user = tx.the_user(call, id)?;
    let depot = tx.the_depot(call, depotid)?;
    match user.provider_id == depot.provider_id {
        true => Ok((user, depot)),
        false => Code::DepotUnknown.refuse(),
    }
}

/// A number of bytes; -30002 for one below zero.
pub fn bytes(name: &str, size: i64) -> Result<i64> {
    match size {
        0.. => Ok(size),
        _ => Err(invalid(format!("{name} must be 0 or more bytes"))),
    }
}
