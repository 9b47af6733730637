//! `updateservice`: other addresses, commands or limits for a service, live for the next call.

use schemars::JsonSchema;
use serde::Deserialize;

use super::service;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::names;
use crate::domain::service::ServiceKind;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Changes a service of the provider; what is left out stays.
#[derive(Deserialize, JsonSchema)]
pub struct UpdateService {
    /// the service's number; this or its name is needed
    serviceid: Option<i64>,
    /// the service's name; this or its number is needed
    servicename: Option<String>,
    /// all addresses and ranges it calls from, IPv4 or IPv6
    addresses: Option<Vec<String>>,
    /// all commands it may call; `[]`: whatever its provider may
    commands: Option<Vec<String>>,
    /// how it signs, by the long or the short name
    method: Option<String>,
    /// what it is
    kind: Option<ServiceKind>,
    /// whether it may call at all
    enabled: Option<bool>,
    /// wrong passwords that all its calls may cause in the login interval; 0: no limit
    #[serde(alias = "login_limit")]
    #[schemars(extend("x-aliases" = ["login_limit"]))]
    loginlimit: Option<u32>,
}

impl Command for UpdateService {
    const NAME: &'static str = "updateservice";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ServiceUnknown, Code::AddressInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "another network, and two commands only",
            given: &["createservice servicename=tickets addresses=192.0.2.7"],
            call: "servicename=tickets addresses=192.0.2.0/28 commands=loginuser,getuserdata",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a service that the configuration states",
            given: &[],
            call: "servicename=kiosk enabled=$false",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: set in the configuration</message></exception>",
        },
        Example {
            shows: "an unknown service",
            given: &[],
            call: "servicename=nobody enabled=$false",
            reply: "<exception><primarycode>-30128</primarycode><secondarycode></secondarycode>\
                <message>Service not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let old = service::the_service(call, tx, self.serviceid, self.servicename.as_deref())?;
        if call.snapshot.stated.services.contains(&names::key(&old.name)) {
            return Err(service::stated());
        }
        let mut row = old.clone();
        if let Some(addresses) = &self.addresses {
            row.addresses = service::networks(call, addresses, &old.addresses)?;
        }
        if let Some(commands) = &self.commands {
            row.commands = service::allowed(commands)?;
        }
        if let Some(method) = &self.method {
            row.method = service::method(method)?.short().to_owned();
        }
        if let Some(kind) = self.kind {
            row.kind = kind.as_str().to_owned();
        }
        row.enabled = self.enabled.unwrap_or(row.enabled);
        row.login_limit = self.loginlimit.map_or(row.login_limit, i64::from);
        if row != old {
            service::demo_gives_way(call, tx, &row)?;
            service::not_of_strangers(call, tx, &row)?;
            tx.set_service(&row)?;
        }
        Ok(Done::default())
    }
}
