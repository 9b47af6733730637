//! `searchservice`: the services that may call, with their addresses and how long their keys live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::service::sees_all;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::gate::addresses;
use crate::store::Tx;
use crate::store::services::ServiceRow;

/// Lists services: of all providers for services of the default one, else of the provider alone. Keys
/// are not shown.
#[derive(Deserialize, JsonSchema)]
pub struct SearchService {
    /// only the service of that name
    servicename: Option<String>,
    /// only services of the provider that the call is for
    #[serde(default)]
    onlyown: bool,
}

/// The services.
#[derive(Serialize, JsonSchema)]
pub struct Services {
    /// the services, the oldest first
    servicelist: ServiceList,
}

/// The services of the list.
#[derive(Serialize, JsonSchema)]
struct ServiceList {
    service: Vec<FoundService>,
}

/// A service.
#[derive(Serialize, JsonSchema)]
struct FoundService {
    /// the service's number
    serviceid: i64,
    /// the name
    servicename: String,
    /// the code of its provider
    distributor: String,
    /// what it is
    kind: String,
    /// how it signs, by the short name
    method: String,
    /// the addresses and ranges it calls from
    addresses: Vec<String>,
    /// the commands it may call; none: whatever its provider may
    commands: Vec<String>,
    /// whether it may call at all
    enabled: bool,
    /// wrong passwords that all its calls may cause in the login interval; 0: no limit
    loginlimit: i64,
    /// whether the configuration states it, so that it is changed only there
    stated: bool,
    /// how many keys sign for it now; with the salt of the server none is its own
    keys: usize,
    /// when the older of two keys ends, UTC; empty: no rotation is under way
    #[schemars(with = "Option<Time>")]
    oldkeyends: String,
    /// when somebody last signed with the older of two keys, UTC, at most two minutes late; left out: nobody since the
    /// rotation
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Time>")]
    oldkeylastused: Option<String>,
}

impl Command for SearchService {
    const NAME: &'static str = "searchservice";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a service with two keys, one of which ends",
            given: &[],
            call: "servicename=rotating",
            reply: "<servicelist><service><serviceid>5</serviceid><servicename>rotating</servicename>\
                <distributor>DEMO</distributor><kind>api</kind><method>hmac-sha256</method>\
                <addresses>198.51.100.80</addresses><enabled>true</enabled><loginlimit>0</loginlimit>\
                <stated>true</stated><keys>2</keys><oldkeyends>01/08/2026 00:00:00.00</oldkeyends>\
                </service></servicelist>",
        },
        Example {
            shows: "what is no truth",
            given: &[],
            call: "onlyown=perhaps",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: onlyown must be true or false</message></exception>",
        },
    ];
    type Reply = Services;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Services> {
        let all = sees_all(call) && !self.onlyown;
        let name = self.servicename.as_deref().map(names::key);
        let seen = |row: &ServiceRow| {
            (all || row.provider_id == call.provider.id)
                && name.as_ref().is_none_or(|name| *name == names::key(&row.name))
        };
        let rows = tx.services()?.into_iter().filter(seen);
        let service: Result<Vec<FoundService>> = rows.map(|row| shown(call, tx, row)).collect();
        Ok(Services { servicelist: ServiceList { service: service? } })
    }
}

fn shown(call: &Call, tx: &Tx<'_>, row: ServiceRow) -> Result<FoundService> {
    let keys = tx.service_key_lives(row.id)?;
    let live = keys.iter().filter(|key| key.ends.is_none_or(|end| call.now < end));
    let old = live.clone().find(|key| key.ends.is_some());
    let provider = call.snapshot.provider_by_id(row.provider_id);
    let address = |line: &str| {
        addresses::parse(line).map_or(line.to_owned(), |net| crate::domain::settings::written(&net))
    };
    Ok(FoundService {
        serviceid: row.id,
        distributor: provider.map_or(String::new(), |provider| provider.code.clone()),
        kind: row.kind,
        addresses: row.addresses.lines().map(address).collect(),
        commands: row.commands.lines().map(str::to_owned).collect(),
        enabled: row.enabled,
        loginlimit: row.login_limit,
        stated: call.snapshot.stated.services.contains(&names::key(&row.name)),
        keys: if row.method == "md5-salt" { 0 } else { live.clone().count() },
        oldkeyends: old.and_then(|key| key.ends).map_or(String::new(), |end| end.stamp()),
        oldkeylastused: old.and_then(|key| key.last_used).map(|used| used.stamp()),
        servicename: row.name,
        method: row.method,
    })
}
