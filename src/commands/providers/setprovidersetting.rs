//! `setprovidersetting`: a setting of a provider, live for the next call.
//!
//! What a value may be says the catalogue, and which settings cannot stand together says the snapshot that is
//! built with them. Only what a setting names or demands in the data is looked at here: a licence may fill up later, and
//! that must not keep a server from starting.

use schemars::JsonSchema;
use serde::Deserialize;

use super::doubles;
use super::service::sees_server;
use super::setting::checked;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::commands::blank;
use crate::domain::licenses::Product;
use crate::domain::settings::{self, Change};
use crate::error::{Code, Error, Result, forbidden, invalid};
use crate::store::Tx;

/// The setting that names a licence.
const SHARED: &str = "LICENSE/DEFAULT_LICENSEKEY";

/// Changes a setting of the provider that the call is for; with a blank value the default holds again.
#[derive(Deserialize, JsonSchema)]
pub struct SetProviderSetting {
    /// the setting's name, `GROUP/NAME`
    setting: String,
    /// the new value; sent blank: the default
    value: Option<String>,
    #[schemars(skip)]
    blanks: Vec<String>,
}

impl Command for SetProviderSetting {
    const NAME: &'static str = "setprovidersetting";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SettingUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "mails by calls of services",
            given: &[],
            call: "setting=API/API_SEND_EMAIL value=True",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "two settings that cannot stand together",
            given: &["setprovidersetting setting=API/API_ADMINCONSOLE_LIC_REF value=console"],
            call: "setting=LICENSE/EXT_LICENCE_REF_UNIQUE value=True",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: provider DEMO: LICENSE/EXT_LICENCE_REF_UNIQUE cannot be True while \
                API/API_ADMINCONSOLE_LIC_REF is set</message></exception>",
        },
        Example {
            shows: "a licence that there is not",
            given: &[],
            call: "setting=LICENSE/DEFAULT_LICENSEKEY value=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: LICENSE/DEFAULT_LICENSEKEY must be the key of a client license of \
                DEMO</message></exception>",
        },
        Example {
            shows: "what only the configuration states",
            given: &[],
            call: "setting=API/API_ALLOW_CHECKSUMERR value=True",
            reply: "<exception><primarycode>-30144</primarycode><secondarycode></secondarycode>\
                <message>Setting does not exists or, access to setting not permitted</message>\
                </exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let setting = settings::provider(&self.setting).ok_or(Code::SettingUnknown)?;
        match setting.change {
            Change::ConfigurationOnly => return Code::SettingUnknown.refuse(),
            Change::DefaultProvider if !sees_server(call) => return Err(machine(call, setting.name)),
            Change::DefaultProvider | Change::Command => {}
        }
        blank::sent(self.value.as_ref(), &self.blanks, "value", "the default")?;
        let is_stated = call.snapshot.stated.has(&call.provider.code, setting.name);
        match checked(setting, is_stated, self.value.as_deref())? {
            None => tx.drop_provider_setting(call.provider.id, setting.name)?,
            Some(value) => {
                if setting.name == SHARED {
                    shareable(call, tx, &value)?;
                }
                tx.set_provider_setting(call.provider.id, setting.name, &value)?;
            }
        }
        doubles::refuse(call, tx)?;
        Ok(Done::default())
    }
}

fn machine(call: &Call, name: &str) -> Error {
    forbidden(format!(
        "Access denied: {name} names something of the machine; it is for services of the default provider {} and \
         for people with the right SUPER-USER, which its services can grant",
        call.snapshot.server.default_provider
    ))
}

/// Refuses a licence that the next new user could not use.
fn shareable(call: &Call, tx: &Tx<'_>, key: &str) -> Result<()> {
    let must = |what: &str| invalid(format!("{SHARED} must be {what}"));
    let found =
        tx.license_of_key(call.provider.id, key)?.filter(|license| license.product == Product::Client);
    let license =
        found.ok_or_else(|| must(&format!("the key of a client license of {}", call.provider.code)))?;
    if license.in_force(call).is_err() {
        return Err(must("the key of a license that is in force"));
    }
    if license.terms.limit < 2 {
        return Err(must("the key of a license for more than one user"));
    }
    if license.used >= license.terms.limit {
        return Err(must("the key of a license with room: all places of this one are taken"));
    }
    Ok(())
}
