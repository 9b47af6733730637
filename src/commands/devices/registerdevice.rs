//! `registerdevice`: a new client installation of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Registers a device; it is not active until `activateclient`.
#[derive(Deserialize, JsonSchema)]
pub struct RegisterDevice {
    id: UserRef,
    /// a name that the user knows it by
    devicename: String,
    /// win, mac, linux, ios, android or web
    platform: Platform,
    /// the version of the client
    version: Option<String>,
}

/// What a client runs on.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Platform {
    Win,
    Mac,
    Linux,
    Ios,
    Android,
    Web,
}

impl Platform {
    fn name(self) -> &'static str {
        match self {
            Platform::Win => "win",
            Platform::Mac => "mac",
            Platform::Linux => "linux",
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::Web => "web",
        }
    }
}

/// The new device.
#[derive(Serialize, JsonSchema)]
pub struct Registered {
    /// always 0
    intresult: Zero,
    /// the device's number
    deviceid: i64,
}

/// The longest name or version in characters `[O]`.
const LONGEST: usize = 255;
/// The most devices of a user `[O]`.
const MOST: i64 = 1_000;

impl Command for RegisterDevice {
    const NAME: &'static str = "registerdevice";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a laptop",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol devicename=Laptop platform=linux version=5.0.1",
            reply: "<intresult>0</intresult><deviceid>1</deviceid>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody devicename=Laptop platform=linux",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Registered;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Registered> {
        let user = tx.the_user(call, &self.id)?;
        let version = self.version.as_deref().unwrap_or_default();
        if [self.devicename.as_str(), version].iter().any(|text| text.chars().count() > LONGEST) {
            return Err(invalid(format!("devicename and version may have {LONGEST} characters at most")));
        }
        if tx.count_devices(user.id)? >= MOST {
            return Err(invalid(format!("the user has {MOST} devices already; delete some")));
        }
        let deviceid = tx.add_device(call, user.id, &self.devicename, self.platform.name(), version)?;
        Ok(Registered { intresult: Zero, deviceid })
    }
}
