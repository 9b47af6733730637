//! HTTP: bytes, headers and peer address in, bytes out.
//!
//! The only async code and the only room that knows HTTP. A worker answers what is quick itself, with
//! a reader of its own; everything else is carried to its thread by a spawned task, so that a client
//! that goes away cannot cut off the log of a change that was made.

mod beside;
mod body;
mod credentials;
mod endpoint;
mod interrupt;
mod life;
mod limits;
mod lines;
mod links;
mod listen;
mod metrics;
mod origin;
mod page;
mod peer;
mod redirect;
mod reply;
mod rules;
pub mod tls;
mod trial;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};

use actix_server::Server;
use actix_web::web;
use arc_swap::ArcSwap;

use crate::api::Api;
use crate::call::{Chance, RequestId, SystemChance};
use crate::config::Config;
use crate::store::Reader;
pub use endpoint::{JSON_PATH, PATHS, SESSION_PATH};
pub use interrupt::interrupted;
use rules::Rules;

/// What the program's surroundings are told of its life.
pub enum Stage<'a> {
    /// It listens at these places.
    Ready(&'a [Place]),
    /// Once a second, while its threads go round.
    Alive,
    /// It reads its configuration again.
    Reloading,
    /// It has; what holds now, if that could be used.
    Reloaded(Option<&'a Config>),
    /// It stops.
    Stopping,
}

/// Where the program listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The socket's address.
    pub address: SocketAddr,
    /// Whether calls are encrypted there.
    pub encrypted: bool,
}

impl Place {
    /// How addresses of the web begin that lead there.
    pub fn scheme(&self) -> &'static str {
        if self.encrypted { "https" } else { "http" }
    }
}

/// What all workers share.
struct Shared {
    api: Arc<Api>,
    /// What the configuration says of requests; exchanged when it is read again.
    rules: ArcSwap<Rules>,
    /// The certificate; none where nothing is encrypted.
    certificate: Option<Arc<tls::Shown>>,
    ids: Ids,
    /// A stop was asked for: others shall send their calls elsewhere.
    leaving: AtomicBool,
    /// New calls are turned away.
    draining: AtomicBool,
    /// Searches that wait or run.
    reading: AtomicUsize,
    /// The most of them.
    most_reading: usize,
    /// Searches that were turned away because so many waited.
    reads_refused: AtomicU64,
    /// The numbers are being gathered for somebody.
    gathering: AtomicBool,
    /// When a forwarding header of a stranger was last warned about, in seconds.
    warned: AtomicI64,
    /// How many lines refusals have in the log.
    lines: lines::Lines,
}

/// Numbers for requests: a random start and a count, so that two starts do not give the same.
struct Ids {
    start: u64,
    next: AtomicU64,
}

impl Ids {
    fn next(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId::new(self.start.wrapping_add(count))
    }
}

/// What one worker has for itself: a reader, opened anew after a panic went through it.
struct Local(RefCell<Option<Reader>>);

/// Serves until a signal; `tell` is told how the program is on its way.
pub async fn serve(
    api: Arc<Api>,
    config: &Config,
    tell: impl Fn(Stage<'_>) + Clone + 'static,
) -> anyhow::Result<()> {
    let workers = match config.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let certificate = tls::Shown::open(&config.tls, api.now())?;
    let encryption = certificate.as_ref().map(tls::settings).transpose()?.map(Arc::new);
    let shared = web::Data::new(Shared { certificate, ..shared(api.clone(), config)? });
    let site = site_of(shared.clone());
    let mut server = Server::build()
        .workers(workers)
        .worker_max_blocking_threads((config.storage.readers as usize).div_ceil(workers))
        .max_concurrent_connections(config.limits.connections.div_ceil(workers))
        .shutdown_timeout(config.server.shutdown_seconds)
        .disable_signals();
    let (times, listeners) = (listen::Times::new(config, &server), listen::bind(config)?);
    let places: Vec<Place> = listeners.iter().map(|listener| listener.place).collect();
    for listener in listeners {
        server = listen::add(server, listener, &times, encryption.as_ref(), site.clone())?;
    }
    let running = server.run();
    life::listen_to_signals(&shared, config, running.handle(), tell.clone())?;
    life::say_alive(shared, tell.clone());
    tell(Stage::Ready(&places));
    running.await?;
    // Everything that was taken is finished before the database is closed.
    web::block(move || api.stop()).await?;
    Ok(())
}

/// What every worker serves, for whoever has a server of their own, as measurements do.
pub fn site(api: Arc<Api>, config: &Config) -> anyhow::Result<impl Fn(&mut web::ServiceConfig)> {
    Ok(site_of(web::Data::new(shared(api, config)?)))
}

/// Whether what the configuration says of requests can be used.
pub fn usable(config: &Config) -> anyhow::Result<()> {
    Rules::new(config).map(drop)
}

fn site_of(shared: web::Data<Shared>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send {
    move |site| {
        site.app_data(shared.clone())
            .app_data(Local(RefCell::new(shared.api.reader().ok())))
            .default_service(web::to(endpoint::dispatch));
    }
}

fn shared(api: Arc<Api>, config: &Config) -> anyhow::Result<Shared> {
    let mut start = [0; 8];
    start.copy_from_slice(&SystemChance.seed()[..8]);
    Ok(Shared {
        api,
        rules: ArcSwap::from_pointee(Rules::new(config)?),
        certificate: None,
        ids: Ids { start: u64::from_le_bytes(start), next: AtomicU64::new(0) },
        leaving: AtomicBool::new(false),
        draining: AtomicBool::new(false),
        reading: AtomicUsize::new(0),
        most_reading: config.storage.readers as usize * 64,
        reads_refused: AtomicU64::new(0),
        gathering: AtomicBool::new(false),
        warned: AtomicI64::new(0),
        lines: lines::Lines::default(),
    })
}
