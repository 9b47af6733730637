//! `<devicelist>`: how devices are shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::registerdevice::Platform;
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::devices::Device;

/// The devices of a user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeviceList {
    /// the devices, by number
    device: Vec<ShownDevice>,
}

/// The states of a device, as they are kept.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the database keeps the words themselves; this names them for the schema")]
enum Status {
    Inactive,
    Active,
    Wipe,
}

/// A device.
#[derive(Debug, Serialize, JsonSchema)]
struct ShownDevice {
    /// the device's number, never given twice
    deviceid: i64,
    /// its name
    devicename: String,
    /// win, mac, linux, ios, android or web
    #[schemars(with = "Platform")]
    platform: String,
    /// the version of the client
    version: String,
    /// inactive, active, or wipe where its data is to be wiped
    #[schemars(with = "Status")]
    status: String,
    /// when it was registered, UTC
    #[schemars(with = "Time")]
    devicecreated: String,
    /// the last contact, UTC, at most a minute late; empty: none yet
    #[schemars(with = "Option<Time>")]
    deviceactive: String,
    /// from which address it was registered, where that is known and still kept (StoreRegistrationDeviceIPinSeconds)
    #[serde(skip_serializing_if = "Option::is_none")]
    deviceip: Option<String>,
    /// the key of the licence it uses
    licensekey: String,
}

impl DeviceList {
    /// The devices of that user.
    pub fn of(tx: &Tx<'_>, user: i64) -> Result<DeviceList> {
        Ok(DeviceList { device: tx.devices(user)?.into_iter().map(shown).collect() })
    }
}

fn shown(device: Device) -> ShownDevice {
    ShownDevice {
        deviceid: device.id,
        devicename: device.name,
        platform: device.platform,
        version: device.version,
        status: device.status,
        devicecreated: device.created.stamp(),
        deviceactive: device.active.map(|time| time.stamp()).unwrap_or_default(),
        deviceip: Some(device.address).filter(|address| !address.is_empty()),
        licensekey: device.license_key.unwrap_or_default(),
    }
}
