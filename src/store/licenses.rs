//! Licences: as far as registration and removal need them.

use super::backend::{Params, Tx};
use crate::call::Call;
use crate::domain::licenses;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::snapshot::Provider;

/// What a new licence starts with.
pub struct NewLicense<'a> {
    /// Feature bits.
    pub features: i64,
    /// The external reference.
    pub reference: &'a str,
    /// Who owns it.
    pub holder: i64,
}

/// A licence as registration sees it.
pub struct SharedLicense {
    /// Its row.
    pub id: i64,
    seats: i64,
    status: String,
    valid_until: Option<Time>,
}

impl Tx<'_> {
    /// Adds a permanent client licence for one user.
    pub fn add_license(&self, call: &Call, provider: &Provider, license: &NewLicense<'_>) -> Result<i64> {
        let sql = "INSERT INTO licenses (providerid, licensekey, product, type, features, seats, reference,
                   contractnumber, holderid, status, validuntil, created)
                   VALUES ($1, $2, 'client', 'permanent', $3, 1, $4, '', $5, 'active', NULL, $6)
                   ON CONFLICT (licensekey) DO NOTHING RETURNING id";
        // A key is one of 10^12; where it exists already, the next one is drawn.
        for draw in 0..16 {
            let key = licenses::key(&provider.code, &call.random(&format!("license key {draw}")));
            let values: Params<'_> =
                &[&provider.id, &key, &license.features, &license.reference, &license.holder, &call.now.0];
            if let Some(id) = self.one(sql, values, |row| row.get(0))? {
                self.note(|notes| notes.changes += 1);
                return Ok(id);
            }
        }
        Err(crate::error::Error::fault("no free licence key was found"))
    }

    /// A licence of the provider by its key.
    pub fn shared_license(&self, provider: i64, key: &str) -> Result<Option<SharedLicense>> {
        let sql =
            "SELECT id, seats, status, validuntil FROM licenses WHERE licensekey = $1 AND providerid = $2";
        self.one(sql, &[&key, &provider], |row| {
            let valid_until = row.get::<_, Option<i64>>(3)?.map(Time);
            Ok(SharedLicense { id: row.get(0)?, seats: row.get(1)?, status: row.get(2)?, valid_until })
        })
    }

    /// Whether one more user may use the licence now: it is in force and below its limit.
    pub fn has_room(&self, license: &SharedLicense, now: Time) -> Result<bool> {
        let in_force = license.status == "active" && license.valid_until.is_none_or(|end| now < end);
        // Counting stops at the limit, so a full licence costs no more than its seats.
        let sql = "SELECT count(*) FROM (SELECT 1 FROM users WHERE licenseid = $1 LIMIT $2)";
        let used = self.one(sql, &[&license.id, &license.seats], |row| row.get::<_, i64>(0))?;
        Ok(in_force && used.unwrap_or(0) < license.seats)
    }

    /// Whether the provider has a licence of that reference.
    pub fn license_reference_taken(&self, provider: i64, reference: &str) -> Result<bool> {
        let sql =
            "SELECT 1 FROM licenses WHERE providerid = $1 AND reference = $2 AND reference <> '' LIMIT 1";
        self.any(sql, &[&provider, &reference])
    }

    /// The key of a licence.
    pub fn license_key(&self, license: i64) -> Result<Option<String>> {
        self.one("SELECT licensekey FROM licenses WHERE id = $1", &[&license], |row| row.get(0))
    }

    /// Moves the licences that a user holds to another provider, or leaves them behind without a holder.
    /// The default licence, where it moved along; -30137 where others use one that should move.
    pub fn move_licenses(&self, user: i64, provider: i64, along: bool) -> Result<Option<i64>> {
        if !along {
            self.change("UPDATE licenses SET holderid = NULL WHERE holderid = $1", &[&user])?;
            return Ok(None);
        }
        self.held_by_nobody_else(user)?;
        self.change("UPDATE licenses SET providerid = $1 WHERE holderid = $2", &[&provider, &user])?;
        let sql = "SELECT licenses.id FROM licenses JOIN users ON users.licenseid = licenses.id
                   WHERE users.id = $1 AND licenses.holderid = $1";
        self.one(sql, &[&user], |row| row.get(0))
    }

    fn held_by_nobody_else(&self, user: i64) -> Result<()> {
        let sql = "SELECT 1 FROM users JOIN licenses ON licenses.id = users.licenseid
                   WHERE licenses.holderid = $1 AND users.id <> $1 LIMIT 1";
        if self.any(sql, &[&user])? {
            return Code::StillInUse.refuse();
        }
        Ok(())
    }

    /// Removes the licences that a user holds; -30137 where others use one.
    pub fn remove_held_licenses(&self, user: i64) -> Result<()> {
        self.held_by_nobody_else(user)?;
        self.change("UPDATE users SET licenseid = NULL WHERE id = $1", &[&user])?;
        self.change("DELETE FROM licenses WHERE holderid = $1", &[&user]).map(drop)
    }
}
