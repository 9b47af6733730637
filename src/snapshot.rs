//! What every call needs to know at once: providers, services, keys, settings, in memory.
//!
//! Built from the database as a whole and swapped as a whole, so that a call sees one consistent
//! state and the gate touches no table. Building it is also where the rules between settings and
//! services stand, once for the configuration, the commands and other programs' changes alike.

mod sites;

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretBox};

use crate::domain::names;
use crate::domain::service::ServiceKind;
use crate::domain::settings::{ProviderSettings, ServerSettings};
use crate::domain::time::{MINUTE, Time};
use crate::error::{Code, Error, Result, invalid};
use crate::gate::addresses::{self, AddressBook};
use crate::gate::checksum::Method;
use crate::mail::Owns;
use crate::store::{Tx, Vault};
pub use sites::{Site, SiteKey};

/// After so long the use of a key that ends is written down again.
const NOTED_AGAIN: i64 = MINUTE;

/// A provider with its settings.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its row.
    pub id: i64,
    /// Its code, four of A-Z 0-9 `[D]`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The provider that manages it `[D]`.
    pub managed_by: Option<i64>,
    /// Its settings.
    pub settings: ProviderSettings,
    /// Its own mails and pages.
    pub templates: Arc<Owns>,
}

impl Provider {
    /// The language in which it addresses somebody of that language: another one where it does not allow it.
    pub fn addresses<'a>(&'a self, language: &'a str) -> &'a str {
        match self.settings.allowed_languages.iter().any(|allowed| allowed == language) {
            true => language,
            false => &self.settings.default_language,
        }
    }
}

/// A registered service.
pub struct Service {
    /// Its row; 0 is the external admin console of `AdminConsoleIPAddress`.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is a web portal.
    pub portal: bool,
    /// Whose power it has.
    pub provider: Arc<Provider>,
    /// How it signs.
    pub method: Method,
    /// Whether it may call at all.
    pub enabled: bool,
    /// The commands it may call; empty: all.
    pub commands: HashSet<String>,
    /// Wrong passwords it may report in the login interval; 0: no limit.
    pub login_limit: i64,
    keys: Vec<ServiceKey>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "service {}", self.name)
    }
}

/// A key and the end of its life.
pub struct ServiceKey {
    /// Its row.
    pub id: i64,
    /// The key itself.
    pub secret: SecretBox<[u8]>,
    /// When it ends; none: not yet known.
    pub not_after: Option<Time>,
    /// When it was last used, in microseconds; 0: never.
    used: AtomicI64,
}

impl ServiceKey {
    /// A key as it lies in the database.
    pub fn new(id: i64, secret: SecretBox<[u8]>, not_after: Option<Time>, used: Option<Time>) -> ServiceKey {
        ServiceKey { id, secret, not_after, used: AtomicI64::new(used.map_or(0, |used| used.0)) }
    }

    /// When it was last used, since its end is known.
    pub fn last_used(&self) -> Option<Time> {
        Some(Time(self.used.load(Ordering::Relaxed))).filter(|used| used.0 != 0)
    }

    /// Notes a use of a key that ends; its row, where that is worth writing down. The key of a service that is not
    /// being rotated costs nothing here.
    pub fn note_use(&self, now: Time) -> Option<i64> {
        self.not_after?;
        let used = self.used.load(Ordering::Relaxed);
        let due = used == 0 || Time(used).plus(NOTED_AGAIN) <= now;
        let mine =
            due && self.used.compare_exchange(used, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        mine.then_some(self.id)
    }
}

impl Service {
    /// The keys that sign for it at that moment.
    pub fn keys_at<'a>(&'a self, now: Time, salt: &'a SecretBox<[u8]>) -> impl Iterator<Item = &'a [u8]> {
        self.signing(now, salt).map(|(key, _)| key)
    }

    /// The same, each with what is known of it where it is the service's own.
    pub fn signing<'a>(
        &'a self,
        now: Time,
        salt: &'a SecretBox<[u8]>,
    ) -> impl Iterator<Item = (&'a [u8], Option<&'a ServiceKey>)> {
        let salted = self.method == Method::Md5Salt;
        let own = self.live_keys(now).filter(move |_| !salted);
        let own = own.map(|key| (key.secret.expose_secret(), Some(key)));
        own.chain(salted.then(|| (salt.expose_secret(), None)))
    }

