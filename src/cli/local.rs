//! The database of this machine, read by the command line without a server.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::config::Config;
use crate::domain::time::{Clock, SystemClock};
use crate::gate::checksum::Method;
use crate::snapshot::{Service, Snapshot, Stated};
use crate::store::{Reader, rotation};

/// Reads providers, services and settings as a server would.
pub fn snapshot(config: &Config) -> anyhow::Result<Snapshot> {
    let path = &config.database.path;
    if !path.exists() {
        bail!(
            "there is no database {}: start the server once, or name the configuration with --config, \
             or give --key-file and --method",
            path.display()
        );
    }
    let vault = rotation::settled(&config.master_key_file(), path)?.with_context(|| {
        let key = config.master_key_file();
        format!(
            "the master key {} is missing: put it back, or name it as database.master_key_file",
            key.display()
        )
    })?;
    let reader =
        Reader::open(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
    let snapshot = reader.read(|tx| Snapshot::build(tx, &vault, &Arc::new(Stated::default())));
    snapshot.map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
}

/// How a service signs now.
pub struct Signer {
    /// The method.
    pub method: Method,
    /// The key, or the salt.
    pub key: Vec<u8>,
}

/// The named service, or the one that calls from this machine.
pub fn signer(config: &Config, named: Option<&str>) -> anyhow::Result<Signer> {
    let snapshot = snapshot(config)?;
    let service = service(&snapshot, named)?;
    let key = service.keys_at(SystemClock.now(), &snapshot.salt).last();
    let key = key.with_context(|| {
        format!("the service {0} has no live key: make one with `regserver service rotate {0}`", service.name)
    })?;
    Ok(Signer { method: service.method, key: key.to_vec() })
}

fn service<'a>(snapshot: &'a Snapshot, named: Option<&str>) -> anyhow::Result<&'a Arc<Service>> {
    let names = || snapshot.services().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ");
    match named {
        Some(name) => snapshot.service_named(name).with_context(|| {
            format!("there is no service {name}; there are: {}", names())
        }),
        None => snapshot.service_at(IpAddr::V4(Ipv4Addr::LOCALHOST)).with_context(|| {
            format!(
                "no service is registered for 127.0.0.1, so this machine may not call; name one with --service \
                 (there are: {}), or add 127.0.0.1 to the addresses of one",
                names()
            )
        }),
    }
}
