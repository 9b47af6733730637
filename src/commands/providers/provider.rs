//! What the commands about providers share: whom a call means, how one is shown, what its values may be.

use schemars::JsonSchema;
use serde::Serialize;

use super::service::sees_server;
use crate::call::Call;
use crate::domain::settings::Kind;
use crate::domain::time::Time;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::providers::ProviderRow;

/// The longest name in characters `[O]`.
const LONGEST: usize = 100;
/// Takes away what a blank, which is the same as nothing, cannot.
pub const NONE: &str = "-";

/// A provider.
#[derive(Serialize, JsonSchema)]
pub struct ShownProvider {
    /// the code
    code: String,
    /// the name
    name: String,
    /// whom to ask about it; empty: nobody is named
    contactemail: String,
    /// the code of the provider that may act for it; empty: only the default one may
    managedby: String,
    /// whether it is the default provider, with authority over the whole server
    isdefault: bool,
    /// whether the configuration states it, so that name and managedby are changed only there
    stated: bool,
    /// when it was made, UTC
    #[schemars(with = "Time")]
    created: String,
}

impl ShownProvider {
    /// One of all providers.
    pub fn of(call: &Call, row: &ProviderRow, all: &[ProviderRow]) -> ShownProvider {
        let manager = all.iter().find(|other| Some(other.id) == row.managed_by);
        ShownProvider {
            code: row.code.clone(),
            name: row.name.clone(),
            contactemail: row.email.clone(),
            managedby: manager.map_or(String::new(), |manager| manager.code.clone()),
            isdefault: row.code == call.snapshot.server.default_provider,
            stated: call.snapshot.stated.providers.contains_key(&row.code),
            created: row.created.stamp(),
        }
    }
}

/// The provider of that code, else the one that the call is for. Whoever may not act for it is told, as of an
/// unknown one, that there is none.
pub fn the_provider<'a>(call: &Call, all: &'a [ProviderRow], code: Option<&str>) -> Result<&'a ProviderRow> {
    let named = code.unwrap_or(&call.provider.code);
    let found = all.iter().find(|row| row.code.eq_ignore_ascii_case(named));
    let found = found.filter(|row| sees_server(call) || call.reaches(row.id));
    found.ok_or_else(|| Code::ProviderUnknown.into())
}

/// The row of a manager that is named.
pub fn manager(tx: &Tx<'_>, code: &str) -> Result<i64> {
    let found = tx.providers()?.into_iter().find(|row| row.code.eq_ignore_ascii_case(code));
    Ok(found.ok_or(Code::ProviderUnknown)?.id)
}

/// A name that fits.
pub fn name(name: &str) -> Result<&str> {
    match name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        true => Err(invalid(format!("name must be at most {LONGEST} printable characters"))),
        false => Ok(name),
    }
}

/// An address that can be one.
pub fn contact(address: &str) -> Result<String> {
    Kind::Email.check(address).map_err(|why| invalid(format!("contactemail {why}")))
}
