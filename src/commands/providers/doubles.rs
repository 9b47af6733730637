//! A setting that makes something unique is refused while there are doubles: each command would find one of them and
//! never the other, and the next change of one would be refused for what nobody has done.

use crate::call::Call;
use crate::domain::settings::{ProviderSettings, ServerSettings};
use crate::error::{Result, invalid};
use crate::store::Tx;

/// Refuses what the provider's settings, as they stand in the transaction now, demand and its data does not keep.
pub fn of_provider(call: &Call, tx: &Tx<'_>) -> Result<()> {
    let (values, provider) = (tx.setting_values()?, &call.provider);
    // Settings that cannot stand together are refused with the next snapshot, which says why.
    let Ok(new) = ProviderSettings::from_values(&|name| values.provider(provider.id, name)) else {
        return Ok(());
    };
    let (old, code) = (&provider.settings, &provider.code);
    if new.reference_unique && !old.reference_unique {
        refused("CLIENT/EXT_USER_REFERENCE_UNIQUE", code, "users", tx.double_user_reference(provider.id)?)?;
    }
    if new.license_reference_unique && !old.license_reference_unique {
        refused(
            "LICENSE/EXT_LICENCE_REF_UNIQUE",
            code,
            "licenses",
            tx.double_license_reference(provider.id)?,
        )?;
    }
    if new.isolated_email == old.isolated_email || !call.snapshot.server.email_unique {
        return Ok(());
    }
    let counts = |other| other == provider.id || (!new.isolated_email && !is_isolated(call, other));
    match tx.double_address(provider.id, counts)? {
        None => Ok(()),
        Some(address) => Err(invalid(format!(
            "CLIENT/ISOLATED_EMAIL_SCOPE cannot be {}: the address {address} of a user of {code} would be that of \
             another user within the same scope; change one of them first",
            if new.isolated_email { "True" } else { "False" }
        ))),
    }
}

/// Refuses what the server's settings, as they stand in the transaction now, demand and the data does not keep.
pub fn of_server(call: &Call, tx: &Tx<'_>) -> Result<()> {
    let values = tx.setting_values()?;
    let new = ServerSettings::from_values(&|name| values.server(name)).is_ok_and(|new| new.email_unique);
    if !new || call.snapshot.server.email_unique {
        return Ok(());
    }
    for provider in call.snapshot.providers() {
        let alone = provider.settings.isolated_email;
        let counts = |other| other == provider.id || (!alone && !is_isolated(call, other));
        if let Some(address) = tx.double_address(provider.id, counts)? {
            return Err(invalid(format!(
                "UserEmailUnique cannot be True: several users have the address {address}, one of them of {}; change \
                 it or remove them first",
                provider.code
            )));
        }
    }
    Ok(())
}

fn is_isolated(call: &Call, provider: i64) -> bool {
    call.snapshot.provider_by_id(provider).is_none_or(|provider| provider.settings.isolated_email)
}

fn refused(setting: &str, code: &str, what: &str, double: Option<(String, i64)>) -> Result<()> {
    match double {
        None => Ok(()),
        Some((reference, count)) => Err(invalid(format!(
            "{setting} cannot be True: {count} {what} of {code} have the reference {reference}; change them first"
        ))),
    }
}
