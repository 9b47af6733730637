//! Devices.

use super::audit::{Shown, shown};
use super::backend::Tx;
use super::users::User;
use crate::call::Call;
use crate::domain::time::Time;
use crate::error::{Code, Result};

/// A device's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id, never given twice.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `win`, `mac`, `linux`, `ios`, `android`, `web`.
    pub platform: String,
    /// The version of the client.
    pub version: String,
    /// `inactive`, `active`, `wipe`.
    pub status: String,
    /// When it was registered.
    pub created: Time,
    /// The last contact.
    pub active: Option<Time>,
    /// From which address it was registered; blank: not known, or no longer.
    pub address: String,
    /// The key of the licence it uses: its own, else the user's.
    pub license_key: Option<String>,
}

impl Tx<'_> {
    /// The devices of a user, by id.
    pub fn devices(&self, user: i64) -> Result<Vec<Device>> {
        let sql = "SELECT devices.id, devices.name, devices.platform, devices.version, devices.status,
                   devices.created, devices.active, licenses.licensekey, devices.address
                   FROM devices JOIN users ON users.id = devices.userid
                   LEFT JOIN licenses ON licenses.id = coalesce(devices.licenseid, users.licenseid)
                   WHERE devices.userid = $1 ORDER BY devices.id";
        self.all(sql, &[&user], |row| {
            Ok(Device {
                id: row.get(0)?,
                name: row.get(1)?,
                platform: row.get(2)?,
                version: row.get(3)?,
                status: row.get(4)?,
                created: Time(row.get(5)?),
                active: row.get::<_, Option<i64>>(6)?.map(Time),
                license_key: row.get(7)?,
                address: row.get(8)?,
            })
        })
    }

    /// How many devices a user has.
    pub fn count_devices(&self, user: i64) -> Result<i64> {
        let count = self.one("SELECT count(*) FROM devices WHERE userid = $1", &[&user], |row| row.get(0))?;
        Ok(count.unwrap_or(0))
    }

    /// The state of a device of that user; -30121 for one of somebody else.
    pub fn device_status(&self, user: &User, device: i64) -> Result<String> {
        let sql = "SELECT status FROM devices WHERE id = $1 AND userid = $2";
        self.one(sql, &[&device, &user.id], |row| row.get(0))?.ok_or(Code::DeviceUnknown.into())
    }

    /// Adds a device, which is not active yet.
    pub fn add_device(
        &self,
        call: &Call,
        user: i64,
        name: &str,
        platform: &str,
        version: &str,
    ) -> Result<i64> {
        let sql = "INSERT INTO devices (userid, name, platform, version, status, licenseid, created, active, address)
                   VALUES ($1, $2, $3, $4, 'inactive', NULL, $5, NULL, $6) RETURNING id";
        let kept = call.snapshot.server.device_address_seconds > 0;
        let address =
            call.person_ip().filter(|_| kept).map_or_else(String::new, |address| address.to_string());
        let row = [("device", name.into()), ("platform", platform.into()), ("version", version.into())];
        self.rows_differ(Shown::new(), shown(row));
        self.insert(sql, &[&user, &name, &platform, &version, &call.now.0, &address])
    }

    /// Sets the state of a device.
    pub fn set_device_status(&self, device: i64, status: &str) -> Result<()> {
        let sql = "SELECT status FROM devices WHERE id = $1";
        let old = self.one(sql, &[&device], |row| row.get::<_, String>(0))?;
        self.differs("devicestatus", old.unwrap_or_default(), status);
        self.change("UPDATE devices SET status = $1 WHERE id = $2", &[&status, &device]).map(drop)
    }

    /// Sets the version of a device, where it is another one.
    pub fn set_device_version(&self, device: i64, version: &str) -> Result<()> {
        let sql = "UPDATE devices SET version = $1 WHERE id = $2 AND version <> $1";
        self.change(sql, &[&version, &device]).map(drop)
    }

    /// A contact, whose time is written later.
    pub fn device_seen(&self, call: &Call, device: i64) {
        self.note(|notes| notes.contacts.push((device, call.now.0)));
    }

    pub(super) fn set_last_contact(&self, device: i64, time: i64) -> Result<()> {
        let sql = "UPDATE devices SET active = $1 WHERE id = $2 AND (active IS NULL OR active < $1)";
        self.keep_house(sql, &[&time, &device]).map(drop)
    }

    /// Removes a device, which leaves the licence that it has for itself.
    pub fn delete_device(&self, device: i64) -> Result<()> {
        let sql = "SELECT userid, licenseid FROM devices WHERE id = $1 AND licenseid IS NOT NULL";
        if let Some((user, license)) = self.one(sql, &[&device], |row| Ok((row.get(0)?, row.get(1)?)))? {
            self.release_license(license, user)?;
        }
        let sql = "SELECT name, platform, version FROM devices WHERE id = $1";
        let old = self.one(sql, &[&device], |row| {
            let [name, platform, version] = [row.get::<_, String>(0)?, row.get(1)?, row.get(2)?];
            Ok(shown([("device", name.into()), ("platform", platform.into()), ("version", version.into())]))
        })?;
        self.rows_differ(old.unwrap_or_default(), Shown::new());
        self.change("DELETE FROM devices WHERE id = $1", &[&device]).map(drop)
    }
}
