//! `wipeoutdevice`: the data on a device is to go.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Has a device told, at its next contact, to wipe its data.
#[derive(Deserialize, JsonSchema)]
pub struct WipeOutDevice {
    id: UserRef,
    /// the device's number
    deviceid: i64,
}

impl Command for WipeOutDevice {
    const NAME: &'static str = "wipeoutdevice";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::DeviceUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a lost laptop",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
            ],
            call: "username=carol deviceid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a device that the user does not have",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol deviceid=1",
            reply: "<exception><primarycode>-30121</primarycode><secondarycode></secondarycode>\
                <message>Device not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        if tx.device_status(&user, self.deviceid)? != "wipe" {
            tx.set_device_status(self.deviceid, "wipe")?;
        }
        Ok(Done::default())
    }
}
