//! What a start would say of a configuration, without a start: its own steps, on a copy in memory.
//!
//! `check` has to find whatever `serve` refuses, so both run the same code; a list of what a start looks at would
//! lack the next thing that it learns to look at.

use anyhow::Context;

use super::master::missing_key;
use super::open::{apply, stated};
use crate::call::{Chance, SystemChance};
use crate::config::Config;
use crate::domain::time::{Clock, SystemClock};
use crate::snapshot::Snapshot;
use crate::store::{Reader, Scratch, Tx, Vault, start};

/// What is wrong with what a service states of its key: its name, and the fault.
pub fn key_faults(config: &mut Config) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for service in &mut config.services {
        if let Err(error) = service.live_keys() {
            faults.push((service.name.clone(), error.to_string()));
            // What else there is to say of the configuration is found without it.
            service.key_file = None;
        }
    }
    faults
}

/// What the program would serve with; else why it would not start.
pub fn start(config: &Config) -> anyhow::Result<Snapshot> {
    let (path, key) = (&config.database.path, config.master_key_file());
    let vault = Vault::open(&key)?;
    if !path.exists() {
        return fresh(config, &vault.unwrap_or_else(|| Vault::new(SystemChance.seed())));
    }
    let vault = vault.with_context(|| missing_key(&key, path))?;
    let unreadable = |error| anyhow::anyhow!("cannot read {}: {error}", path.display());
    let reader = Reader::open(path).map_err(unreadable)?;
    let tried = reader.read(|tx| Ok(known(tx, config, &vault))).map_err(unreadable)?;
    tried.unwrap_or_else(|| fresh(config, &vault))
}

/// Over a database that has its tables; else nothing.
fn known(tx: &Tx<'_>, config: &Config, vault: &Vault) -> Option<anyhow::Result<Snapshot>> {
    let tried = || {
        start::prove(tx, &config.database.path, vault)?;
        // What stands there must be whole before anything is changed.
        judged(&tx.scratch()?.tx(), config, vault)
    };
    match tx.is_fresh() {
        Ok(true) => None,
        Ok(false) => Some(tried()),
        Err(error) => Some(Err(error.into())),
    }
}

/// Over the database that the first start would make.
fn fresh(config: &Config, vault: &Vault) -> anyhow::Result<Snapshot> {
    let seed = SystemChance.seed();
    let scratch = Scratch::fresh(vault, &|label| Vault::new(seed).keyed_hash(label, &[]))?;
    judged(&scratch.tx(), config, vault)
}

fn judged(tx: &Tx<'_>, config: &Config, vault: &Vault) -> anyhow::Result<Snapshot> {
    let seed = SystemChance.seed();
    let random = |label: &str| Vault::new(seed).keyed_hash(label, &[]);
    apply(tx, config, vault, SystemClock.now(), &random)?;
    Snapshot::build(tx, vault, &stated(config).into()).map_err(|error| anyhow::anyhow!("{error}"))
}
