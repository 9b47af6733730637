//! `getsettings`: what a client is to know of its server and its provider `[D]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// What may be read before anybody has logged in.
const PUBLIC: &str = "PRE_LOGIN_SETTINGS";

/// Shows settings to clients: `RegServerName`, `ClientSettings`, and of the provider that the call is for
/// `CLIENT_SETTINGS` and `PRE_LOGIN_SETTINGS`. The last one alone is for anybody.
#[derive(Deserialize, JsonSchema)]
pub struct GetSettings {
    /// the names
    settings: Vec<String>,
}

/// The settings asked for.
#[derive(Serialize, JsonSchema)]
pub struct Shown {
    /// one element for each setting asked for
    settings: Values,
}

/// The values.
#[derive(Default, Serialize, JsonSchema)]
#[expect(non_snake_case, reason = "the names on the wire, which are the settings' own")]
struct Values {
    /// the name of the server
    #[serde(skip_serializing_if = "Option::is_none")]
    RegServerName: Option<String>,
    /// lines `key=value` for the clients of every provider
    #[serde(skip_serializing_if = "Option::is_none")]
    ClientSettings: Option<String>,
    /// lines `key=value` for clients after login
    #[serde(skip_serializing_if = "Option::is_none")]
    CLIENT_SETTINGS: Option<String>,
    /// lines `key=value` for clients before login
    #[serde(skip_serializing_if = "Option::is_none")]
    PRE_LOGIN_SETTINGS: Option<String>,
}

impl Command for GetSettings {
    const NAME: &'static str = "getsettings";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::SettingUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "before the login, also to nobody",
            given: &[
                "setprovidersetting setting=CLIENT/PRE_LOGIN_SETTINGS value='login-hint=Use your staff number'",
            ],
            call: "settings=PRE_LOGIN_SETTINGS",
            reply: "<settings><PRE_LOGIN_SETTINGS>login-hint=Use your staff number</PRE_LOGIN_SETTINGS>\
                </settings>",
        },
        Example {
            shows: "after the login",
            given: &["setserversetting setting=RegServerName value='Acme Cloud'"],
            call: "settings=CLIENT_SETTINGS,RegServerName",
            reply: "<settings><RegServerName>Acme Cloud</RegServerName><CLIENT_SETTINGS></CLIENT_SETTINGS>\
                </settings>",
        },
        Example {
            shows: "a setting that is not for clients",
            given: &[],
            call: "settings=PRE_LOGIN_SETTINGS,RegServerURL",
            reply: "<exception><primarycode>-30144</primarycode><secondarycode></secondarycode>\
                <message>Setting does not exists or, access to setting not permitted</message>\
                </exception>",
        },
    ];
    type Reply = Shown;

    fn class(&self) -> Class {
        match self.settings.iter().all(|name| name == PUBLIC) {
            true => Class::Public,
            false => Class::Unrestricted,
        }
    }

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Shown> {
        let (server, settings) = (&call.snapshot.server, &call.provider.settings);
        let mut shown = Values::default();
        for name in &self.settings {
            let (place, value) = match name.as_str() {
                "RegServerName" => (&mut shown.RegServerName, &server.name),
                "ClientSettings" => (&mut shown.ClientSettings, &server.client_settings),
                "CLIENT_SETTINGS" => (&mut shown.CLIENT_SETTINGS, &settings.client_settings),
                PUBLIC => (&mut shown.PRE_LOGIN_SETTINGS, &settings.pre_login_settings),
                _ => return Code::SettingUnknown.refuse(),
            };
            *place = Some(value.clone());
        }
        Ok(Shown { settings: shown })
    }
}
