//! The threads beside the workers, as the program's configuration wants them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::Options;
use super::hashers::Hashers;
use crate::config::{Config, Durability};
use crate::domain::passwords::Cost;
use crate::snapshot::{Snapshot, Stated};
use crate::store::Vault;
use crate::store::api_log::{self, ApiLog};
use crate::store::writer::{self, Writer};

/// How many calls may wait to be written into the API log.
const LOGGED: usize = 8_192;

/// The writer, with what makes a snapshot from its transaction.
pub(super) fn start_writer(
    config: &Config,
    (options, generation): (&Options, i64),
    snapshot: &Arc<ArcSwap<Snapshot>>,
    vault: &Arc<Vault>,
    stated: &Arc<ArcSwap<Stated>>,
) -> anyhow::Result<Writer> {
    let (snapshot, vault, stated) = (snapshot.clone(), vault.clone(), stated.clone());
    let rebuild: writer::Rebuild = Box::new(move |tx| {
        let (next, snapshot) = (Arc::new(Snapshot::build(tx, &vault, &stated.load())?), snapshot.clone());
        Ok(Box::new(move || snapshot.store(next)))
    });
    let options = writer::Options {
        path: config.database.path.clone(),
        full: config.storage.durability == Durability::Full,
        queue: config.storage.write_queue,
        generation,
        record: options.record.clone(),
        max_pages: options.max_pages,
    };
    Writer::start(options, rebuild).map_err(|error| anyhow::anyhow!("cannot start the writer: {error}"))
}

/// The API log beside the database.
pub(super) fn start_log(database: &Path, options: &Options) -> anyhow::Result<ApiLog> {
    let options =
        api_log::Options { path: api_log::file_of(database), queue: LOGGED, clock: options.clock.clone() };
    ApiLog::start(options).map_err(|error| anyhow::anyhow!("cannot start the API log: {error}"))
}

/// The threads for passwords.
pub(super) fn start_hashers(config: &Config, options: &Options) -> Hashers {
    let auth = &config.auth;
    let cost = options.cost.unwrap_or(Cost {
        memory_kib: auth.argon2_memory_kib,
        passes: auth.argon2_passes,
        lanes: auth.argon2_lanes,
    });
    let threads = match auth.hash_threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    Hashers::start(cost, threads, Duration::from_secs(config.limits.hash_wait_seconds))
}
