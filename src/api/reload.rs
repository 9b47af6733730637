//! A configuration that is read again while the program runs: what it states is applied like at a start.
//!
//! It goes through the writer, as a change does: in one transaction, so that all of it holds or nothing, and
//! between two batches, so that nobody sees a part. Providers and services that the file no longer mentions
//! stay, as they do at a start.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use arc_swap::ArcSwap;

use super::Api;
use super::open::{apply, stated, warn_of_unchecked};
use crate::config::Config;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::snapshot::{Snapshot, Stated};
use crate::store::writer::{Job, Verdict};
use crate::store::{Tx, Vault, vault};

impl Api {
    /// Applies what the configuration states of providers, services and settings, or says why it cannot be
    /// and leaves everything as it is. Waits for the writer.
    pub fn reload(&self, config: &Config) -> anyhow::Result<()> {
        let (then, answer) = sync_channel(1);
        self.writer.submit(Box::new(Reload {
            config: config.clone(),
            vault: self.vault.clone(),
            now: self.clock.now(),
            seed: self.chance.seed(),
            held: self.stated.clone(),
            before: self.stated.load_full(),
            outcome: Ok(()),
            then,
        }));
        answer.recv().unwrap_or_else(|_| Err(anyhow::anyhow!("the writer has ended")))?;
        self.mail.store(Arc::new(config.mail.clone()));
        warn_of_unchecked(&self.snapshot());
        Ok(())
    }
}

/// The job for the writer.
struct Reload {
    config: Config,
    vault: Arc<Vault>,
    now: Time,
    seed: [u8; 32],
    /// What the writer's next snapshot is built with.
    held: Arc<ArcSwap<Stated>>,
    before: Arc<Stated>,
    outcome: anyhow::Result<()>,
    then: SyncSender<anyhow::Result<()>>,
}

impl Reload {
    /// The snapshot is built here once to see whether it can be; the writer then builds the one it publishes.
    fn attempt(&self, tx: &Tx<'_>) -> anyhow::Result<()> {
        let random = |label: &str| vault::keyed(&self.seed, label, &[]);
        apply(tx, &self.config, &self.vault, self.now, &random)?;
        let stated = Arc::new(stated(&self.config));
        Snapshot::build(tx, &self.vault, &stated)?;
        // Also where no row has changed: what is stated may have.
        tx.changes_settings();
        self.held.store(stated);
        Ok(())
    }
}

impl Job for Reload {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        self.outcome = self.attempt(tx);
        if self.outcome.is_ok() { Verdict::Keep } else { Verdict::Undo }
    }

    fn end(self: Box<Self>, end: Result<()>) {
        if end.is_err() || self.outcome.is_err() {
            self.held.store(self.before);
        }
        let end = match end {
            Err(Error::Refused { text: Some(why), .. }) => Err(anyhow::anyhow!("{why}")),
            end => end.map_err(anyhow::Error::from),
        };
        // Who asked waits for it.
        let _ = self.then.send(self.outcome.and(end));
    }
}
