//! `showservicekey`: the keys that sign for a service; whoever asks is written down.

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::service::{sees_all, the_service};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::domain::secret::Secret;
use crate::domain::time::Time;
use crate::error::{Code, Result, forbidden, invalid};
use crate::gate::checksum::Method;
use crate::store::Tx;

/// What names the salt of the server in place of a service's number.
const SALT: &str = "salt";

/// Shows the live keys of a service, the newest last, and leaves a row in the audit log. A service that
/// signs with the salt of the server shows the salt, and so does `serviceid` `salt`; the salt is shown to
/// services of the default provider alone.
#[derive(Deserialize, JsonSchema)]
pub struct ShowServiceKey {
    /// the service's number, or `salt` for the salt of the server; this or the name is needed
    serviceid: Option<String>,
    /// the service's name; this or its number is needed
    servicename: Option<String>,
}

/// The keys of a service.
#[derive(Serialize, JsonSchema)]
pub struct Shown {
    /// always 0
    intresult: Zero,
    /// the service's number; 0 for the salt of the server
    serviceid: i64,
    /// the service's name; `salt` for the salt of the server
    servicename: String,
    /// how it signs, by the long name
    method: String,
    /// its live keys, the newest last
    keylist: KeyList,
}

/// The keys of the list.
#[derive(Serialize, JsonSchema)]
struct KeyList {
    key: Vec<LiveKey>,
}

/// A live key.
#[derive(Serialize, JsonSchema)]
struct LiveKey {
    /// the key
    servicekey: Secret,
    /// when it ends, UTC; empty: it does not
    #[schemars(with = "Option<Time>")]
    notafter: String,
}

impl Command for ShowServiceKey {
    const NAME: &'static str = "showservicekey";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ServiceUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a service with two keys, one of which ends",
            given: &[],
            call: "servicename=rotating",
            reply: "<intresult>0</intresult><serviceid>5</serviceid><servicename>rotating</servicename>\
                <method>HMAC-SHA256 (Endpoint specific key)</method><keylist><key>\
                <servicekey>old-key-of-the-tests</servicekey><notafter>01/08/2026 00:00:00.00</notafter>\
                </key><key><servicekey>new-key-of-the-tests</servicekey><notafter></notafter></key></keylist>",
        },
        Example {
            shows: "the salt of the server",
            given: &[],
            call: "serviceid=salt",
            reply: "<intresult>0</intresult><serviceid>0</serviceid><servicename>salt</servicename>\
                <method>MD5 (APIChecksumSalt)</method><keylist><key>\
                <servicekey>5a175a175a175a175a175a175a175a17</servicekey><notafter></notafter></key></keylist>",
        },
        Example {
            shows: "a service of another provider",
            given: &[],
            call: "servicename=shop",
            reply: "<exception><primarycode>-30128</primarycode><secondarycode></secondarycode>\
                <message>Service not found</message></exception>",
        },
    ];
    type Reply = Shown;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Shown> {
        if self.serviceid.as_deref() == Some(SALT) && self.servicename.is_none() {
            return the_salt(call, tx);
        }
        let row = the_service(call, tx, self.number()?, self.servicename.as_deref())?;
        let method = Method::parse(&row.method);
        let key = match method {
            Some(Method::Md5Salt) => vec![salt(call, &format!("{} signs with the", row.name))?],
            _ => live(call, tx, row.id)?,
        };
        tx.witnessed();
        Ok(Shown {
            intresult: Zero,
            serviceid: row.id,
            servicename: row.name,
            method: method.map_or(row.method, |method| method.to_string()),
            keylist: KeyList { key },
        })
    }
}

impl ShowServiceKey {
    fn number(&self) -> Result<Option<i64>> {
        let number = self.serviceid.as_deref().map(str::parse).transpose();
        number.map_err(|_| invalid("serviceid must be a whole number, or salt"))
    }
}

/// The salt by itself, for whoever moves to another server or has lost the file that stated it.
fn the_salt(call: &Call, tx: &Tx<'_>) -> Result<Shown> {
    let key = vec![salt(call, "this is the")?];
    tx.witnessed();
    Ok(Shown {
        intresult: Zero,
        serviceid: 0,
        servicename: SALT.to_owned(),
        method: Method::Md5Salt.to_string(),
        keylist: KeyList { key },
    })
}

fn live(call: &Call, tx: &Tx<'_>, service: i64) -> Result<Vec<LiveKey>> {
    let keys = tx.open_service_keys(&call.vault, service)?.into_iter();
    let live = keys.filter(|key| key.not_after.is_none_or(|end| call.now < end));
    Ok(live
        .map(|key| LiveKey {
            servicekey: Secret::new(String::from_utf8_lossy(key.secret.expose_secret())),
            notafter: key.not_after.map_or(String::new(), |end| end.stamp()),
        })
        .collect())
}

/// The salt signs for services of every provider, so it is not one provider's to see.
fn salt(call: &Call, what: &str) -> Result<LiveKey> {
    if !sees_all(call) {
        return Err(forbidden(format!(
            "Access denied: {what} salt of the server, which is for services of the default provider {} and for \
             people with the right SUPER-USER, which its services can grant",
            call.snapshot.server.default_provider
        )));
    }
    let salt = String::from_utf8_lossy(call.snapshot.salt.expose_secret());
    Ok(LiveKey { servicekey: Secret::new(salt), notafter: String::new() })
}
