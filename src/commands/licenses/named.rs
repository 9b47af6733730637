//! What a call names: a licence to be changed, or a user and a licence that belong together.

use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::command::Zero;
use crate::commands::users::rules;
use crate::domain::licenses::{LicenseRef, Product};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::licenses::License;
use crate::store::users::User;

/// The user and the licence, which must be of the same provider; else -30203.
pub fn pair(call: &Call, tx: &Tx<'_>, id: &UserRef, lic: &LicenseRef) -> Result<(User, License)> {
    let user = tx.the_user(call, id)?;
    let license = tx.the_license(call, lic)?;
    match user.provider_id == license.provider_id {
        true => Ok((user, license)),
        false => Code::LicenseUnknown.refuse(),
    }
}

/// The same where the user is to use the licence: it must be in force and for users.
pub fn usable(call: &Call, tx: &Tx<'_>, id: &UserRef, lic: &LicenseRef) -> Result<(User, License)> {
    let (user, license) = pair(call, tx, id, lic)?;
    if license.product == Product::Server {
        return Err(invalid("a server license is used by depots, not by users"));
    }
    license.in_force(call)?;
    Ok((user, license))
}

/// The default licence of a user; else -30208.
pub fn default(call: &Call, tx: &Tx<'_>, id: &UserRef) -> Result<(User, License)> {
    let user = tx.the_user(call, id)?;
    let license = user.license_id.map_or(Ok(None), |license| tx.license(license))?;
    Ok((user, license.ok_or(Code::NoDefaultLicense)?))
}

/// -30137 for the licence that new users of the provider share: without it nobody could register.
pub fn no_default_of_provider(call: &Call, license: &License) -> Result<()> {
    let provider = call.snapshot.provider_by_id(license.provider_id);
    match provider.is_some_and(|of| of.settings.default_license_key.eq_ignore_ascii_case(&license.key)) {
        true => Err(Code::StillInUse.say(
            "Still in use: LICENSE/DEFAULT_LICENSEKEY names this license, which new users get; set another one first",
        )),
        false => Ok(()),
    }
}

/// What the caller calls the change, or nothing; -30002 where it is too long.
pub fn change_id(changeid: &Option<String>) -> Result<&str> {
    let changeid = changeid.as_deref().unwrap_or_default();
    rules::short("changeid", changeid)?;
    Ok(changeid)
}

/// Changes a licence, once for each id of a change; says whether this was the first time.
pub fn change(
    call: &Call,
    tx: &Tx<'_>,
    license: &License,
    changeid: &Option<String>,
    to: impl FnOnce(&License) -> Result<License>,
) -> Result<bool> {
    let changeid = change_id(changeid)?;
    if tx.change_made(license, changeid)? {
        return Ok(false);
    }
    tx.change_license(call, license, &to(license)?, changeid)?;
    Ok(true)
}

/// The reply to a change.
#[derive(Serialize, JsonSchema)]
pub struct Changed {
    /// always 0
    intresult: Zero,
    /// true: a change of that changeid is on record for the license already, so nothing was applied, whatever the
    /// call says; left out: it was applied
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<bool>,
}

/// The same for a command that does nothing else.
pub fn changed(
    call: &Call,
    tx: &Tx<'_>,
    license: &License,
    changeid: &Option<String>,
    to: impl FnOnce(&License) -> Result<License>,
) -> Result<Changed> {
    let first = change(call, tx, license, changeid, to)?;
    Ok(Changed { intresult: Zero, repeated: (!first).then_some(true) })
}
