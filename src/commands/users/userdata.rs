//! `<userdata>`: how a user is shown.

use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::commands::devices::devicelist::DeviceList;
use crate::commands::groups::groupdata::ShownGroup;
use crate::domain::time::Time;
use crate::domain::user::Status;
use crate::error::Result;
use crate::store::Tx;
use crate::store::users::User;

/// The user, in the documented order, then what is ours from `authid` on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserData {
    /// the user's number, never given twice
    userid: i64,
    /// the user's name
    username: String,
    /// the registration address
    email: String,
    /// the external reference
    reference: String,
    /// the department
    department: String,
    /// the language of mails and pages
    language: String,
    /// the code of the user's provider
    distributor: String,
    /// when the user was registered, UTC
    #[schemars(with = "Time")]
    usercreated: String,
    /// todelete, disabled, inactive or activated
    status: Status,
    /// whether keys may be kept in the repository
    keyrepository: bool,
    /// whether the newsletter is wanted
    newsletter: bool,
    /// whether mails came back
    emailbounced: bool,
    /// whether the web portal may be used
    webportal: bool,
    /// the id at the external authentication service
    authid: String,
    /// the last login, UTC, at most a minute late; empty: never
    #[schemars(with = "Option<Time>")]
    lastlogin: String,
    /// rises with every change of the user
    modnumber: i64,
    /// the company account; empty: none
    accountkey: String,
    /// by which sites name the user; shown to the user, to services, and to the site that registered the user
    #[serde(skip_serializing_if = "Option::is_none")]
    userkey: Option<String>,
}

/// Whether the public key of a user is shown to whoever calls.
fn shows_key(call: &Call, user: &User) -> bool {
    let at_home = || call.caller.site().is_some_and(|site| user.home == Some(site));
    call.caller.is_trusted() || call.is_own(user.id) || at_home()
}

/// The code of a user's provider.
pub fn distributor(call: &Call, user: &User) -> String {
    call.snapshot.provider_by_id(user.provider_id).map(|provider| provider.code.clone()).unwrap_or_default()
}

impl UserData {
    /// How that user is shown.
    pub fn of(call: &Call, tx: &Tx<'_>, user: User) -> Result<UserData> {
        let accountkey = user.account_id.map_or(Ok(None), |account| tx.account_key(account))?;
        let shows_key = shows_key(call, &user);
        Ok(UserData {
            distributor: distributor(call, &user),
            userid: user.id,
            username: user.username,
            email: user.email,
            reference: user.reference,
            department: user.department,
            language: user.language,
            usercreated: user.created.stamp(),
            status: user.status,
            keyrepository: user.keyrepository,
            newsletter: user.newsletter,
            emailbounced: user.emailbounced,
            webportal: user.webportal,
            authid: user.authid,
            lastlogin: user.last_login.map(|time| time.stamp()).unwrap_or_default(),
            modnumber: user.modnumber,
            accountkey: accountkey.unwrap_or_default(),
            userkey: shows_key.then_some(user.userkey),
        })
    }
}

/// A reply with one user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneUser {
    /// the user
    pub userdata: UserData,
    /// the group that the user is a member of
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<ShownGroup>,
}

impl OneUser {
    /// A reply with that user, and with the group where that is wanted.
    pub fn of(call: &Call, tx: &Tx<'_>, user: User, with_group: bool) -> Result<OneUser> {
        let group = ShownGroup::of_user(tx, &user, with_group)?;
        Ok(OneUser { userdata: UserData::of(call, tx, user)?, group })
    }
}

/// The default of `includegroup`.
pub fn yes() -> bool {
    true
}

/// What a search shows beside the users themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// Their devices.
    pub devices: bool,
    /// Their groups.
    pub group: bool,
}

/// A user as a search shows it.
#[derive(Serialize, JsonSchema)]
pub struct FoundUser {
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// the registration address
    email: String,
    /// the external reference
    reference: String,
    /// the department
    department: String,
    /// the language of mails and pages
    language: String,
    /// the code of the user's provider
    distributor: String,
    /// when the user was registered, UTC
    #[schemars(with = "Time")]
    usercreated: String,
    /// todelete, disabled, inactive or activated
    status: Status,
    /// the key of the licence in force: the group's before the account's before the user's own
    #[serde(skip_serializing_if = "Option::is_none")]
    licensekey: Option<String>,
    /// the group that the user is a member of
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<ShownGroup>,
    /// the user's devices
    #[serde(skip_serializing_if = "Option::is_none")]
    devicelist: Option<DeviceList>,
}

impl FoundUser {
    /// How a search shows that user.
    pub fn of(call: &Call, tx: &Tx<'_>, user: User, beside: Beside) -> Result<FoundUser> {
        let licensekey = tx.license_in_force(call, &user)?.map(|license| license.key);
        let group = ShownGroup::of_user(tx, &user, beside.group)?;
        let devicelist = if beside.devices { Some(DeviceList::of(tx, user.id)?) } else { None };
        Ok(FoundUser {
            distributor: distributor(call, &user),
            userid: user.id,
            username: user.username,
            email: user.email,
            reference: user.reference,
            department: user.department,
            language: user.language,
            usercreated: user.created.stamp(),
            status: user.status,
            licensekey,
            group,
            devicelist,
        })
    }
}
