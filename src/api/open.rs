//! The start: lock, key, database, configuration, threads.

use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use secrecy::ExposeSecret;

use super::jobs::Worker;
use super::mails::Sender;
use super::master::open_vault;
use super::memory::Memory;
use super::tally::Tally;
use super::threads::{start_hashers, start_log, start_writer};
use super::{Api, claims};
use crate::call::Chance;
use crate::config::{self, Config};
use crate::domain::names;
use crate::domain::passwords::Cost;
use crate::domain::settings;
use crate::domain::time::{Clock, Time};
use crate::domain::warm::Warm;
use crate::snapshot::{Snapshot, Stated};
use crate::store::backend::Recorded;
use crate::store::services::ServiceRow;
use crate::store::{Pool, Tx, Vault, lock, start, vault};

/// The service for trying things out; it gives way to any configured one.
pub const DEMO: &str = "local";
const SALT: &str = "APIChecksumSalt";

/// What the configuration does not say.
pub struct Options {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Cheaper hashes, for tests.
    pub cost: Option<Cost>,
    /// Where the statements of every batch go, for measurements.
    pub record: Option<std::sync::mpsc::Sender<Vec<Recorded>>>,
    /// Counts calls for the numbers of `/metrics`; off only to measure what that costs.
    pub counts: bool,
    /// The most pages of the database, for tests of a full disk.
    pub max_pages: Option<u32>,
    /// Leaves a database that is there already as it is: what the configuration states takes effect when
    /// the server starts, not when the command line asks something.
    pub as_it_is: bool,
    /// Does long work, sends mails as they come, and does what the program does by itself, on a thread for each.
    pub works: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            clock: Arc::new(crate::domain::time::SystemClock),
            chance: Arc::new(crate::call::SystemChance),
            cost: None,
            record: None,
            counts: true,
            max_pages: None,
            as_it_is: false,
            works: false,
        }
    }
}

/// The running program, and whether its database is new.
pub struct Started {
    /// The program.
    pub api: Arc<Api>,
    /// The database was made just now.
    pub fresh: bool,
}

impl Api {
    /// Opens or makes the database, applies the configuration, starts the threads.
    pub fn open(config: &Config, options: Options) -> anyhow::Result<Started> {
        let path = config.database.path.clone();
        let lock = lock::shared(&path)?;
        let master = Arc::new(open_vault(config, &*options.chance)?);
        let stated = Arc::new(ArcSwap::from_pointee(stated(config)));
        let now = options.clock.now();
        let seed = options.chance.seed();
        let random = |label: &str| vault::keyed(&seed, label, &[]);
        let name = hex::encode(&random("name")[..8]);
        let as_it_is = options.as_it_is;
        let ((fresh, snapshot), generation) = start::prepare(&path, &master, &random, |tx, fresh| {
            if fresh || !as_it_is {
                let said = apply(tx, config, &master, now, &random)?;
                said.iter().for_each(|said| log::warn!("{said}"));
            }
            let snapshot = Snapshot::build(tx, &master, &stated.load());
            Ok((fresh, snapshot.map_err(|error| anyhow::anyhow!("{error}"))?))
        })?;
        let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
        let writer = start_writer(config, (&options, generation), &snapshot, &master, &stated)?;
        let hashers = start_hashers(config, &options);
        let log = start_log(&path, &options, &snapshot)?;
        let api = Arc::new(Api {
            pool: Pool::open(&path, config.storage.readers).map_err(|error| anyhow::anyhow!("{error}"))?,
            snapshot,
            stated,
            vault: master,
            started: now,
            clock: options.clock,
            chance: options.chance,
            signatures: super::memory::Memory::default(),
            memory: Memory::default(),
            warm: Warm::new(&random("login cache"), config.auth.login_cache),
            slow_disk: config.storage.slow_disk,
            hashers,
            writer,
            log,
            worker: Worker::default(),
            sender: Sender::default(),
            mail: ArcSwap::from_pointee(config.mail.clone()),
            keeper: Worker::default(),
            backup: config.backup.clone(),
            hotfolder: config.hotfolder.clone(),
            hot_files: Default::default(),
            name,
            tally: Tally::default(),
            counts: options.counts,
            database: path,
            configuration: config.found().map(ToOwned::to_owned),
            _lock: lock,
        });
        warn_of_unchecked(&api.snapshot());
        if options.works {
            api.worker.start(&api);
            api.sender.start(&api);
            api.keeper.start_as(&api, "tasks", |api, _| api.do_tasks().map(|()| false));
        }
        Ok(Started { api, fresh })
    }
}

