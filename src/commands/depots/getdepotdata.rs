//! `getdepotdata`: a depot and its users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::depotdata::{ShownDepot, ShownUser};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::depots::same_host;
use crate::error::{Code, Result};
use crate::store::Tx;

/// The most users of one reply `[O]`.
const MOST: i64 = 1_000;

/// Shows a depot and the users who use it, by their numbers, 1000 at most.
#[derive(Deserialize, JsonSchema)]
pub struct GetDepotData {
    /// the depot's number
    depotid: i64,
    /// the address of its host server; a depot of another one is not found
    hosturl: Option<String>,
    /// only users with a higher number: the last one of the reply before
    #[serde(default)]
    startid: i64,
}

impl Command for GetDepotData {
    const NAME: &'static str = "getdepotdata";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::DepotUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot that its owner uses",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "depotid=1 hosturl=https://host.example.com/",
            reply: "<depotdata><depot><depotid>1</depotid><hosturl>https://host.example.com</hosturl>\
                <owner>carol</owner><isdefault>true</isdefault><storagelimit>2147483648</storagelimit>\
                <storageused>0</storageused><trafficlimit>0</trafficlimit><trafficused>0</trafficused>\
                <status>active</status><iscloud>false</iscloud><isaccount>false</isaccount>\
                <isgroup>false</isgroup></depot><user><userid>5</userid><username>carol</username>\
                <email>carol@example.com</email><isdefault>true</isdefault></user></depotdata>",
        },
        Example {
            shows: "an unknown depot",
            given: &[],
            call: "depotid=4711",
            reply: "<exception><primarycode>-30122</primarycode><secondarycode></secondarycode>\
                <message>Depot not found</message></exception>",
        },
    ];
    type Reply = DepotWithUsers;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<DepotWithUsers> {
        let depot = tx.the_depot(call, self.depotid)?;
        if self.hosturl.as_ref().is_some_and(|url| !same_host(url, &depot.host_url)) {
            return Code::DepotUnknown.refuse();
        }
        let users = tx.users_of_depot(depot.id, self.startid, MOST)?;
        let user = users.into_iter().map(ShownUser::from).collect();
        let depot = vec![ShownDepot::by_itself(call, tx, depot)?];
        Ok(DepotWithUsers { depotdata: Data { depot, user } })
    }
}

/// A reply with a depot and its users.
#[derive(Serialize, JsonSchema)]
pub struct DepotWithUsers {
    /// the depot, then its users
    depotdata: Data,
}

/// The depot and its users.
#[derive(Serialize, JsonSchema)]
struct Data {
    depot: Vec<ShownDepot>,
    user: Vec<ShownUser>,
}
