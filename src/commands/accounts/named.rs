//! What a call names beside an account: a user, a licence, a depot that may belong to it.

use crate::access;
use crate::call::Call;
use crate::commands::users::rules;
use crate::domain::licenses::{LicenseRef, Product};
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::accounts::Account;
use crate::store::depots::Depot;
use crate::store::licenses::License;
use crate::store::users::User;

/// The user and the account, which must be of the same provider; else -30126.
pub fn pair(call: &Call, tx: &Tx<'_>, id: &UserRef, accountkey: &str) -> Result<(User, Account)> {
    let user = tx.the_user(call, id)?;
    let account = tx.the_account(call, accountkey)?;
    match user.provider_id == account.provider_id {
        true => Ok((user, account)),
        false => Code::AccountUnknown.refuse(),
    }
}

/// The company's name; -30002 where it is too long.
pub fn account_name(name: &str) -> Result<&str> {
    rules::short("accountname", name)?;
    Ok(name)
}

/// A licence that the caller may give to the account, or take from it; else -30203.
///
/// A manager without API access has only what itself or a member holds. Any other licence is answered like one
/// that does not exist: else every number of a contract could be tried.
pub fn license(call: &Call, tx: &Tx<'_>, account: &Account, lic: &LicenseRef) -> Result<License> {
    let Some(person) = access::tied(call) else { return tx.the_license(call, lic) };
    let license = match tx.the_license(call, lic) {
        // That a reference is several licences' tells of other licences, too.
        Err(Error::Refused { .. }) if call.provider.settings.license_reference_unique => {
            return Code::LicenseUnknown.refuse();
        }
        found => found?,
    };
    let own = |holder: i64| -> Result<bool> { Ok(holder == person.user || tx.belongs(holder, account)?) };
    match account.license == Some(license.id) || license.holder.map_or(Ok(false), own)? {
        true => Ok(license),
        false => Code::LicenseUnknown.refuse(),
    }
}

/// The same where the account is to have it: it must be in force and for users.
pub fn usable(call: &Call, tx: &Tx<'_>, account: &Account, lic: &LicenseRef) -> Result<License> {
    let license = license(call, tx, account, lic)?;
    if license.product == Product::Server {
        return Err(invalid("a server license is used by depots, not by users"));
    }
    license.in_force(call)?;
    Ok(license)
}

/// A depot that the caller may give to the account, or take from it, likewise; else -30122.
pub fn depot(call: &Call, tx: &Tx<'_>, account: &Account, id: i64) -> Result<Depot> {
    let Some(person) = access::tied(call) else { return tx.the_depot(call, id) };
    let depot = tx.depot(id)?.filter(|depot| depot.provider_id == account.provider_id);
    let depot = depot.ok_or(Code::DepotUnknown)?;
    let own = |owner: i64| -> Result<bool> { Ok(owner == person.user || tx.belongs(owner, account)?) };
    match account.depot == Some(depot.id) || depot.owner.map_or(Ok(false), own)? {
        true => Ok(depot),
        false => Code::DepotUnknown.refuse(),
    }
}

/// Gives the account another licence, or none, and writes that down with both licences; -30209 where a member
/// would be without a seat.
pub fn set_license(call: &Call, tx: &Tx<'_>, account: &Account, license: Option<i64>) -> Result<()> {
    if account.license == license {
        return Ok(());
    }
    tx.set_account_license(account, license)?;
    if let Some(old) = account.license {
        tx.license_lent(call, old, &account.key, "")?;
    }
    match license {
        Some(new) => tx.license_lent(call, new, "", &account.key),
        None => Ok(()),
    }
}
