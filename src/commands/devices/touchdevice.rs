//! `touchdevice`: a device is in contact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Notes a contact and tells whether the device must wipe its data.
#[derive(Deserialize, JsonSchema)]
pub struct TouchDevice {
    id: UserRef,
    /// the device's number
    deviceid: i64,
    /// the version of the client, where it is another one now
    version: Option<String>,
}

/// What the device is told.
#[derive(Serialize, JsonSchema)]
pub struct Touched {
    /// always 0
    intresult: Zero,
    /// whether it must wipe its data
    wipe: bool,
}

/// The longest version in characters `[O]`.
const LONGEST: usize = 255;

impl Command for TouchDevice {
    const NAME: &'static str = "touchdevice";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::DeviceUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a device that must wipe its data",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
                "wipeoutdevice username=carol deviceid=1",
            ],
            call: "username=carol deviceid=1",
            reply: "<intresult>0</intresult><wipe>true</wipe>",
        },
        Example {
            shows: "a device that the user does not have",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol deviceid=1",
            reply: "<exception><primarycode>-30121</primarycode><secondarycode></secondarycode>\
                <message>Device not found</message></exception>",
        },
    ];
    type Reply = Touched;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Touched> {
        let user = tx.the_user(call, &self.id)?;
        let status = tx.device_status(&user, self.deviceid)?;
        if let Some(version) = &self.version {
            if version.chars().count() > LONGEST {
                return Err(invalid(format!("version may have {LONGEST} characters at most")));
            }
            tx.set_device_version(self.deviceid, version)?;
        }
        tx.device_seen(call, self.deviceid);
        Ok(Touched { intresult: Zero, wipe: status == "wipe" })
    }
}
