//! `<depot>`: how a depot is shown.

use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::domain::depots::{Status, same_host};
use crate::error::Result;
use crate::store::Tx;
use crate::store::depots::{Depot, DepotUser};

/// A depot.
///
/// The record names `iscloud` and does not explain it. Here it says that the depot lies on the provider's own host
/// server, where new users get theirs: that is all that a registration server knows of a place, and what a client wants
/// to know that offers more space there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownDepot {
    /// its number, never given twice
    depotid: i64,
    /// the address of its host server
    hosturl: String,
    /// the name of the user who owns it; empty: nobody
    owner: String,
    /// whether it is the default of the user asked about, else of its owner
    isdefault: bool,
    /// bytes that it may hold
    storagelimit: i64,
    /// bytes that it holds
    storageused: i64,
    /// bytes of traffic that it may have; 0: no limit
    trafficlimit: i64,
    /// bytes of traffic so far
    trafficused: i64,
    /// active or inactive
    status: Status,
    /// whether it is on the host server that HOSTSERVER/HOST_SERVER_NAME names
    iscloud: bool,
    /// whether it comes from the account of the user asked about, else whether an account has it
    isaccount: bool,
    /// whether it comes from the group of the user asked about, else whether a group has it
    isgroup: bool,
}

/// What a depot is to the one who asks.
#[derive(Debug, Clone, Default)]
pub struct Belongs {
    /// The name of its owner.
    pub owner: Option<String>,
    /// Whether it is the default.
    pub default: bool,
    /// Whether it is a group's.
    pub group: bool,
    /// Whether it is an account's.
    pub account: bool,
}

impl ShownDepot {
    /// How that depot is shown.
    pub fn of(call: &Call, depot: Depot, belongs: Belongs) -> ShownDepot {
        let provider = call.snapshot.provider_by_id(depot.provider_id);
        let own_host = provider.map(|provider| provider.settings.host_server.as_str()).unwrap_or_default();
        ShownDepot {
            depotid: depot.id,
            owner: belongs.owner.unwrap_or_default(),
            isdefault: belongs.default,
            storagelimit: depot.storage_limit,
            storageused: depot.storage_used,
            trafficlimit: depot.traffic_limit,
            trafficused: depot.traffic_used,
            status: if depot.active { Status::Active } else { Status::Inactive },
            iscloud: same_host(&depot.host_url, own_host),
            isaccount: belongs.account,
            isgroup: belongs.group,
            hosturl: depot.host_url,
        }
    }

    /// The same where no user was asked about.
    pub fn by_itself(call: &Call, tx: &Tx<'_>, depot: Depot) -> Result<ShownDepot> {
        let (owner, default) = tx.owner(&depot)?.unzip();
        let (group, account) = tx.depot_shared(depot.id)?;
        let belongs = Belongs { owner, default: default.unwrap_or(false), group, account };
        Ok(ShownDepot::of(call, depot, belongs))
    }
}

/// A reply with depots.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Depots {
    /// the depots
    depotdata: DepotData,
}

/// The depots of a reply.
#[derive(Debug, Serialize, JsonSchema)]
struct DepotData {
    depot: Vec<ShownDepot>,
}

impl Depots {
    /// A reply with those depots.
    pub fn of(depot: Vec<ShownDepot>) -> Depots {
        Depots { depotdata: DepotData { depot } }
    }
}

/// A user of a depot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ShownUser {
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// the registration address
    email: String,
    /// whether the depot is the user's default
    isdefault: bool,
}

impl From<DepotUser> for ShownUser {
    fn from(user: DepotUser) -> ShownUser {
        ShownUser { userid: user.id, username: user.username, email: user.email, isdefault: user.default }
    }
}
