//! HTTP: bytes, headers and peer address in, bytes out.
//!
//! The only async code and the only room that knows HTTP. A worker answers what is quick itself, with
//! a reader of its own; everything else is carried to its thread by a spawned task, so that a client
//! that goes away cannot cut off the log of a change that was made.

mod body;
mod credentials;
mod endpoint;
mod interrupt;
mod limits;
mod origin;
mod peer;
mod reply;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::{App, HttpServer, web};

use crate::api::Api;
use crate::call::{Chance, RequestId, SystemChance};
use crate::config::Config;
use crate::store::Reader;
pub use endpoint::{JSON_PATH, PATHS, SESSION_PATH};
pub use interrupt::interrupted;

/// What all workers share.
struct Shared {
    api: Arc<Api>,
    limits: limits::Limits,
    body: body::Bounds,
    proxy_header: HeaderName,
    /// The headers that show a credential.
    credentials: credentials::Names,
    /// Credentials are taken also where others can read them.
    plaintext: bool,
    pages: Pages,
    ids: Ids,
    /// A stop has begun: new calls are turned away.
    draining: AtomicBool,
    /// Searches that wait or run.
    reading: AtomicUsize,
    /// The most of them.
    most_reading: usize,
    /// When a forwarding header of a stranger was last warned about, in seconds.
    warned: AtomicI64,
}

/// The pages of other sites that may call the JSON endpoint with a session.
struct Pages {
    origins: Vec<HeaderValue>,
    /// The names of the headers that they may send.
    headers: HeaderValue,
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

/// Serves until a signal; `ready` is told the addresses in use.
pub async fn serve(api: Arc<Api>, config: &Config, ready: impl FnOnce(&[SocketAddr])) -> anyhow::Result<()> {
    let workers = match config.server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let shared = web::Data::new(shared(api.clone(), config)?);
    if config.api.allow_plaintext_credentials {
        log::warn!(
            "api.allow_plaintext_credentials is true: keys and sessions are taken also where others can read them"
        );
    }
    let site = site_of(shared.clone());
    let mut server = HttpServer::new(move || App::new().configure(&site))
        .workers(workers)
        .worker_max_blocking_threads((config.storage.readers as usize).div_ceil(workers))
        .max_connections(config.limits.connections.div_ceil(workers))
        .client_request_timeout(Duration::from_secs(config.limits.header_seconds))
        .keep_alive(keep_alive(config.limits.keep_alive_seconds))
        .shutdown_timeout(config.server.shutdown_seconds)
        .disable_signals();
    for address in &config.server.listen {
        server =
            server.bind(address).map_err(|error| anyhow::anyhow!("cannot listen on {address}: {error}"))?;
    }
    let addresses = server.addrs();
    let running = server.run();
    stop_on_signal(shared, running.handle())?;
    ready(&addresses);
    running.await?;
    // Everything that was taken is finished before the database is closed.
    web::block(move || api.stop()).await?;
    Ok(())
}

/// What every worker serves, for whoever has a server of their own, as measurements do.
pub fn site(api: Arc<Api>, config: &Config) -> anyhow::Result<impl Fn(&mut web::ServiceConfig)> {
    Ok(site_of(web::Data::new(shared(api, config)?)))
}

fn site_of(shared: web::Data<Shared>) -> impl Fn(&mut web::ServiceConfig) + Clone {
    move |site| {
        site.app_data(shared.clone())
            .app_data(Local(RefCell::new(shared.api.reader().ok())))
            .default_service(web::to(endpoint::dispatch));
    }
}

fn keep_alive(seconds: u64) -> actix_web::http::KeepAlive {
    match seconds {
        0 => actix_web::http::KeepAlive::Disabled,
        seconds => Duration::from_secs(seconds).into(),
    }
}

fn shared(api: Arc<Api>, config: &Config) -> anyhow::Result<Shared> {
    let mut start = [0; 8];
    start.copy_from_slice(&SystemChance.seed()[..8]);
    let prefix = &config.api.header_prefix;
    let origins = config.api.cors_origins.iter().map(|origin| HeaderValue::from_str(origin));
    Ok(Shared {
        api,
        limits: limits::Limits::new(&config.limits),
        body: body::Bounds {
            bytes: config.limits.body_bytes,
            wait: Duration::from_secs(config.limits.body_seconds),
        },
        proxy_header: config.server.proxy_header.parse()?,
        credentials: credentials::Names::new(prefix)?,
        plaintext: config.api.allow_plaintext_credentials,
        pages: Pages {
            origins: origins.collect::<Result<_, _>>()?,
            headers: HeaderValue::from_str(&format!("Content-Type, {prefix}-SESSION"))?,
        },
        ids: Ids { start: u64::from_le_bytes(start), next: AtomicU64::new(0) },
        draining: AtomicBool::new(false),
        reading: AtomicUsize::new(0),
        most_reading: config.storage.readers as usize * 64,
        warned: AtomicI64::new(0),
    })
}

/// The first SIGTERM or SIGINT drains, the second one ends at once.
fn stop_on_signal(shared: web::Data<Shared>, handle: actix_web::dev::ServerHandle) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    actix_web::rt::spawn(async move {
        for graceful in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            shared.draining.store(true, Ordering::Relaxed);
            log::info!(
                "{}",
                if graceful { "stopping: calls under way are finished" } else { "stopping at once" }
            );
            let stop = handle.stop(graceful);
            actix_web::rt::spawn(stop);
        }
    });
    Ok(())
}
