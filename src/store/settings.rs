//! Settings and sealed values.

use std::collections::HashMap;

use secrecy::SecretBox;

use super::audit::masked;
use super::backend::Tx;
use super::vault::Vault;
use crate::domain::settings;
use crate::error::{Error, Result};

const SALT: &str = "salt";

/// All values that differ from the default.
#[derive(Default)]
pub struct Values(HashMap<(Option<i64>, String), String>);

impl Values {
    /// A server setting's stored value.
    pub fn server(&self, name: &str) -> Option<String> {
        self.0.get(&(None, name.to_owned())).cloned()
    }

    /// Every stored value: the provider, or none for the server, the name, the value; in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Option<i64>, &str, &str)> {
        self.0.iter().map(|((provider, name), value)| (*provider, name.as_str(), value.as_str()))
    }

    /// A provider setting's stored value.
    pub fn provider(&self, provider: i64, name: &str) -> Option<String> {
        self.0.get(&(Some(provider), name.to_owned())).cloned()
    }
}

impl Tx<'_> {
    /// Every stored value.
    pub fn setting_values(&self) -> Result<Values> {
        let sql = "SELECT providerid, name, value FROM settings";
        let rows = self.all(sql, &[], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(Values(rows.into_iter().collect()))
    }

    /// Stores a server setting, or forgets it, so that the default holds again.
    pub fn set_server_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        self.note(|notes| notes.settings = true);
        let sql = "SELECT value FROM settings WHERE providerid IS NULL AND name = $1";
        let old = self.one(sql, &[&name], |row| row.get::<_, String>(0))?;
        let secret = settings::server(name).is_some_and(|setting| setting.secret);
        self.differs(name, masked(secret, old.as_deref()), masked(secret, value));
        match value {
            None => self.change("DELETE FROM settings WHERE providerid IS NULL AND name = $1", &[&name])?,
            Some(value) => self.change(
                "INSERT INTO settings (providerid, name, value) VALUES (NULL, $1, $2)
                 ON CONFLICT (name) WHERE providerid IS NULL DO UPDATE SET value = excluded.value",
                &[&name, &value],
            )?,
        };
        Ok(())
    }

    /// Stores a provider's setting.
    pub fn set_provider_setting(&self, provider: i64, name: &str, value: &str) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.provider_setting_differs(provider, name, Some(value))?;
        let sql = "INSERT INTO settings (providerid, name, value) VALUES ($1, $2, $3)
                   ON CONFLICT (providerid, name) WHERE providerid IS NOT NULL DO UPDATE SET value = excluded.value";
        self.change(sql, &[&provider, &name, &value]).map(drop)
    }

    /// Forgets a provider's setting, so that the default holds again.
    pub fn drop_provider_setting(&self, provider: i64, name: &str) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.provider_setting_differs(provider, name, None)?;
        self.change("DELETE FROM settings WHERE providerid = $1 AND name = $2", &[&provider, &name]).map(drop)
    }

    fn provider_setting_differs(&self, provider: i64, name: &str, value: Option<&str>) -> Result<()> {
        let sql = "SELECT value FROM settings WHERE providerid = $1 AND name = $2";
        let old = self.one(sql, &[&provider, &name], |row| row.get::<_, String>(0))?;
        let secret = settings::provider(name).is_some_and(|setting| setting.secret);
        self.differs(name, masked(secret, old.as_deref()), masked(secret, value));
        Ok(())
    }

    pub(super) fn sealed(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.one("SELECT sealed FROM sealed_values WHERE name = $1", &[&name], |row| row.get(0))
    }

    pub(super) fn set_sealed(&self, name: &str, sealed: &[u8]) -> Result<()> {
        let sql = "INSERT INTO sealed_values (name, sealed) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed";
        self.change(sql, &[&name, &sealed]).map(drop)
    }

    /// The salt of the MD5 method without a key of its own.
    pub fn open_salt(&self, vault: &Vault) -> Result<SecretBox<[u8]>> {
        let sealed = self.sealed(SALT)?.ok_or_else(|| Error::fault("the database has no salt"))?;
        let salt = vault.open_sealed(SALT, &sealed).map_err(Error::Failed)?;
        Ok(SecretBox::new(salt.into_boxed_slice()))
    }

    /// Replaces the salt.
    pub fn set_salt(&self, vault: &Vault, salt: &[u8], random: &[u8; 32]) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.secret_differs("APIChecksumSalt");
        let sealed = vault.seal(SALT, salt, random).map_err(Error::Failed)?;
        self.set_sealed(SALT, &sealed)
    }
}
