//! `getdevices`: the devices of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::devices::devicelist::DeviceList;
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the devices of a user.
#[derive(Deserialize, JsonSchema)]
pub struct GetDevices {
    id: UserRef,
}

/// The devices.
#[derive(Serialize, JsonSchema)]
pub struct Devices {
    /// the devices, by number
    devicelist: DeviceList,
}

impl Command for GetDevices {
    const NAME: &'static str = "getdevices";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a laptop",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registerdevice username=carol devicename=Laptop platform=linux version=5.0.1",
            ],
            call: "username=carol",
            reply: "<devicelist><device><deviceid>1</deviceid><devicename>Laptop</devicename>\
                <platform>linux</platform><version>5.0.1</version><status>inactive</status>\
                <devicecreated>01/01/2026 00:00:00.00</devicecreated><deviceactive>\
                </deviceactive><licensekey>DEMO-2322-8118-9271</licensekey></device>\
                </devicelist>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Devices;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Devices> {
        let user = tx.the_user(call, &self.id)?;
        Ok(Devices { devicelist: DeviceList::of(tx, user.id)? })
    }
}
