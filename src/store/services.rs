//! Services and their keys.

use secrecy::SecretBox;

use super::audit::{Shown, shown};
use super::backend::{Params, ToSql, Tx};
use super::vault::Vault;
use crate::domain::names;
use crate::domain::time::{DAY, Time};
use crate::error::{Error, Result};
use crate::snapshot::ServiceKey;

/// Whoever has signed with an old key within that time has not been given the new one.
const RECENTLY: i64 = DAY;

/// A service's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    /// Its id; 0 before it has one.
    pub id: i64,
    /// Its provider.
    pub provider_id: i64,
    /// Its name.
    pub name: String,
    /// `api`, `shop`, `webportal`, `adminconsole`, `authservice`, `hostserver`.
    pub kind: String,
    /// The short name of the checksum method.
    pub method: String,
    /// Addresses and ranges, one a line.
    pub addresses: String,
    /// Commands allowed, one a line; empty: all.
    pub commands: String,
    /// Wrong passwords in the login interval; 0: no limit.
    pub login_limit: i64,
    /// Whether it may call.
    pub enabled: bool,
    /// Made for the first try; gives way to any configured service.
    pub demo: bool,
}

impl ServiceRow {
    /// What of it can change, by name.
    pub fn shown(&self) -> Shown {
        shown([
            ("servicename", self.name.as_str().into()),
            ("kind", self.kind.as_str().into()),
            ("method", self.method.as_str().into()),
            ("addresses", self.addresses.replace('\n', ",").into()),
            ("commands", self.commands.replace('\n', ",").into()),
            ("loginlimit", self.login_limit.into()),
            ("enabled", self.enabled.into()),
        ])
    }

    fn values<'a>(&'a self, key: &'a dyn ToSql) -> [&'a dyn ToSql; 10] {
        [
            &self.provider_id,
            &self.name,
            key,
            &self.kind,
            &self.method,
            &self.addresses,
            &self.commands,
            &self.login_limit,
            &self.enabled,
            &self.demo,
        ]
    }
}

/// How long a key lives, and whether anybody still signs with it.
#[derive(Debug, Clone, Copy)]
pub struct KeyLife {
    /// Its row.
    pub id: i64,
    /// When it ends; none: not yet known.
    pub ends: Option<Time>,
    /// When it was last used since its end is known, at most two minutes late.
    pub last_used: Option<Time>,
}

impl KeyLife {
    /// The end of a key that still signs, and when somebody last did with it.
    pub fn still_used(&self, now: Time) -> Option<(Time, Time)> {
        let (ends, used) = (self.ends?, self.last_used?);
        (now < ends && now < used.plus(RECENTLY)).then_some((ends, used))
    }
}

