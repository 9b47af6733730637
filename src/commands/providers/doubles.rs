//! A setting that makes something unique is refused while there are doubles: each command would find one of them and
//! never the other, and the next change of one would be refused for what nobody has done.
//!
//! Whether a command sets it or the configuration states it, the same is looked at: what is demanded now and was not
//! before. So a start over settings that are stored already asks the data nothing.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::domain::settings::{ProviderSettings, ServerSettings};
use crate::error::{Result, invalid};
use crate::snapshot::Snapshot;
use crate::store::Tx;

/// What settings demand to be unique.
pub struct Demands {
    email: bool,
    /// Of the providers, by their numbers.
    providers: BTreeMap<i64, Demand>,
}

/// What a provider's settings demand.
struct Demand {
    code: String,
    reference: bool,
    license: bool,
    /// Addresses count for this provider alone.
    isolated: bool,
}

impl Demand {
    fn of(code: &str, settings: &ProviderSettings) -> Demand {
        Demand {
            code: code.to_owned(),
            reference: settings.reference_unique,
            license: settings.license_reference_unique,
            isolated: settings.isolated_email,
        }
    }
}

impl Demands {
    /// As they stand in the transaction now. Settings that cannot be read or cannot stand together demand nothing here:
    /// they are refused with the next snapshot, which says why.
    pub fn stored(tx: &Tx<'_>) -> Result<Demands> {
        let values = tx.setting_values()?;
        let server = ServerSettings::from_values(&|name| values.server(name));
        let providers = tx.providers()?.into_iter().filter_map(|row| {
            let settings = ProviderSettings::from_values(&|name| values.provider(row.id, name)).ok()?;
            Some((row.id, Demand::of(&row.code, &settings)))
        });
        Ok(Demands { email: server.is_ok_and(|server| server.email_unique), providers: providers.collect() })
    }

    fn known(snapshot: &Snapshot) -> Demands {
        let of = snapshot.providers().map(|known| (known.id, Demand::of(&known.code, &known.settings)));
        Demands { email: snapshot.server.email_unique, providers: of.collect() }
    }

    /// Why the data does not keep what is demanded now and was not before.
    fn broken(&self, before: &Demands, data: &Tx<'_>) -> Result<Option<String>> {
        for (id, new) in &self.providers {
            // Of a provider that was not there before there is nothing yet.
            let Some(old) = before.providers.get(id) else { continue };
            let mut found = None;
            if new.reference && !old.reference {
                let double = data.double_user_reference(*id)?;
                found = found.or(told("CLIENT/EXT_USER_REFERENCE_UNIQUE", &new.code, "users", double));
            }
            if new.license && !old.license {
                let double = data.double_license_reference(*id)?;
                found = found.or(told("LICENSE/EXT_LICENCE_REF_UNIQUE", &new.code, "licenses", double));
            }
            if self.email && (!before.email || new.isolated != old.isolated) {
                let double = data.double_address(*id, |other| self.share(*id, other))?;
                found = found.or(double.map(|address| new.address(&address, before.email)));
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The same as an error of whoever applies a configuration.
    pub fn kept(&self, before: &Demands, data: &Tx<'_>) -> anyhow::Result<()> {
        self.broken(before, data)?.map_or(Ok(()), |why| Err(anyhow::anyhow!(why)))
    }

    /// Whether an address of one provider may not be that of somebody else of the other one.
    fn share(&self, one: i64, other: i64) -> bool {
        let alone = |id: i64| self.providers.get(&id).is_none_or(|demand| demand.isolated);
        one == other || (!alone(one) && !alone(other))
    }
}

impl Demand {
    /// Why an address that is there twice keeps a setting from its value: that of the provider, or the server's.
    fn address(&self, address: &str, was_unique: bool) -> String {
        let code = &self.code;
        match (was_unique, self.isolated) {
            (false, _) => format!(
                "UserEmailUnique cannot be True: several users have the address {address}, one of them of {code}; \
                 change it or remove them first"
            ),
            (true, isolated) => format!(
                "CLIENT/ISOLATED_EMAIL_SCOPE cannot be {}: the address {address} of a user of {code} would be that of \
                 another user within the same scope; change one of them first",
                if isolated { "True" } else { "False" }
            ),
        }
    }
}

fn told(setting: &str, code: &str, what: &str, double: Option<(String, i64)>) -> Option<String> {
    let (reference, count) = double?;
    Some(format!(
        "{setting} cannot be True: {count} {what} of {code} have the reference {reference}; change them first"
    ))
}

/// Refuses what settings, as they stand in the transaction now, demand and the data does not keep.
pub fn refuse(call: &Call, tx: &Tx<'_>) -> Result<()> {
    let broken = Demands::stored(tx)?.broken(&Demands::known(&call.snapshot), tx)?;
    broken.map_or(Ok(()), |why| Err(invalid(why)))
}
