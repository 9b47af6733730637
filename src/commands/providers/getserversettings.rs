//! `getserversettings`: every setting of the server, with where its value comes from.

use schemars::JsonSchema;
use serde::Deserialize;

use super::setting::{self, Settings, Wanted};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the settings of the server. The salt is masked: `showservicekey` with `serviceid` `salt` shows it.
#[derive(Deserialize, JsonSchema)]
pub struct GetServerSettings {
    /// only the setting of that name
    setting: Option<String>,
    /// only settings that somebody has stated
    #[serde(default)]
    onlychanged: bool,
}

impl Command for GetServerSettings {
    const NAME: &'static str = "getserversettings";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SettingUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a setting that was changed",
            given: &["setserversetting setting=SearchResultsPerPage value=10"],
            call: "setting=SearchResultsPerPage",
            reply: "<settinglist><setting><name>SearchResultsPerPage</name><value>10</value><default>50</default>\
                <source>server</source><kind>number</kind><minimum>1</minimum><maximum>1000</maximum><unit>\
                </unit><changedby>command</changedby><stated>false</stated><effective>true</effective>\
                <help>How many rows a search answers at most; a caller asks for the next page with \
                `startid`.</help></setting></settinglist>",
        },
        Example {
            shows: "an unknown setting",
            given: &[],
            call: "setting=PageSize",
            reply: "<exception><primarycode>-30144</primarycode><secondarycode></secondarycode>\
                <message>Setting does not exists or, access to setting not permitted</message>\
                </exception>",
        },
    ];
    type Reply = Settings;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Settings> {
        let wanted = Wanted { setting: self.setting.as_deref(), changed: self.onlychanged };
        setting::of_server(call, &tx.setting_values()?, &wanted)
    }
}
