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
use super::preview::State;
use crate::call::Planned;
use crate::config::Config;
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::snapshot::{Snapshot, Stated};
use crate::store::writer::{Job, Verdict};
use crate::store::{Tx, Vault, vault};

impl Api {
    /// Applies what the configuration states of providers, services and settings, or says why it cannot be
    /// and leaves everything as it is. Waits for the writer, and gives what has changed, a sentence each.
    pub fn reload(&self, config: &Config) -> anyhow::Result<Vec<String>> {
        let (then, answer) = sync_channel(1);
        self.writer.submit(Box::new(Reload {
            config: config.clone(),
            vault: self.vault.clone(),
            now: self.clock.now(),
            seed: self.chance.seed(),
            held: self.stated.clone(),
            before: self.stated.load_full(),
            outcome: Ok(Vec::new()),
            then,
        }));
        let changed = answer.recv().unwrap_or_else(|_| Err(anyhow::anyhow!("the writer has ended")))?;
        self.mail.store(Arc::new(config.mail.clone()));
        warn_of_unchecked(&self.snapshot());
        Ok(changed)
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
    outcome: anyhow::Result<Vec<String>>,
    then: SyncSender<anyhow::Result<Vec<String>>>,
}

impl Reload {
    /// The snapshot is built here once to see whether it can be; the writer then builds the one it publishes.
    fn attempt(&self, tx: &Tx<'_>) -> anyhow::Result<Vec<String>> {
        let random = |label: &str| vault::keyed(&self.seed, label, &[]);
        let before = State::of(tx, &self.vault)?;
        let mut changed = apply(tx, &self.config, &self.vault, self.now, &random)?;
        changed.extend(sentences(&State::of(tx, &self.vault)?.changes_since(&before)));
        let stated = Arc::new(stated(&self.config));
        Snapshot::build(tx, &self.vault, &stated)?;
        // Also where no row has changed: what is stated may have.
        tx.changes_settings();
        changed.extend(left(tx, &self.before, &stated)?);
        self.held.store(stated);
        Ok(changed)
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
        let _ = self.then.send(self.outcome.and_then(|changed| end.map(|()| changed)));
    }
}

/// What has become of providers, services and settings: a sentence for each that is new or another one.
fn sentences(changes: &[Planned]) -> Vec<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for change in changes {
        let of = change.provider.as_deref().filter(|_| change.what != "provider");
        let of = of.map_or_else(String::new, |code| format!(" of {code}"));
        let begin = format!(
            "{} {}{of} {}",
            change.what,
            change.name,
            if change.new { "is new" } else { "has changed" }
        );
        let (field, before, after) = (&change.field, shown(&change.before), shown(&change.after));
        let field = match (field.as_str(), change.new) {
            ("keys", _) => "keys".to_owned(),
            (_, true) => format!("{field} {after}"),
            _ => format!("{field} from {before} to {after}"),
        };
        match said.last_mut().filter(|(known, _)| *known == begin) {
            Some((_, fields)) => fields.push(field),
            None => said.push((begin, vec![field])),
        }
    }
    said.into_iter().map(|(begin, fields)| format!("{begin}: {}", fields.join(", "))).collect()
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

/// What was stated and is no longer: it stays, but commands may change it now.
fn left(tx: &Tx<'_>, before: &Stated, now: &Stated) -> Result<Vec<String>> {
    let gone = |key: &String| before.services.contains(key) && !now.services.contains(key);
    let rows = tx.services()?.into_iter().filter(|row| gone(&names::key(&row.name)));
    let state = |enabled| if enabled { "may still call" } else { "is disabled" };
    let mut said: Vec<String> = rows
        .map(|row| {
            format!(
                "service {} is stated no longer, stays as it was and {}; deleteservice removes it",
                row.name,
                state(row.enabled)
            )
        })
        .collect();
    let mut settings: Vec<&String> = before.settings.difference(&now.settings).collect();
    settings.sort_unstable();
    said.extend(
        settings.iter().map(|name| format!("setting {name} is stated no longer and keeps its value")),
    );
    Ok(said)
}
