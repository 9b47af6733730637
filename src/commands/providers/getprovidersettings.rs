//! `getprovidersettings`: every setting of a provider, with where its value comes from.

use schemars::JsonSchema;
use serde::Deserialize;

use super::setting::{self, Settings, Wanted};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the settings of the provider that the call is for. Where a setting is not stated and one of the server
/// stands behind it, the value is the server's.
#[derive(Deserialize, JsonSchema)]
pub struct GetProviderSettings {
    /// only the setting of that name, `GROUP/NAME`
    setting: Option<String>,
    /// only settings that somebody has stated
    #[serde(default)]
    onlychanged: bool,
}

impl Command for GetProviderSettings {
    const NAME: &'static str = "getprovidersettings";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SettingUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "who may use the web portal",
            given: &[],
            call: "setting=CLIENT/ALLOW_WEB_PORTAL_ACCESS",
            reply: "<settinglist><setting><name>CLIENT/ALLOW_WEB_PORTAL_ACCESS</name><value>permit</value>\
                <default>permit</default><source>default</source><kind>choice</kind><choice>permit</choice>\
                <choice>deny</choice><choice>peruser</choice><changedby>command</changedby>\
                <stated>false</stated><effective>true</effective>\
                <help>Whether users may log in through services of the kind `webportal`: `permit` all, `deny` \
                none, `peruser` those with the capability `webportal`.</help></setting></settinglist>",
        },
        Example {
            shows: "a name without its group",
            given: &[],
            call: "setting=API_SEND_EMAIL",
            reply: "<exception><primarycode>-30144</primarycode><secondarycode></secondarycode>\
                <message>Setting does not exists or, access to setting not permitted</message>\
                </exception>",
        },
    ];
    type Reply = Settings;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Settings> {
        let wanted = Wanted { setting: self.setting.as_deref(), changed: self.onlychanged };
        setting::of_provider(call, &tx.setting_values()?, &call.provider, &wanted)
    }
}