pub(super) fn stated(config: &Config) -> Stated {
    let keyed =
        config.services.iter().filter(|service| service.key_file.is_some() || !service.keys.is_empty());
    let of_provider = |provider: &config::Provider| {
        let names = provider.settings.iter().map(|(name, _)| name.to_owned());
        (provider.code.clone(), names.collect())
    };
    Stated {
        providers: config.providers.iter().map(of_provider).collect(),
        keyed: keyed.map(|service| names::key(&service.name)).collect(),
        settings: config.settings.iter().map(|(name, _)| name.to_owned()).collect(),
        services: config.services.iter().map(|service| names::key(&service.name)).collect(),
    }
}

/// Brings the database to what the configuration states, and gives what is to be said of it; nothing is deleted by
/// omission.
pub(super) fn apply(
    tx: &Tx<'_>,
    config: &Config,
    vault: &Vault,
    now: Time,
    random: &dyn Fn(&str) -> [u8; 32],
) -> anyhow::Result<Vec<String>> {
    let salt = config.settings.get(SALT);
    for (name, value) in config.settings.iter().filter(|(name, _)| *name != SALT) {
        if tx.setting_values()?.server(name).as_deref() != Some(value) {
            tx.set_server_setting(name, Some(value))?;
        }
    }
    if let Some(salt) = salt
        && tx.open_salt(vault)?.expose_secret() != salt.as_bytes()
    {
        tx.set_salt(vault, salt.as_bytes(), &random("salt"))?;
    }
    apply_providers(tx, config, now)?;
    let applier = Applier { tx, vault, now, random };
    for service in &config.services {
        applier.service(service, &default_provider(tx, config)?)?;
    }
    let demo = applier.demo(config)?;
    Ok([demo, claims::stated_first(tx, config)?].concat())
}

/// The code of the default provider: what is stated, what is stored, the first one stated, `DEMO`.
fn default_provider(tx: &Tx<'_>, config: &Config) -> anyhow::Result<String> {
    let built_in = settings::server("DefaultProvider").map_or("", |setting| setting.default);
    Ok(tx.setting_values()?.server("DefaultProvider").unwrap_or_else(|| {
        config.providers.first().map_or_else(|| built_in.to_owned(), |provider| provider.code.clone())
    }))
}

fn apply_providers(tx: &Tx<'_>, config: &Config, now: Time) -> anyhow::Result<()> {
    let default = default_provider(tx, config)?;
    let built_in = settings::server("DefaultProvider").map_or("", |setting| setting.default);
    if default != built_in && tx.setting_values()?.server("DefaultProvider").is_none() {
        let have = tx.providers()?;
        // The first provider stated becomes the default one, unless the database has its own already.
        if have.is_empty() {
            tx.set_server_setting("DefaultProvider", Some(&default))?;
        }
    }
    let default = tx.setting_values()?.server("DefaultProvider").unwrap_or_else(|| built_in.to_owned());
    let codes = config.providers.iter().map(|provider| provider.code.as_str());
    for code in codes.chain([default.as_str()]) {
        if !tx.providers()?.iter().any(|row| row.code == code) {
            tx.add_provider(code, code, now)?;
        }
    }
    for provider in &config.providers {
        apply_provider(tx, provider)?;
    }
    end_unstated(tx, config)
}

/// What only the configuration may state ends when it is stated no longer: nobody else could end it.
fn end_unstated(tx: &Tx<'_>, config: &Config) -> anyhow::Result<()> {
    let values = tx.setting_values()?;
    let only =
        settings::PROVIDER.iter().filter(|setting| setting.change == settings::Change::ConfigurationOnly);
    for name in only.map(|setting| setting.name) {
        for row in tx.providers()?.iter().filter(|row| values.provider(row.id, name).is_some()) {
            let block = config.providers.iter().find(|provider| provider.code == row.code);
            if block.is_none_or(|provider| provider.settings.get(name).is_none()) {
                tx.drop_provider_setting(row.id, name)?;
            }
        }
    }
    Ok(())
}

fn apply_provider(tx: &Tx<'_>, provider: &config::Provider) -> anyhow::Result<()> {
    let rows = tx.providers()?;
    let row = rows.iter().find(|row| row.code == provider.code).context("the provider was just made")?;
    let manager = match &provider.managed_by {
        None => None,
        Some(code) => {
            Some(rows.iter().find(|row| row.code == *code).map(|row| row.id).with_context(|| {
                format!("provider {}: managed_by names {code}, which is no provider", provider.code)
            })?)
        }
    };
    let name = if provider.name.is_empty() { &provider.code } else { &provider.name };
    if row.name != *name || row.managed_by != manager {
        tx.set_provider(row.id, name, manager)?;
    }
    let values = tx.setting_values()?;
    for (name, value) in provider.settings.iter() {
        if values.provider(row.id, name).as_deref() != Some(value) {
            tx.set_provider_setting(row.id, name, value)?;
        }
    }
    Ok(())
}

/// Applies services.
struct Applier<'a> {
    tx: &'a Tx<'a>,
    vault: &'a Vault,
    now: Time,
    random: &'a dyn Fn(&str) -> [u8; 32],
}

