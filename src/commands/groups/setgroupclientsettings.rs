//! `setgroupclientsettings`: what the clients of a group's members are told.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::commands::blank;
use crate::domain::groups::{GroupRef, settings_fault};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::groups::Group;

/// Sets what the clients of a group's members are told, in place of what they were told before. It is shown as it
/// was given.
#[derive(Deserialize, JsonSchema)]
pub struct SetGroupClientSettings {
    gid: GroupRef,
    /// lines `key=value`, 64 KiB at most; sent blank: none
    clientsettings: Option<String>,
    #[schemars(skip)]
    blanks: Vec<String>,
}

impl Command for SetGroupClientSettings {
    const NAME: &'static str = "setgroupclientsettings";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::GroupUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "one setting",
            given: &["creategroup username=alice groupname='Sales North' groupreference=north"],
            call: "groupreference=north clientsettings=enable-backup=true",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "no setting at all",
            given: &["creategroup username=alice groupname='Sales North' groupreference=north"],
            call: "groupreference=north clientsettings=enable-backup",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: clientsettings has a line without =</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let group = tx.the_group(call, &self.gid)?;
        blank::sent(self.clientsettings.as_ref(), &self.blanks, "clientsettings", "no settings")?;
        let client_settings = self.clientsettings.clone().unwrap_or_default();
        if let Some(fault) = settings_fault(&client_settings) {
            return Err(invalid(format!("clientsettings {fault}")));
        }
        tx.change_group(&group, &Group { client_settings, ..group.clone() })?;
        Ok(Done::default())
    }
}
