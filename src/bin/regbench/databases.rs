//! The databases: made by the product itself, then filled by plain SQL.
//!
//! A million registrations through the product would take minutes and a million commits; what is
//! written here is what they would have written, in one transaction.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use regserver::api::{Api, DEMO, Options};
use regserver::domain::licenses;
use regserver::domain::passwords::{Cost, Passwords};
use regserver::domain::time::{Clock, SystemClock};
use rusqlite::{Connection, params};

use crate::requests::{self, PASSWORD};
use crate::servers;

const FILE: &str = "regserver.db";

/// A database and how to sign for it.
pub struct Prepared {
    /// Its file.
    pub database: PathBuf,
    /// The key of the service that may call from this machine.
    pub key: Vec<u8>,
    /// Its users.
    pub users: u64,
}

/// What a row needs to know about the provider.
struct Provider {
    id: i64,
    code: String,
    language: String,
    features: i64,
}

impl Prepared {
    /// A database with that many users, all of one password.
    pub fn new(folder: &Path, users: u64) -> anyhow::Result<Prepared> {
        let database = folder.join(FILE);
        let config = servers::config(&database);
        let started = Api::open(&config, Options::default())?;
        let snapshot = started.api.snapshot();
        let service = snapshot.service_named(DEMO).context("the service for trying out is missing")?;
        let key =
            service.keys_at(SystemClock.now(), &snapshot.salt).next().context("it has no key")?.to_vec();
        let settings = &service.provider.settings;
        if !settings.create_default_license {
            bail!("registration makes no licence by default any more; the rows written here are wrong");
        }
        let provider = Provider {
            id: service.provider.id,
            code: service.provider.code.clone(),
            language: settings.default_language.clone(),
            features: licenses::features(&settings.default_free_feature).context("no such feature")?,
        };
        started.api.stop();
        drop((snapshot, started));
        if users > 0 {
            fill(&database, &provider, users)?;
        }
        Ok(Prepared { database, key, users })
    }

    /// The same in another folder.
    pub fn copy(&self, folder: &Path) -> anyhow::Result<Prepared> {
        let database = folder.join(FILE);
        std::fs::copy(&self.database, &database)?;
        let master_key = |database: &Path| servers::config(database).master_key_file();
        std::fs::copy(master_key(&self.database), master_key(&database))?;
        Ok(Prepared { database, key: self.key.clone(), users: self.users })
    }
}

fn fill(database: &Path, provider: &Provider, users: u64) -> anyhow::Result<()> {
    let mut connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -524288;
         PRAGMA foreign_keys = OFF;",
    )?;
    let password = password()?;
    let transaction = connection.transaction()?;
    {
        let mut user = transaction.prepare(
            "INSERT INTO users (id, providerid, username, name_key, email, email_key, password, status, before, language,
             reference, department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal, created,
             lastlogin, modnumber)
             VALUES ($1, $2, $3, $3, $4, $4, $5, 'activated', '', $6, '', '', '', $1, 0, 0, 0, 1, $7, NULL, 1)",
        )?;
        let mut license = transaction.prepare(
            "INSERT INTO licenses (id, providerid, licensekey, product, type, features, seats, reference,
             contractnumber, holderid, status, validuntil, created)
             VALUES ($1, $2, $3, 'client', 'permanent', $4, 1, '', '', $1, 'active', NULL, $5)",
        )?;
        let now = SystemClock.now().0;
        let mut name = String::new();
        for number in 0..users {
            let id = i64::try_from(number)? + 1;
            requests::username(&mut name, number);
            let email = format!("{name}@example.com");
            user.execute(params![id, provider.id, name, email, password, provider.language, now])?;
            let key = license_key(&provider.code, number);
            license.execute(params![id, provider.id, key, provider.features, now])?;
        }
    }
    transaction.execute(
        "INSERT INTO users_text (rowid, provider, name, email)
         SELECT users.id, providers.code, users.name_key, users.email_key
         FROM users JOIN providers ON providers.id = users.providerid",
        [],
    )?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    connection.close().map_err(|(_, error)| error.into())
}

/// The stored form of [`PASSWORD`] at the product's cost.
fn password() -> anyhow::Result<String> {
    let auth = regserver::config::Auth::default();
    let cost =
        Cost { memory_kib: auth.argon2_memory_kib, passes: auth.argon2_passes, lanes: auth.argon2_lanes };
    Passwords::new(cost).hash(PASSWORD, b"sixteen bytes, x")
}

/// A key that no other user has, and whose order is not that of the users.
fn license_key(provider: &str, number: u64) -> String {
    // Odd and not a multiple of five, so that multiplying permutes the numbers below 10^12.
    let mixed = u128::from(number) * 618_033_988_749 % 1_000_000_000_000;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::try_from(mixed).unwrap_or(number).to_le_bytes());
    licenses::key(provider, &bytes)
}
