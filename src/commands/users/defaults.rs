//! The licence and the depot that a user gets without asking `[D]`.

use crate::call::Call;
use crate::domain::licenses::{self, Product, Terms, Type};
use crate::error::{Code, Error, Result};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::licenses::{License, NewLicense};

/// Gives a user who has none its provider's shared licence, or a licence of its own: one like it that the user holds
/// already and nobody uses, or a new one; -30209 where the shared one
/// has no room, -30212 where the reference is taken.
pub fn give_license(
    call: &Call,
    tx: &Tx<'_>,
    provider: &Provider,
    user: i64,
    reference: Option<&str>,
) -> Result<()> {
    let settings = &provider.settings;
    if !settings.create_default_license {
        return Ok(());
    }
    if !settings.default_license_key.is_empty() {
        let shared = tx.license_of_key(provider.id, &settings.default_license_key)?;
        let shared = shared.ok_or_else(|| {
            Code::LicenseLimit.say("License limit reached: LICENSE/DEFAULT_LICENSEKEY names no license")
        })?;
        if shared.in_force(call).is_err() {
            return Code::LicenseLimit.refuse();
        }
        return tx.set_license(user, None, Some(shared.id));
    }
    let features = match tx.in_account(user)? {
        true => &settings.default_account_feature,
        false => &settings.default_free_feature,
    };
    let features = licenses::features(features)
        .ok_or_else(|| Error::fault("the features of default licenses are no features"))?;
    let reference = reference.unwrap_or_default();
    let terms = Terms { features, limit: 1, valid_until: None };
    // One that was left for a better license is there still.
    if let Some(left) = tx.unused_default_license(provider.id, user, features, reference)? {
        return tx.set_license(user, None, Some(left));
    }
    let (product, kind, holder) = (Product::Client, Type::Permanent, Some(user));
    check_reference(tx, provider, reference)?;
    let new = NewLicense { product, kind, terms, reference, contract: "", holder };
    let license = tx.add_license(call, provider, &new)?;
    tx.set_license(user, None, Some(license))
}

/// Whether who uses that licence, which has ended, would be given another one.
pub fn gives_license(call: &Call, tx: &Tx<'_>, ended: &License) -> Result<bool> {
    let Some(provider) = call.snapshot.provider_by_id(ended.provider_id) else { return Ok(false) };
    let settings = &provider.settings;
    if settings.default_license_key.is_empty() || !settings.create_default_license {
        return Ok(settings.create_default_license);
    }
    let shared = tx.license_of_key(provider.id, &settings.default_license_key)?;
    Ok(shared.is_some_and(|shared| shared.id != ended.id && shared.in_force(call).is_ok()))
}

/// Refuses a licence reference that is taken where references are unique.
pub fn check_reference(tx: &Tx<'_>, provider: &Provider, reference: &str) -> Result<()> {
    let matters = provider.settings.license_reference_unique && !reference.is_empty();
    if matters && tx.license_reference_taken(provider.id, reference)? {
        return Code::LicenseReferenceExists.refuse();
    }
    Ok(())
}

/// Gives the user a depot, where the provider has a host server and wants one made.
pub fn give_depot(call: &Call, tx: &Tx<'_>, user: i64) -> Result<()> {
    let settings = &call.provider.settings;
    if settings.create_default_depot && !settings.host_server.is_empty() {
        tx.add_default_depot(call, user)?;
    }
    Ok(())
}
