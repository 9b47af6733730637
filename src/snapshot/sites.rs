//! The sites of the snapshot: applications that sign and act for people.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretBox;

use super::Provider;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::sites::SiteRow;
use crate::store::{Tx, Vault};

/// An application of a provider that acts for its users.
pub struct Site {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The public half of its key.
    pub key: String,
    /// Whose application it is.
    pub provider: Arc<Provider>,
    /// Whether it may call at all.
    pub enabled: bool,
    /// What it signs with, the oldest first.
    pub secrets: Vec<SiteKey>,
}

impl Site {
    /// The secrets with which it may sign at that moment.
    pub fn live(&self, now: Time) -> impl Iterator<Item = &SiteKey> {
        let live = move |secret: &&SiteKey| secret.not_after.is_none_or(|end| now < end);
        self.secrets.iter().filter(move |secret| self.enabled && live(secret))
    }

    /// Whether it may call at that moment.
    pub fn signs_at(&self, now: Time) -> bool {
        self.live(now).next().is_some()
    }
}

/// A secret of a site and the end of its life.
pub struct SiteKey {
    /// Its row.
    pub id: i64,
    /// The secret itself.
    pub secret: SecretBox<[u8]>,
    /// When it ends; none: not yet known.
    pub not_after: Option<Time>,
}

/// The sites by their keys.
pub(super) fn read(
    tx: &Tx<'_>,
    vault: &Vault,
    providers: &HashMap<i64, Arc<Provider>>,
) -> Result<HashMap<String, Arc<Site>>> {
    let mut sites = HashMap::new();
    for row in tx.sites()? {
        let Some(provider) = providers.get(&row.provider_id).cloned() else {
            return Err(Error::fault(format!("site {} has no provider", row.name)));
        };
        let secrets = tx.open_site_keys(vault, row.id)?;
        let SiteRow { id, name, key, enabled, .. } = row;
        sites.insert(key.clone(), Arc::new(Site { id, name, key, provider, enabled, secrets }));
    }
    Ok(sites)
}
