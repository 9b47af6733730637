//! `createdepot`: a new depot of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::bytes;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::commands::users::rules;
use crate::domain::licenses::{LicenseRef, Product};
use crate::domain::settings::Kind;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::depot_changes::NewDepot;
use crate::store::users::User;

/// Makes a depot that the user owns and uses, by default where it is the user's first. With a server license it is one
/// use of that; without one it is none's.
#[derive(Deserialize, JsonSchema)]
pub struct CreateDepot {
    id: UserRef,
    /// the address of its host server; absent: HOSTSERVER/HOST_SERVER_NAME of the user's provider
    hosturl: Option<String>,
    /// bytes that it may hold; absent: HOSTSERVER/HOST_DEPOT_SIZE
    storagelimit: Option<i64>,
    /// bytes of traffic that it may have, 0 sets no limit; absent: HOSTSERVER/HOST_TRAFFIC_SIZE
    trafficlimit: Option<i64>,
    /// the key of the server license of which it is one use
    licensekey: Option<String>,
    /// the same by the external reference, where the provider keeps it unique
    licensereference: Option<String>,
}

/// The new depot's number.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the depot's number
    depotid: i64,
}

impl Command for CreateDepot {
    const NAME: &'static str = "createdepot";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::LicenseUnknown, Code::LicenseLimit, Code::LicenseEnded, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a depot of ten gigabytes",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol hosturl=https://host.example.com storagelimit=10737418240",
            reply: "<intresult>0</intresult><depotid>1</depotid>",
        },
        Example {
            shows: "a provider without a host server",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: hosturl is needed, for HOSTSERVER/HOST_SERVER_NAME names no host server\
                </message></exception>",
        },
        Example {
            shows: "a server license whose places are all taken",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createlicensewithoutuser productname=server type=yearly featurevalue=banner limit=1",
                "createdepot username=carol hosturl=https://host.example.com licensekey=DEMO-9691-1359-9058",
            ],
            call: "username=carol hosturl=https://host.example.com licensekey=DEMO-9691-1359-9058",
            reply: "<exception><primarycode>-30209</primarycode><secondarycode></secondarycode>\
                <message>License limit reached</message></exception>",
        },
    ];
    type Reply = Created;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id);
        let provider = provider.ok_or_else(|| Error::fault("a user without provider"))?;
        let settings = &provider.settings;
        let new = NewDepot {
            host_url: &self.place(provider)?,
            owner: user.id,
            storage_limit: bytes("storagelimit", self.storagelimit.unwrap_or(settings.depot_size))?,
            traffic_limit: bytes("trafficlimit", self.trafficlimit.unwrap_or(settings.traffic_size))?,
            license: self.license(call, tx, &user)?,
        };
        Ok(Created { intresult: Zero, depotid: tx.add_depot(call, provider, &new)? })
    }
}

impl CreateDepot {
    /// Where the depot is to be.
    fn place(&self, provider: &Provider) -> Result<String> {
        let Some(url) = &self.hosturl else {
            return match provider.settings.host_server.as_str() {
                "" => Err(invalid("hosturl is needed, for HOSTSERVER/HOST_SERVER_NAME names no host server")),
                url => Ok(url.to_owned()),
            };
        };
        rules::short("hosturl", url)?;
        Kind::Url.check(url).map_err(|why| invalid(format!("hosturl {why}")))
    }

    /// The server licence, which must be of the user's provider and in force.
    fn license(&self, call: &Call, tx: &Tx<'_>, user: &User) -> Result<Option<i64>> {
        let named = match (&self.licensekey, &self.licensereference) {
            (None, None) => return Ok(None),
            (Some(key), None) => LicenseRef::Key(key.clone()),
            (None, Some(reference)) => LicenseRef::Reference(reference.clone()),
            (Some(_), Some(_)) => {
                return Err(invalid("only one of licensekey, licensereference may be given"));
            }
        };
        let license = tx.the_license(call, &named)?;
        if license.provider_id != user.provider_id {
            return Code::LicenseUnknown.refuse();
        }
        if license.product != Product::Server {
            return Err(invalid("a client license is used by users, not by depots"));
        }
        license.in_force(call)?;
        Ok(Some(license.id))
    }
}