impl Applier<'_> {
    fn service(&self, stated: &config::Service, default: &str) -> anyhow::Result<()> {
        let code = stated.provider.as_deref().unwrap_or(default);
        let provider = self.tx.providers()?.into_iter().find(|row| row.code == code);
        let provider = provider.with_context(|| {
            format!("service {}: there is no provider {code}; add a [[provider]] block for it", stated.name)
        })?;
        let networks: Result<Vec<String>, String> = stated
            .addresses
            .iter()
            .map(|text| crate::gate::addresses::parse(text).map(|network| network.to_string()))
            .collect();
        let row = ServiceRow {
            id: 0,
            provider_id: provider.id,
            name: stated.name.clone(),
            kind: stated.kind.as_str().to_owned(),
            method: stated.method.short().to_owned(),
            addresses: networks.map_err(|bad| anyhow::anyhow!("service {}: {bad}", stated.name))?.join("\n"),
            commands: stated.commands.join("\n"),
            login_limit: i64::from(stated.login_limit),
            enabled: stated.enabled,
            demo: false,
        };
        let id = self.bring(row)?;
        self.keys(id, stated)
    }

    /// Adds the service or brings it to these values.
    fn bring(&self, mut row: ServiceRow) -> anyhow::Result<i64> {
        let key = names::key(&row.name);
        match self.tx.services()?.into_iter().find(|old| names::key(&old.name) == key) {
            None => self.tx.add_service(&row, self.now)?.context("the service's name is taken"),
            Some(old) => {
                row.id = old.id;
                if row != old {
                    self.tx.set_service(&row)?;
                }
                Ok(row.id)
            }
        }
    }

    /// The keys that are stated, or one that is made once.
    fn keys(&self, id: i64, stated: &config::Service) -> anyhow::Result<()> {
        let wanted = stated.live_keys()?;
        let have = self.tx.open_service_keys(self.vault, id)?;
        if wanted.is_empty() {
            return match have.is_empty() {
                true => self.make_key(id),
                false => Ok(()),
            };
        }
        let same = wanted.len() == have.len()
            && wanted.iter().zip(&have).all(|(wanted, have)| {
                wanted.key.reveal().as_bytes() == have.secret.expose_secret()
                    && wanted.not_after == have.not_after
            });
        if same {
            return Ok(());
        }
        self.tx.drop_service_keys(id)?;
        for (number, key) in wanted.iter().enumerate() {
            let random = (self.random)(&format!("service key {id} {number}"));
            self.tx.add_service_key(self.vault, id, key.key.reveal(), self.now, key.not_after, &random)?;
        }
        Ok(())
    }

    fn make_key(&self, id: i64) -> anyhow::Result<()> {
        let key = hex::encode(&(self.random)(&format!("made key {id}"))[..16]);
        let seal = (self.random)(&format!("made key seal {id}"));
        Ok(self.tx.add_service_key(self.vault, id, &key, self.now, None, &seal)?)
    }

    /// The demo service is there while no service is configured.
    fn demo(&self, config: &Config) -> anyhow::Result<Vec<String>> {
        let services = self.tx.services()?;
        let demo = services.iter().find(|service| service.demo);
        if !config.services.is_empty() {
            return match demo.filter(|demo| demo.enabled) {
                Some(demo) => Ok(claims::demo_leaves(self.tx, demo)?),
                None => Ok(Vec::new()),
            };
        }
        let default = default_provider(self.tx, config)?;
        let provider = self.tx.providers()?.into_iter().find(|row| row.code == default);
        let provider_id = provider.context("there is no default provider")?.id;
        if let Some(demo) = demo.filter(|demo| demo.provider_id != provider_id) {
            self.tx.set_service(&ServiceRow { provider_id, ..demo.clone() })?;
            return Ok(Vec::new());
        }
        // One that is there stays as it is: it may have given way to a service made by a command.
        if !services.is_empty() {
            return demo.map_or(Ok(Vec::new()), |demo| Ok(claims::demo_returns(self.tx, demo)?));
        }
        let row = ServiceRow {
            id: 0,
            provider_id,
            name: DEMO.to_owned(),
            kind: "api".to_owned(),
            method: "md5".to_owned(),
            addresses: "127.0.0.1/32\n::1/128".to_owned(),
            commands: String::new(),
            login_limit: 0,
            enabled: true,
            demo: true,
        };
        let id = self.bring(row)?;
        self.make_key(id)?;
        Ok(Vec::new())
    }
}

/// Says at the start, and when the configuration was read again, which providers' services need not sign.
pub(super) fn warn_of_unchecked(snapshot: &Snapshot) {
    for provider in snapshot.providers().filter(|provider| provider.settings.allow_checksum_error) {
        log::warn!(
            "provider {}: API/API_ALLOW_CHECKSUMERR is True, checksums are not checked; this is for development only",
            provider.code
        );
    }
}
