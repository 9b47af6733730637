//! Whose an address is where the configuration and the data both give it away, at a start and when the configuration
//! is read again.
//!
//! The configuration wins: a service that a provider has made must not keep a server from starting. Whoever loses is
//! switched off and named in the log; it stays off until somebody switches it on again, at an address of its own.

use ipnet::IpNet;

use crate::config::Config;
use crate::domain::names;
use crate::domain::settings::{self, overlap, written};
use crate::error::Result;
use crate::store::Tx;
use crate::store::services::ServiceRow;

/// The setting whose addresses are a service's, too.
const CONSOLE: &str = "AdminConsoleIPAddress";

/// Switches off what claims an address of a stated service; what is to be said of it.
pub(super) fn stated_first(tx: &Tx<'_>, config: &Config) -> Result<Vec<String>> {
    let stated = stated(config);
    let own: Vec<String> = config.services.iter().map(|service| names::key(&service.name)).collect();
    let mut said = Vec::new();
    for row in tx.services()?.into_iter().filter(|row| row.enabled && !row.demo) {
        if own.contains(&names::key(&row.name)) {
            continue;
        }
        let theirs = ranges(&row.addresses);
        let meets = |(name, ranges): &(String, Vec<IpNet>)| Some((name.clone(), overlap(ranges, &theirs)?));
        if let Some((name, (a, b))) = stated.iter().find_map(meets) {
            said.push(format!(
                "service {} is switched off: its address {} overlaps {} of {name}, which the configuration states; \
                 give it another address and enable it again",
                row.name,
                written(&b),
                written(&a)
            ));
            tx.set_service(&ServiceRow { enabled: false, ..row })?;
        }
    }
    Ok(said)
}

/// What the configuration gives addresses to.
fn stated(config: &Config) -> Vec<(String, Vec<IpNet>)> {
    let services = config.services.iter().filter(|service| service.enabled);
    let services =
        services.map(|service| (format!("service {}", service.name), ranges(&service.addresses.join("\n"))));
    let console = config.settings.get(CONSOLE).and_then(|text| settings::networks(text).ok());
    services.chain(console.map(|ranges| (CONSOLE.to_owned(), ranges))).collect()
}

fn ranges(addresses: &str) -> Vec<IpNet> {
    addresses.lines().filter_map(|line| settings::network(line).ok()).collect()
}

/// The service for trying things out gives way to the services that are stated.
pub(super) fn demo_leaves(tx: &Tx<'_>, demo: &ServiceRow) -> Result<Vec<String>> {
    tx.set_service(&ServiceRow { enabled: false, ..demo.clone() })?;
    tx.set_demo_away(true)?;
    Ok(vec![format!(
        "service {} is switched off: the configuration states services now; it comes back when it states none",
        demo.name
    )])
}

/// It comes back when none is stated any more, if that was why it went and nobody has its address meanwhile.
pub(super) fn demo_returns(tx: &Tx<'_>, demo: &ServiceRow) -> Result<Vec<String>> {
    if demo.enabled || !tx.is_demo_away()? {
        return Ok(Vec::new());
    }
    let own = ranges(&demo.addresses);
    let others = tx.services()?.into_iter().filter(|row| row.enabled);
    let taken =
        others.filter(|row| overlap(&ranges(&row.addresses), &own).is_some()).map(|row| row.name).next();
    if let Some(other) = taken {
        return Ok(vec![format!(
            "service {} stays off: service {other} has its address; it comes back with the configuration when {other} \
             is disabled or deleted",
            demo.name
        )]);
    }
    tx.set_service(&ServiceRow { enabled: true, ..demo.clone() })?;
    tx.set_demo_away(false)?;
    Ok(Vec::new())
}
