//! Who belongs to a company account, as it is listed: members and managers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::user::Status;
use crate::store::account_data::{Manager, Member};

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
