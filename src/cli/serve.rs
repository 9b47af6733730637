//! `regserver serve`: starts, and says what an integrator needs for the first call.

use std::net::SocketAddr;

use super::{DONE, Failure, logging, say, systemd};
use crate::api::{Api, DEMO, Options, Started};
use crate::call::{Chance, SystemChance};
use crate::config::Config;
use crate::domain::time::{Clock, SystemClock};
use crate::http::{self, Place, Stage};

/// Serves until a signal.
pub fn run(config: &Config) -> Result<u8, Failure> {
    logging::start(&config.log);
    let Started { api, fresh } = Api::open(config, Options { works: true, ..Options::default() })?;
    let first = fresh && config.services.is_empty();
    let shown = api.clone();
    let served = actix_web::rt::System::new().block_on(http::serve(api, config, move |stage| {
        match &stage {
            Stage::Ready(places) => greet(&shown, places, first),
            Stage::Reloaded(Some(config)) => logging::set(&config.log),
            _ => {}
        }
        systemd::tell(&stage);
    }));
    served?;
    Ok(DONE)
}

fn greet(api: &Api, places: &[Place], first: bool) {
    let Some(place) = places.first() else { return };
    match first {
        true => say(&first_start(api, *place)),
        false => say(&later_start(api, places)),
    }
}

/// The address to paste: a wildcard address is reached by loopback.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

/// Shown once: where the server is, and a block that registers a user when pasted.
fn first_start(api: &Api, place: Place) -> String {
    let snapshot = api.snapshot();
    let Some(service) = snapshot.service_named(DEMO) else { return later_start(api, &[place]) };
    let now = SystemClock.now();
    let key = service.keys_at(now, &snapshot.salt).next().map(String::from_utf8_lossy).unwrap_or_default();
    let password = hex::encode(&SystemChance.seed()[..6]);
    format!(
        "regserver {version} listens on {scheme}://{listen}/yvva/api/api.xml

This is the first start: the provider is {provider}, and the service {DEMO} may call from this
machine. Paste this into another terminal to register a user:

URL=\"{scheme}://{address}/yvva/api/api.xml\"
KEY=\"{key}\"
TIMESTAMP=`date \"+%s\"`
REQUEST=\"<?xml version='1.0' encoding='UTF-8' ?>\\
<teamdrive>\\
<command>registeruser</command>\\
<requesttime>$TIMESTAMP</requesttime>\\
<username>alice</username>\\
<useremail>alice@example.com</useremail>\\
<password>{password}</password></teamdrive>\"
MD5=`printf '%s' \"$REQUEST$KEY\" | md5sum | cut -f1 -d\" \"`
curl -d \"$REQUEST\" \"$URL?checksum=$MD5\"

Then try `regserver call searchuser username='ali*'`, and `regserver commands` for all commands.
`regserver service add NAME --addresses LIST` registers a service of your own; `regserver init` makes a
configuration with a provider of your own.
This is shown once; `regserver call getversion --dry-run` shows a ready curl line again.

",
        version = env!("CARGO_PKG_VERSION"),
        scheme = place.scheme(),
        listen = place.address,
        provider = snapshot.server.default_provider,
        address = reachable(place.address),
    )
}

fn later_start(api: &Api, places: &[Place]) -> String {
    let services = api.snapshot().services().filter(|service| service.enabled).count();
    let listen: Vec<String> = places
        .iter()
        .map(|place| format!("{}://{}/yvva/api/api.xml", place.scheme(), place.address))
        .collect();
    format!(
        "regserver {} listens on {}; services that may call: {services}\n\
         `regserver call getversion --dry-run` shows a ready curl line.\n",
        env!("CARGO_PKG_VERSION"),
        listen.join(", "),
    )
}