    /// The keys of its own that have not ended.
    pub fn live_keys(&self, now: Time) -> impl Iterator<Item = &ServiceKey> {
        self.keys.iter().filter(move |key| key.not_after.is_none_or(|end| now < end))
    }
}

/// What the configuration file states; it is changed only there.
#[derive(Debug, Default, Clone)]
pub struct Stated {
    /// Names of server settings.
    pub settings: HashSet<String>,
    /// Codes of providers, each with the names of its settings that are stated.
    pub providers: HashMap<String, HashSet<String>>,
    /// Folded names of services.
    pub services: HashSet<String>,
    /// Those of them whose keys are stated too.
    pub keyed: HashSet<String>,
}

impl Stated {
    /// Whether a provider's setting is stated.
    pub fn has(&self, provider: &str, setting: &str) -> bool {
        self.providers.get(provider).is_some_and(|settings| settings.contains(setting))
    }
}

/// The state of one moment.
pub struct Snapshot {
    /// Server settings.
    pub server: ServerSettings,
    /// The salt of the MD5 method that has no key of its own.
    pub salt: SecretBox<[u8]>,
    /// What the configuration file states.
    pub stated: Arc<Stated>,
    providers: HashMap<i64, Arc<Provider>>,
    codes: HashMap<String, i64>,
    services: Vec<Arc<Service>>,
    sites: HashMap<String, Arc<Site>>,
    book: AddressBook,
}

impl Snapshot {
    /// Reads everything; refuses what breaks a rule, with the reason.
    pub fn build(tx: &Tx<'_>, vault: &Vault, stated: &Arc<Stated>) -> Result<Snapshot> {
        let values = tx.setting_values()?;
        let server = ServerSettings::from_values(&|name| values.server(name)).map_err(invalid)?;
        let mut providers = HashMap::new();
        let mut templates = tx.templates()?;
        for row in tx.providers()? {
            let settings = ProviderSettings::from_values(&|name| values.provider(row.id, name))
                .map_err(|why| invalid(format!("provider {}: {why}", row.code)))?;
            let templates = templates.remove(&row.id).unwrap_or_default();
            let (id, code, name, managed_by) = (row.id, row.code, row.name, row.managed_by);
            let provider = Provider { id, code, name, managed_by, settings, templates: templates.into() };
            providers.insert(id, Arc::new(provider));
        }
        no_circle(&providers)?;
        let codes: HashMap<String, i64> = providers.values().map(|p| (p.code.clone(), p.id)).collect();
        let default = codes.get(&server.default_provider).and_then(|id| providers.get(id));
        let Some(default) = default else {
            return Err(invalid(format!(
                "DefaultProvider: there is no provider {}",
                server.default_provider
            )));
        };
        let salt = tx.open_salt(vault)?;
        let mut services = services(tx, vault, &providers)?;
        services.extend(external_console(&server, default));
        let book = book(&services, &server.admin_console)?;
        let services = services.into_iter().map(|(service, _)| Arc::new(service)).collect();
        let sites = sites::read(tx, vault, &providers)?;
        Ok(Snapshot { server, salt, stated: stated.clone(), providers, codes, services, sites, book })
    }

    /// The one enabled service that owns an address.
    pub fn service_at(&self, address: IpAddr) -> Option<&Arc<Service>> {
        self.services.get(self.book.owner(address)?).filter(|service| service.enabled)
    }

    /// A service by its name, compared without case.
    pub fn service_named(&self, name: &str) -> Option<&Arc<Service>> {
        let key = names::key(name);
        self.services.iter().find(|service| names::key(&service.name) == key)
    }

    /// All services, the external console last.
    pub fn services(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.services.iter()
    }

    /// A site by the public half of its key.
    pub fn site(&self, key: &str) -> Option<&Arc<Site>> {
        self.sites.get(key)
    }

    /// A provider by its code.
    pub fn provider(&self, code: &str) -> Option<&Arc<Provider>> {
        self.provider_by_id(*self.codes.get(code)?)
    }

    /// A provider by its row.
    pub fn provider_by_id(&self, id: i64) -> Option<&Arc<Provider>> {
        self.providers.get(&id)
    }

