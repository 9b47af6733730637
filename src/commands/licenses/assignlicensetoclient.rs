//! `assignlicensetoclient`: devices of a user use another licence than the user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::licenses::LicenseRef;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Gives devices of a user a license for themselves; the other devices go on using the user's. One that the user
/// does not have changes nothing at all.
#[derive(Deserialize, JsonSchema)]
pub struct AssignLicenseToClient {
    id: UserRef,
    lic: LicenseRef,
    /// the devices' numbers; none: all devices that the user has now
    devices: Option<Vec<i64>>,
}

impl Command for AssignLicenseToClient {
    const NAME: &'static str = "assignlicensetoclient";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::DeviceUnknown,
        Code::LicenseUnknown,
        Code::LicenseLimit,
        Code::LicenseEnded,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "one device",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "username=carol licensekey=DEMO-9691-1359-9058 devices=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a device that the user does not have",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "username=carol licensekey=DEMO-9691-1359-9058 devices=1",
            reply: "<exception><primarycode>-30121</primarycode><secondarycode></secondarycode>\
                <message>Device not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let (user, license) = named::usable(call, tx, &self.id, &self.lic)?;
        for device in self.devices(tx, user.id)? {
            tx.set_device_license(user.id, device, license.id)?;
        }
        Ok(Done::default())
    }
}

impl AssignLicenseToClient {
    /// The devices that are meant; one that is named twice is the same one.
    fn devices(&self, tx: &Tx<'_>, user: i64) -> Result<Vec<i64>> {
        match self.devices.as_deref().unwrap_or_default() {
            [] => Ok(tx.devices(user)?.into_iter().map(|device| device.id).collect()),
            named => Ok(named.to_vec()),
        }
    }
}
