//! `createservice`: registers a program that may call the API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::service;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::secret::Secret;
use crate::domain::service::{NAME, ServiceKind, may_be_called};
use crate::error::{Code, Result, invalid};
use crate::gate::checksum::Method;
use crate::store::Tx;
use crate::store::services::ServiceRow;

/// Registers a service of the provider and makes its key.
#[derive(Deserialize, JsonSchema)]
pub struct CreateService {
    /// the name, unique on the server: 1 to 64 Latin letters, digits, spaces and - _ . ( ) & + / :
    servicename: String,
    /// what it is; default api
    #[serde(default)]
    kind: ServiceKind,
    /// how it signs, by the long or the short name; default MD5 (Endpoint specific key)
    method: Option<String>,
    /// the addresses and ranges it calls from, IPv4 or IPv6
    addresses: Vec<String>,
    /// the commands it may call; left out: all
    #[serde(default)]
    commands: Vec<String>,
    /// whether it may call at once; default true
    enabled: Option<bool>,
}

/// The new service.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the service's number
    serviceid: i64,
    /// the key that signs its calls; shown here once
    servicekey: Secret,
}

impl Command for CreateService {
    const NAME: &'static str = "createservice";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AddressInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a portal on one address and one network",
            given: &[],
            call: "servicename=tickets kind=webportal method=hmac-sha256 addresses=192.0.2.7,2001:db8:7::/48",
            reply: "<intresult>0</intresult><serviceid>9</serviceid>\
                <servicekey>6f686c7851609c9e1a0afea7b8a746b4</servicekey>",
        },
        Example {
            shows: "an address that another service has",
            given: &["createservice servicename=tickets addresses=192.0.2.0/24"],
            call: "servicename=shop2 addresses=192.0.2.7",
            reply: "<exception><primarycode>-30129</primarycode><secondarycode></secondarycode>\
                <message>Address is used by another service: 192.0.2.7/32 of shop2 overlaps 192.0.2.0/24 of tickets\
                </message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        service::keeper(call)?;
        let row = self.row(call)?;
        let taken = || invalid(format!("servicename: there is a service {} already", row.name));
        service::demo_gives_way(call, tx, &row)?;
        service::not_of_strangers(call, tx, &row)?;
        let serviceid = tx.add_service(&row, call.now)?.ok_or_else(taken)?;
        let key = hex::encode(&call.random("service key")[..16]);
        tx.add_service_key(&call.vault, serviceid, &key, call.now, None, &call.random("service key seal"))?;
        Ok(Created { intresult: Zero, serviceid, servicekey: Secret::new(key) })
    }
}

impl CreateService {
    fn row(&self, call: &Call) -> Result<ServiceRow> {
        if !may_be_called(&self.servicename) {
            return Err(invalid(format!("servicename {NAME}")));
        }
        let method = self.method.as_deref().map_or(Ok(Method::Md5Key), service::method)?;
        Ok(ServiceRow {
            id: 0,
            provider_id: call.provider.id,
            name: self.servicename.clone(),
            kind: self.kind.as_str().to_owned(),
            method: method.short().to_owned(),
            addresses: service::networks(call, &self.addresses, "")?,
            commands: service::allowed(&self.commands)?,
            login_limit: 0,
            enabled: self.enabled.unwrap_or(true),
            demo: false,
        })
    }
}
