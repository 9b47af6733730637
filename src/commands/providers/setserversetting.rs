//! `setserversetting`: a setting of the whole server, live for the next call.

use schemars::JsonSchema;
use serde::Deserialize;

use super::doubles;
use super::setting::checked;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::commands::blank;
use crate::domain::settings::{self, Change};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Changes a server setting; with a blank value the default holds again.
#[derive(Deserialize, JsonSchema)]
pub struct SetServerSetting {
    /// the setting's name
    setting: String,
    /// the new value; sent blank: the default
    value: Option<String>,
    #[schemars(skip)]
    blanks: Vec<String>,
}

impl Command for SetServerSetting {
    const NAME: &'static str = "setserversetting";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SettingUnknown, Code::AddressInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "shorter pages",
            given: &[],
            call: "setting=SearchResultsPerPage value=10",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a value of the wrong kind",
            given: &[],
            call: "setting=SearchResultsPerPage value=ten",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: SearchResultsPerPage must be a whole number from 1 to 1000\
                </message></exception>",
        },
        Example {
            shows: "an unknown setting",
            given: &[],
            call: "setting=PageSize value=10",
            reply: "<exception><primarycode>-30144</primarycode><secondarycode></secondarycode>\
                <message>Setting does not exists or, access to setting not permitted</message>\
                </exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let setting = settings::server(&self.setting).ok_or(Code::SettingUnknown)?;
        if setting.change != Change::Command {
            return Code::SettingUnknown.refuse();
        }
        blank::sent(self.value.as_ref(), &self.blanks, "value", "the default")?;
        let is_stated = call.snapshot.stated.settings.contains(setting.name);
        let value = checked(setting, is_stated, self.value.as_deref())?;
        tx.set_server_setting(setting.name, value.as_deref())?;
        doubles::refuse(call, tx)?;
        Ok(Done::default())
    }
}
