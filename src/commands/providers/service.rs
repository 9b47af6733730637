//! What the commands about services share: how one is named, how its values are read, how it is shown.
//!
//! A service is looked for inside the authorised provider, as everything but users is; the operator at
//! this machine finds all of them, because a name is unique on the server. One that the configuration
//! states is changed only there, else the next start would take the change back.

use ipnet::IpNet;

use crate::access::Power;
use crate::call::{Call, Caller};
use crate::domain::names;
use crate::domain::settings::{self, overlap};
use crate::error::{Code, Error, Result, forbidden, invalid};
use crate::gate::addresses;
use crate::gate::checksum::Method;
use crate::store::Tx;
use crate::store::services::ServiceRow;

/// The most addresses and ranges of one service `[O]`.
const MOST: usize = 1_000;
/// The longest time for which an old key is accepted, in seconds: a year `[O]`.
const LONGEST: i64 = 366 * 86_400;
/// The widest ranges that callers of other providers than the default one may claim `[O]`.
const WIDEST_V4: u8 = 24;
const WIDEST_V6: u8 = 48;

/// The service that a call names by its number or its name, exactly one of them.
pub fn the_service(call: &Call, tx: &Tx<'_>, id: Option<i64>, name: Option<&str>) -> Result<ServiceRow> {
    keeper(call)?;
    let key = name.map(names::key);
    match (id, name) {
        (None, None) => return Err(invalid("one of serviceid, servicename is needed")),
        (Some(_), Some(_)) => return Err(invalid("only one of serviceid, servicename may be given")),
        _ => {}
    }
    let within =
        |row: &ServiceRow| row.provider_id == call.provider.id || matches!(call.caller, Caller::Operator);
    let named = |row: &ServiceRow| id == Some(row.id) || key.as_deref() == Some(&names::key(&row.name));
    let found = tx.services()?.into_iter().find(|row| named(row) && within(row));
    found.ok_or_else(|| Code::ServiceUnknown.into())
}

/// Refuses whoever would become more by a service than they are.
///
/// One of the default provider has the power over the whole server, so its services are for people who have that
/// themselves. And a provider that manages another one acts for it, one step and no further: with a service of
/// it, or the key of one, it would act for those that are managed by it in turn.
pub fn keeper(call: &Call) -> Result<()> {
    match &call.caller {
        Caller::Person(person)
            if call.snapshot.is_default(&call.provider) && person.power() < Power::Server =>
        {
            Err(forbidden(format!(
                "Access denied: {} of the default provider {} needs the right SUPER-USER, which its services \
                 can grant",
                call.entry.name, call.provider.code
            )))
        }
        Caller::Service(service)
            if service.provider.id != call.provider.id && !call.snapshot.is_default(&service.provider) =>
        {
            Err(forbidden(format!(
                "Access denied: {} of the provider {} is for its own services and for those of the default provider \
                 {}; a provider that manages it never acts as one of its services",
                call.entry.name, call.provider.code, call.snapshot.server.default_provider
            )))
        }
        _ => Ok(()),
    }
}

/// Whether the caller has the power over the whole server.
pub fn sees_server(call: &Call) -> bool {
    match &call.caller {
        Caller::Service(service) => call.snapshot.is_default(&service.provider),
        Caller::Operator | Caller::Task(_) => true,
        Caller::Person(person) => person.power() == Power::Server,
        Caller::Site(_) | Caller::Nobody(_) => false,
    }
}

/// Whether the caller sees what belongs to every provider: it acts for the default one and is of it.
pub fn sees_all(call: &Call) -> bool {
    sees_server(call) && call.snapshot.is_default(&call.provider)
}

/// The refusal to change what the configuration states.
pub fn stated() -> Error {
    invalid("set in the configuration")
}

/// The service that a call names, whose keys are in the database and can be changed.
pub fn with_keys(call: &Call, tx: &Tx<'_>, id: Option<i64>, name: Option<&str>) -> Result<ServiceRow> {
    let row = the_service(call, tx, id, name)?;
    if call.snapshot.stated.keyed.contains(&names::key(&row.name)) {
        return Err(stated());
    }
    if Method::parse(&row.method) == Some(Method::Md5Salt) {
        return Err(invalid("the service signs with the salt of the server and has no key of its own"));
    }
    Ok(row)
}

