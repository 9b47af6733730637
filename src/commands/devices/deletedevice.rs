//! `deletedevice`: devices are gone.

use std::collections::BTreeSet;
use std::num::{IntErrorKind, ParseIntError};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Removes devices of a user, several or all; one that the user does not have changes nothing at all.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteDevice {
    id: UserRef,
    /// the devices' numbers, or the word all
    #[schemars(with = "Option<Vec<i64>>")]
    deviceid: Option<Vec<Which>>,
    /// all devices of the user
    #[serde(default)]
    all: bool,
}

/// A device's number, or the word that stands for every one: both are read, because the contract's
/// words can be taken as a field or as a value.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum Which {
    All,
    One(i64),
}

impl Which {
    fn number(self) -> Option<i64> {
        match self {
            Which::All => None,
            Which::One(number) => Some(number),
        }
    }
}

impl TryFrom<String> for Which {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Which, &'static str> {
        match text.as_str() {
            "all" => Ok(Which::All),
            number => number.parse().map(Which::One).map_err(|error: ParseIntError| match error.kind() {
                IntErrorKind::PosOverflow => "is too large",
                IntErrorKind::NegOverflow => "is too small",
                _ => "must be a whole number",
            }),
        }
    }
}

impl Command for DeleteDevice {
    const NAME: &'static str = "deletedevice";
    const CLASS: Class = access::OWN_OR_MANAGED;
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
        for device in self.devices(tx, user.id)? {
            tx.device_status(&user, device)?;
            tx.delete_device(device)?;
        }
        Ok(Done::default())
    }
}

impl DeleteDevice {
    /// The devices that are meant, each once.
    fn devices(&self, tx: &Tx<'_>, user: i64) -> Result<BTreeSet<i64>> {
        let named = match (&self.deviceid, self.all) {
            (None, true) => None,
            (Some(list), false) => list.iter().map(|which| which.number()).collect::<Option<BTreeSet<i64>>>(),
            _ => return Err(invalid("either deviceid or all is needed")),
        };
        match named {
            Some(devices) => Ok(devices),
            None => Ok(tx.devices(user)?.into_iter().map(|device| device.id).collect()),
        }
    }
}