impl Tx<'_> {
    /// All services; there are few.
    pub fn services(&self) -> Result<Vec<ServiceRow>> {
        let sql = "SELECT id, providerid, name, kind, method, addresses, commands, loginlimit, enabled, demo
                   FROM services ORDER BY id";
        self.all(sql, &[], |row| {
            Ok(ServiceRow {
                id: row.get(0)?,
                provider_id: row.get(1)?,
                name: row.get(2)?,
                kind: row.get(3)?,
                method: row.get(4)?,
                addresses: row.get(5)?,
                commands: row.get(6)?,
                login_limit: row.get(7)?,
                enabled: row.get(8)?,
                demo: row.get(9)?,
            })
        })
    }

    /// Adds a service; `None` where the name is taken.
    pub fn add_service(&self, row: &ServiceRow, now: Time) -> Result<Option<i64>> {
        let key = names::key(&row.name);
        // Asked first, because a row that gives way to another has used its number all the same.
        if self.any("SELECT 1 FROM services WHERE name_key = $1", &[&key])? {
            return Ok(None);
        }
        self.note(|notes| notes.settings = true);
        let mut values = row.values(&key).to_vec();
        values.push(&now.0);
        let sql =
            "INSERT INTO services (providerid, name, name_key, kind, method, addresses, commands, loginlimit,
                   enabled, demo, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
        self.rows_differ(Shown::new(), row.shown());
        self.insert(sql, &values).map(Some)
    }

    /// Brings a service to the stated values.
    pub fn set_service(&self, row: &ServiceRow) -> Result<()> {
        self.note(|notes| notes.settings = true);
        if let Some(old) = self.services()?.into_iter().find(|old| old.id == row.id) {
            self.rows_differ(old.shown(), row.shown());
        }
        let key = names::key(&row.name);
        let mut values = row.values(&key).to_vec();
        values.push(&row.id);
        let sql = "UPDATE services SET providerid = $1, name = $2, name_key = $3, kind = $4, method = $5,
                   addresses = $6, commands = $7, loginlimit = $8, enabled = $9, demo = $10 WHERE id = $11";
        self.change(sql, &values).map(drop)
    }

    /// Removes a service; its keys and the sessions that it has opened go with it.
    pub fn delete_service(&self, row: &ServiceRow) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.rows_differ(row.shown(), Shown::new());
        self.change("DELETE FROM services WHERE id = $1", &[&row.id]).map(drop)
    }

    /// Whether the service for trying things out is off because the configuration states services.
    pub fn is_demo_away(&self) -> Result<bool> {
        let away =
            self.one("SELECT value FROM meta WHERE name = 'demoaway'", &[], |row| row.get::<_, i64>(0))?;
        Ok(away == Some(1))
    }

    /// Notes whether it is.
    pub fn set_demo_away(&self, away: bool) -> Result<()> {
        let sql = "INSERT INTO meta (name, value) VALUES ('demoaway', $1)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.change(sql, &[&away]).map(drop)
    }

    /// Adds a live key to a service.
    pub fn add_service_key(
        &self,
        vault: &Vault,
        service: i64,
        key: &str,
        now: Time,
        not_after: Option<Time>,
        random: &[u8; 32],
    ) -> Result<()> {
        self.note(|notes| notes.settings = true);
        let sealed = vault.seal(&place(service), key.as_bytes(), random).map_err(Error::Failed)?;
        self.differs("key", "", "added");
        let not_after = not_after.map(|time| time.0);
        let sql = "INSERT INTO service_keys (serviceid, sealed, created, notafter) VALUES ($1, $2, $3, $4) RETURNING id";
        let values: Params<'_> = &[&service, &sealed, &now.0, &not_after];
        self.insert(sql, values).map(drop)
    }

    /// The keys of a service, the oldest first, without opening them.
    pub fn service_key_lives(&self, service: i64) -> Result<Vec<KeyLife>> {
        let sql = "SELECT id, notafter, lastused FROM service_keys WHERE serviceid = $1 ORDER BY id";
        self.all(sql, &[&service], |row| {
            let (ends, last_used): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
            Ok(KeyLife { id: row.get(0)?, ends: ends.map(Time), last_used: last_used.map(Time) })
        })
    }

    /// Writes when a key that ends was last used.
    pub(super) fn set_service_key_used(&self, key: i64, time: i64) -> Result<()> {
        let sql =
            "UPDATE service_keys SET lastused = $1 WHERE id = $2 AND (lastused IS NULL OR lastused < $1)";
        self.keep_house(sql, &[&time, &key]).map(drop)
    }

    /// Sets when a key ends.
    pub fn end_service_key(&self, key: i64, not_after: Time) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.differs("oldkeyends", "", not_after.stamp());
        self.change("UPDATE service_keys SET notafter = $1 WHERE id = $2", &[&not_after.0, &key]).map(drop)
    }

    /// Forgets one key.
    pub fn drop_service_key(&self, key: i64) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.differs("oldkey", "", "removed");
        self.change("DELETE FROM service_keys WHERE id = $1", &[&key]).map(drop)
    }

    /// Forgets the keys of a service.
    pub fn drop_service_keys(&self, service: i64) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.differs("oldkey", "", "removed");
        self.change("DELETE FROM service_keys WHERE serviceid = $1", &[&service]).map(drop)
    }

    /// The keys of a service, opened.
    pub fn open_service_keys(&self, vault: &Vault, service: i64) -> Result<Vec<ServiceKey>> {
        let sql = "SELECT id, sealed, notafter, lastused FROM service_keys WHERE serviceid = $1 ORDER BY id";
        let rows = self.all(sql, &[&service], |row| {
            let life = KeyLife {
                id: row.get(0)?,
                ends: row.get::<_, Option<i64>>(2)?.map(Time),
                last_used: row.get::<_, Option<i64>>(3)?.map(Time),
            };
            Ok((row.get::<_, Vec<u8>>(1)?, life))
        })?;
        rows.into_iter()
            .map(|(sealed, life)| {
                let key = vault.open_sealed(&place(service), &sealed).map_err(Error::Failed)?;
                let secret = SecretBox::new(key.into_boxed_slice());
                Ok(ServiceKey::new(life.id, secret, life.ends, life.last_used))
            })
            .collect()
    }
}

fn place(service: i64) -> String {
    format!("service_keys/{service}")
}
