//! `getdefaultdepotdata`: the depots of a user, the default first.

use schemars::JsonSchema;
use serde::Deserialize;

use super::depotdata::{Belongs, Depots, ShownDepot};
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the depots of a user: the default first, then the others by their numbers. Where it is wished, those follow that
/// the user has through group and company account; the group's goes before the account's, and both before the user's own.
#[derive(Deserialize, JsonSchema)]
pub struct GetDefaultDepotData {
    id: UserRef,
    /// whether the depots of the user's group and account are shown
    #[serde(default)]
    includegroup: bool,
}

impl Command for GetDefaultDepotData {
    const NAME: &'static str = "getdefaultdepotdata";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::NoDefaultDepot, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user with one depot",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createdepot username=carol hosturl=https://host.example.com",
            ],
            call: "username=carol",
            reply: "<depotdata><depot><depotid>1</depotid><hosturl>https://host.example.com</hosturl>\
                <owner>carol</owner><isdefault>true</isdefault><storagelimit>2147483648</storagelimit>\
                <storageused>0</storageused><trafficlimit>0</trafficlimit><trafficused>0</trafficused>\
                <status>active</status><iscloud>false</iscloud><isaccount>false</isaccount>\
                <isgroup>false</isgroup></depot></depotdata>",
        },
        Example {
            shows: "a user without a depot",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol",
            reply: "<exception><primarycode>-30107</primarycode><secondarycode></secondarycode>\
                <message>No default depot</message></exception>",
        },
    ];
    type Reply = Depots;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Depots> {
        let user = tx.the_user(call, &self.id)?;
        let (groups, accounts) = tx.shared_depots(&user)?;
        let mut depots: Vec<ShownDepot> = Vec::new();
        let mut others: Vec<i64> =
            [groups, accounts].into_iter().flatten().filter(|_| self.includegroup).collect();
        others.dedup();
        for own in tx.depots_of(&user)? {
            let (group, account) = (groups == Some(own.depot.id), accounts == Some(own.depot.id));
            others.retain(|other| *other != own.depot.id);
            let belongs = Belongs { owner: own.owner, default: own.default, group, account };
            depots.push(ShownDepot::of(call, own.depot, belongs));
        }
        for id in others {
            let Some(depot) = tx.depot(id)? else { continue };
            let owner = tx.owner(&depot)?.map(|(name, _)| name);
            let (group, account) = (groups == Some(id), accounts == Some(id));
            depots.push(ShownDepot::of(call, depot, Belongs { owner, default: false, group, account }));
        }
        if depots.is_empty() {
            return Code::NoDefaultDepot.refuse();
        }
        Ok(Depots::of(depots))
    }
}
