//! The life of the program: signals, the reading of a changed configuration, the stop.
//!
//! A stop takes three steps, because whoever sends calls here learns of it only by asking: readiness ends, then
//! new calls are turned away, then those under way are finished. A second signal skips what is left of that.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::{rt, web};
use anyhow::Context;

use super::{Shared, Stage, beside};
use crate::config::Config;

/// How often the surroundings are told that the program is alive.
const BEAT: Duration = Duration::from_secs(1);

/// SIGHUP reads the configuration again; SIGTERM and SIGINT stop, a second one at once.
pub fn listen_to_signals(
    shared: &web::Data<Shared>,
    config: &Config,
    handle: ServerHandle,
    tell: impl Fn(Stage<'_>) + Clone + 'static,
) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut ends = Ends(signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (shared, mut config) = (shared.clone(), config.clone());
    rt::spawn(async move {
        loop {
            tokio::select! {
                // A disk that hangs may hold up the one; it must not hold up the other.
                _ = hangup.recv() => tokio::select! {
                    () = reload(&shared, &mut config, &tell) => {}
                    () = ends.next() => break,
                },
                () = ends.next() => break,
            }
        }
        tell(Stage::Stopping);
        shared.leaving.store(true, Ordering::Relaxed);
        let delay = Duration::from_secs(config.server.drain_seconds);
        if !delay.is_zero() {
            log::info!("stopping: no longer ready; calls are taken for {} seconds more", delay.as_secs());
        }
        let hurried = tokio::select! {
            () = tokio::time::sleep(delay) => false,
            () = ends.next() => true,
        };
        shared.draining.store(true, Ordering::Relaxed);
        if !hurried {
            log::info!("stopping: calls under way are finished");
            rt::spawn(handle.stop(true));
            ends.next().await;
        }
        log::info!("stopping at once");
        handle.stop(false).await;
    });
    Ok(())
}

/// The signals that end the program.
struct Ends(Signal, Signal);

impl Ends {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

/// Reads the configuration again; one that cannot be used changes nothing.
async fn reload(shared: &web::Data<Shared>, config: &mut Config, tell: &impl Fn(Stage<'_>)) {
    tell(Stage::Reloading);
    let running = config.clone();
    let for_all = shared.clone();
    let read = web::block(move || apply(&for_all, &running)).await;
    match read.unwrap_or_else(|error| Err(error.into())) {
        Ok(Read { next, waiting, changed }) => {
            for key in &waiting {
                log::warn!("{key} was changed, which needs a restart: the old value holds until then");
            }
            let keys = next.differences(config).into_iter().map(|key| format!("{key} has changed"));
            let changed: Vec<String> = keys.chain(changed).collect();
            changed.iter().for_each(|change| log::info!("the configuration: {change}"));
            let count = if changed.is_empty() {
                "nothing has changed".to_owned()
            } else {
                format!("changes: {}", changed.len())
            };
            log::info!("the configuration was read again: {count}");
            *config = next;
            tell(Stage::Reloaded(Some(config)));
        }
        Err(error) => {
            for line in format!("{error:#}").lines() {
                log::error!("the configuration was not read again: {}", line.trim());
            }
            tell(Stage::Reloaded(None));
        }
    }
}

/// A configuration that was read again.
struct Read {
    /// What holds from now on.
    next: Config,
    /// The keys that wait for a restart.
    waiting: Vec<String>,
    /// What has become of providers, services and settings.
    changed: Vec<String>,
}

/// Everything that can fail comes before anything that holds; the database last, because its change is kept.
fn apply(shared: &Shared, running: &Config) -> anyhow::Result<Read> {
    let (next, waiting) = running.again()?;
    let rules = shared.rules.load().again(&next)?;
    let now = shared.api.now();
    let shown = shared.certificate.as_ref();
    let certificate = shown.map(|shown| shown.again(&next.tls, now).map(|next| (shown, next))).transpose()?;
    let changed = shared.api.reload(&next).context("providers, services and settings cannot be applied")?;
    shared.rules.store(rules.into());
    if let Some((shown, next)) = certificate {
        shown.hold(next, now);
    }
    Ok(Read { next, waiting, changed })
}

/// Tells the surroundings once a second that the program is alive, as long as it is.
pub fn say_alive(shared: web::Data<Shared>, tell: impl Fn(Stage<'_>) + 'static) {
    rt::spawn(async move {
        let mut beat = tokio::time::interval(BEAT);
        loop {
            beat.tick().await;
            if beside::is_moving(&shared) {
                tell(Stage::Alive);
            }
        }
    });
}