/// Seconds for which an old key is still accepted.
pub fn overlap_of(seconds: i64) -> Result<i64> {
    match (0..=LONGEST).contains(&seconds) {
        true => Ok(seconds),
        false => Err(invalid(format!("overlap must be a whole number from 0 to {LONGEST}"))),
    }
}

/// A checksum method by its long or short name.
pub fn method(text: &str) -> Result<Method> {
    Method::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Method::ALL.iter().map(|(_, _, short)| *short).collect();
        invalid(format!("method must be one of {} or their long names", names.join(", ")))
    })
}

/// Addresses and ranges in the form of the database: one a line.
///
/// Whoever claims a range shuts every other service out of it, so wide ones are for those who answer for the whole
/// server. What the service has stays with it.
pub fn networks(call: &Call, given: &[String], had: &str) -> Result<String> {
    if given.is_empty() || given.len() > MOST {
        return Err(invalid(format!("addresses must be 1 to {MOST} addresses or ranges")));
    }
    let networks: Result<Vec<IpNet>, String> = given.iter().map(|text| addresses::parse(text)).collect();
    let networks = networks.map_err(|bad| invalid(format!("addresses: {bad}")))?;
    let had = read(had);
    let wide = networks.iter().find(|network| is_wide(network) && !had.contains(network));
    match wide.filter(|_| !sees_server(call)) {
        Some(wide) => Err(invalid(format!(
            "addresses: {wide} is wider than /{WIDEST_V4} for IPv4 or /{WIDEST_V6} for IPv6, which only the default \
             provider {} may give to a service",
            call.snapshot.server.default_provider
        ))),
        None => Ok(networks.iter().map(IpNet::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn is_wide(network: &IpNet) -> bool {
    let widest = if matches!(network, IpNet::V4(_)) { WIDEST_V4 } else { WIDEST_V6 };
    network.prefix_len() < widest
}

/// Addresses and ranges from the form of the database.
fn read(addresses: &str) -> Vec<IpNet> {
    addresses.lines().filter_map(|line| settings::network(line).ok()).collect()
}

/// Refuses an address of a service of which the caller must not know. Where the caller may know it, the refusal
/// comes with the next address book and names both.
pub fn not_of_strangers(call: &Call, tx: &Tx<'_>, to: &ServiceRow) -> Result<()> {
    if !to.enabled || sees_all(call) {
        return Ok(());
    }
    let own = read(&to.addresses);
    let refused = |theirs: &[IpNet]| {
        match overlap(&own, theirs) {
        Some((mine, _)) => Err(Code::AddressInUse.say(format!(
            "Address is used by another service: {mine} of {} overlaps an address of a service of another provider",
            to.name
        ))),
        None => Ok(()),
    }
    };
    // The external console is one of the default provider's.
    let default = call.snapshot.providers().find(|provider| call.snapshot.is_default(provider));
    if default.is_some_and(|default| !call.reaches(default.id)) {
        refused(&call.snapshot.server.admin_console)?;
    }
    let others = tx.services()?;
    let others = others.iter().filter(|row| row.enabled && row.id != to.id && !call.reaches(row.provider_id));
    others.map(|row| read(&row.addresses)).try_for_each(|theirs| refused(&theirs))
}

/// Allowed commands in the form of the database: one a line.
pub fn allowed(names: &[String]) -> Result<String> {
    for name in names {
        if crate::commands::find(name).is_none() {
            let known = crate::commands::all().map(|entry| entry.name);
            let hint = settings::closest(name, known)
                .map_or(String::new(), |near| format!("; did you mean {near}?"));
            return Err(invalid(format!("commands: there is no command {name}{hint}")));
        }
    }
    Ok(names.join("\n"))
}

/// The service for trying things out gives way to any other that claims an address of it.
pub fn demo_gives_way(call: &Call, tx: &Tx<'_>, to: &ServiceRow) -> Result<()> {
    // It is the default provider's, so only for that one; to others it is a service like any other.
    if !call.snapshot.is_default(&call.provider) {
        return Ok(());
    }
    let Some(demo) = tx.services()?.into_iter().find(|row| row.demo && row.enabled) else { return Ok(()) };
    if to.demo || !to.enabled || overlap(&read(&demo.addresses), &read(&to.addresses)).is_none() {
        return Ok(());
    }
    tx.set_service(&ServiceRow { enabled: false, ..demo })
}