    /// All providers.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.values()
    }

    /// Whether this is the provider with authority over the whole server `[D]`.
    pub fn is_default(&self, provider: &Provider) -> bool {
        provider.code == self.server.default_provider
    }

    /// Whether callers of one provider may act for another: one step of managed-by, no chain `[D]`.
    pub fn may_act_for(&self, own: &Provider, other: &Provider) -> bool {
        own.id == other.id
            || (self.server.allow_distributor && (self.is_default(own) || other.managed_by == Some(own.id)))
    }

    /// Whether callers of that provider can ever act for another one.
    pub fn may_switch(&self, own: &Provider) -> bool {
        self.server.allow_distributor
            && (self.is_default(own) || self.providers.values().any(|p| p.managed_by == Some(own.id)))
    }
}

/// Whoever manages a provider stands above it; in a circle nobody would know who does.
fn no_circle(providers: &HashMap<i64, Arc<Provider>>) -> Result<()> {
    let mut all: Vec<&Arc<Provider>> = providers.values().collect();
    all.sort_unstable_by_key(|provider| provider.id);
    for provider in &all {
        let mut way = vec![provider.code.as_str()];
        let mut manager = provider.managed_by;
        while let Some(above) = manager.and_then(|id| providers.get(&id)) {
            way.push(&above.code);
            if above.id == provider.id {
                return Err(invalid(format!("managedby goes in a circle: {}", way.join(", by "))));
            }
            if way.len() > all.len() {
                // A circle further up; it is told of when its own provider's turn comes.
                break;
            }
            manager = above.managed_by;
        }
    }
    Ok(())
}

/// The name of the external admin console, which no other service may have.
const CONSOLE: &str = "admin console";

type WithNetworks = (Service, Vec<IpNet>);

fn services(
    tx: &Tx<'_>,
    vault: &Vault,
    providers: &HashMap<i64, Arc<Provider>>,
) -> Result<Vec<WithNetworks>> {
    let mut services = Vec::new();
    for row in tx.services()? {
        let Some(provider) = providers.get(&row.provider_id) else {
            return Err(Error::fault(format!("service {} has no provider", row.name)));
        };
        let unknown = || Error::fault(format!("service {} has the unknown method {}", row.name, row.method));
        let method = Method::parse(&row.method).ok_or_else(unknown)?;
        if names::key(&row.name) == CONSOLE {
            return Err(invalid(format!("the name {CONSOLE} is kept for AdminConsoleIPAddress")));
        }
        let networks: Result<Vec<IpNet>, _> = row.addresses.lines().map(addresses::parse).collect();
        let networks = networks.map_err(|bad| invalid(format!("service {}: {bad}", row.name)))?;
        let keys = tx.open_service_keys(vault, row.id)?;
        let service = Service {
            id: row.id,
            portal: row.kind == ServiceKind::WebPortal.as_str(),
            provider: provider.clone(),
            method,
            enabled: row.enabled,
            commands: row.commands.lines().map(str::to_owned).collect(),
            login_limit: row.login_limit,
            name: row.name,
            keys,
        };
        services.push((service, networks));
    }
    Ok(services)
}

/// The external admin console: a service of the default provider that signs with the salt (§2.2).
fn external_console(server: &ServerSettings, default: &Arc<Provider>) -> Option<WithNetworks> {
    if server.admin_console.is_empty() {
        return None;
    }
    let service = Service {
        id: 0,
        name: CONSOLE.into(),
        portal: false,
        provider: default.clone(),
        method: Method::Md5Salt,
        enabled: true,
        commands: HashSet::new(),
        login_limit: 0,
        keys: Vec::new(),
    };
    Some((service, server.admin_console.clone()))
}

/// All enabled services' addresses; an overlap is refused, naming both.
fn book(services: &[WithNetworks], console: &[IpNet]) -> Result<AddressBook> {
    let enabled = services.iter().enumerate().filter(|(_, (service, _))| service.enabled);
    let entries: Vec<(IpNet, usize)> = enabled
        .flat_map(|(owner, (_, networks))| networks.iter().map(move |network| (*network, owner)))
        .collect();
    AddressBook::new(&entries).map_err(|overlap| {
        let name = |owner: usize| services.get(owner).map_or("?", |(service, _)| service.name.as_str());
        let ((a, b), (na, nb)) = (overlap.owners, overlap.networks);
        let hint = if console.is_empty() { "" } else { " (AdminConsoleIPAddress counts as a service)" };
        Code::AddressInUse.say(format!(
            "Address is used by another service: {nb} of {} overlaps {na} of {}{hint}",
            name(b),
            name(a)
        ))
    })
}
