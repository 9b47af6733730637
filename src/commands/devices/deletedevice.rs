//! `deletedevice`: devices are gone.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Removes devices of a user, several or all; one that the user does not have changes nothing at all.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDevice {
    id: UserRef,
    /// the devices' numbers
    deviceid: Option<Vec<i64>>,
    /// all devices of the user
    #[serde(default)]
    all: bool,
}

impl Command for DeleteDevice {
    const NAME: &'static str = "deletedevice";
    const CLASS: Class = Class::Restricted;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::DeviceUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "all devices",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
            ],
            call: "username=carol all=$true",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a device that the user does not have",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
            ],
            call: "username=carol deviceid=1,2",
            reply: "<exception><primarycode>-30121</primarycode><secondarycode></secondarycode>\
                <message>Device not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let devices = match (&self.deviceid, self.all) {
            (None, true) => tx.devices(user.id)?.into_iter().map(|device| device.id).collect(),
            (Some(devices), false) => devices.clone(),
            _ => return Err(invalid("either deviceid or all is needed")),
        };
        for device in devices {
            tx.device_status(&user, device)?;
            tx.delete_device(device)?;
        }
        Ok(Done::default())
    }
}
