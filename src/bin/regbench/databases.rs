//! The databases: made by the product itself, then filled by plain SQL.
//!
//! A million registrations through the product would take minutes and a million commits; what is
//! written here is what they would have written, in one transaction.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use regserver::api::{Api, Options};
use regserver::domain::licenses;
use regserver::domain::passwords::{Cost, Passwords};
use regserver::domain::time::{Clock, DAY, SystemClock};
use regserver::gate::credentials::hash;
use regserver::snapshot::{self, Snapshot};
use regserver::store::Vault;
use regserver::store::search::{indexed, indexed_provider};
use regserver::store::signing::place;
use rusqlite::{Connection, params};

use crate::pages::RARE;
use crate::requests::{self, API_KEY, API_SECRET, PASSWORD, SIGNING_KEY, TOKEN};
use crate::servers;

const FILE: &str = "regserver.db";
/// Of so many users one belongs to the small provider.
const SMALL: u64 = 1_000;

/// The licences that users are assigned to, with room for all of them.
pub const SHARED: [&str; 2] = ["DEMO-SHARED-ONE", "DEMO-SHARED-TWO"];

/// A database and its users.
#[derive(Clone)]
pub struct Prepared {
    /// Its file.
    pub database: PathBuf,
    /// The users of the large provider; their numbers begin with 0.
    pub users: u64,
    /// The users of the small provider; their numbers follow.
    pub small: u64,
}

/// What a row needs to know about its provider.
struct Provider {
    id: i64,
    code: String,
    language: String,
    features: i64,
    host: String,
    storage: i64,
    traffic: i64,
}

impl Prepared {
    /// The folder of its file.
    pub fn folder(&self) -> &Path {
        self.database.parent().unwrap_or(Path::new("."))
    }

    /// A database with that many users of the large provider, all of one password.
    pub fn new(folder: &Path, users: u64) -> anyhow::Result<Prepared> {
        let database = folder.join(FILE);
        let config = servers::config(&database)?;
        let started = Api::open(&config, Options::default())?;
        let snapshot = started.api.snapshot();
        let large = Provider::of(&snapshot, servers::LARGE)?;
        let small = Provider::of(&snapshot, servers::SMALL)?;
        started.api.stop();
        drop((snapshot, started));
        let prepared = Prepared { database, users, small: users / SMALL };
        if users > 0 {
            prepared.fill(&large, &small)?;
        }
        Ok(prepared)
    }

    /// The same in another folder.
    pub fn copy(&self, folder: &Path) -> anyhow::Result<Prepared> {
        let database = folder.join(FILE);
        std::fs::copy(&self.database, &database)?;
        let master_key = |database: &Path| anyhow::Ok(servers::config(database)?.master_key_file());
        std::fs::copy(master_key(&self.database)?, master_key(&database)?)?;
        Ok(Prepared { database, ..self.clone() })
    }

    /// The key under which its secrets are sealed.
    fn vault(&self) -> anyhow::Result<Vault> {
        let file = servers::config(&self.database)?.master_key_file();
        Vault::open(&file)?.context("the database has no master key")
    }

    /// The users of the small provider lie evenly among the others, as they came.
    fn fill(&self, large: &Provider, small: &Provider) -> anyhow::Result<()> {
        let mut connection = Connection::open(&self.database)?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -524288;
             PRAGMA foreign_keys = OFF;",
        )?;
        let transaction = connection.transaction()?;
        let mut rows = Rows { transaction: &transaction, password: password()?, id: 0 };
        for number in 0..self.users {
            rows.add(large, number)?;
            if number % SMALL == SMALL / 2 && number / SMALL < self.small {
                rows.add(small, self.users + number / SMALL)?;
            }
        }
        drop(rows);
        credentials(&transaction, &self.vault()?)?;
        shared(&transaction, large)?;
        merge_text(&transaction)?;
        transaction.commit()?;
        connection.execute_batch("PRAGMA journal_mode = WAL;")?;
        connection.close().map_err(|(_, error)| error.into())
    }
}

impl Provider {
    fn of(snapshot: &Arc<Snapshot>, code: &str) -> anyhow::Result<Provider> {
        let snapshot::Provider { id, code, settings, .. } =
            &**snapshot.provider(code).with_context(|| format!("there is no provider {code}"))?;
        if !settings.create_default_license {
            bail!("registration makes no licence by default any more; the rows written here are wrong");
        }
        Ok(Provider {
            id: *id,
            code: code.clone(),
            language: settings.default_language.clone(),
            features: licenses::features(&settings.default_free_feature).context("no such feature")?,
            host: "https://host.example.com".to_owned(),
            storage: settings.depot_size,
            traffic: settings.traffic_size,
        })
    }
}

/// Writes users with their licences and depots; for each one a group, and a row in the audit log.
struct Rows<'a> {
    transaction: &'a Connection,
    password: String,
    id: i64,
}

impl Rows<'_> {
    fn add(&mut self, provider: &Provider, number: u64) -> anyhow::Result<()> {
        let mut user = self.transaction.prepare_cached(
            "INSERT INTO users (id, providerid, username, name_key, email, email_key, password, status, before, language,
             reference, department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal, created,
             lastlogin, modnumber, rights, userkey)
             VALUES ($1, $2, $3, $3, $4, $4, $5, 'activated', '', $6, '', '', '', $1, 0, 0, 0, 1, $7, NULL, 1, 0, 'uk-' || $3)",
        )?;
        let mut license = self.transaction.prepare_cached(
            "INSERT INTO licenses (id, providerid, licensekey, product, type, features, seats, reference,
             contractnumber, holderid, status, validuntil, used, pooled, created)
             VALUES ($1, $2, $3, 'client', 'permanent', $4, 1, '', '', $1, 'active', NULL, 1, 0, $5)",
        )?;
        let mut uses = self
            .transaction
            .prepare_cached("INSERT INTO license_uses (licenseid, userid, ways) VALUES ($1, $1, 1)")?;
        self.id += 1;
        let (id, now, mut name) = (self.id, SystemClock.now().0, String::new());
        requests::username(&mut name, number);
        let email = format!("{name}@example.com");
        user.execute(params![id, provider.id, name, email, self.password, provider.language, now])?;
        let mut text = self.transaction.prepare_cached(
            "INSERT INTO users_text (rowid, provider, name, email, reference, department)
             VALUES ($1, $2, $3, $4, '', '')",
        )?;
        text.execute(params![id, indexed_provider(provider.id), indexed(&name), indexed(&email)])?;
        let key = license_key(&provider.code, number);
        license.execute(params![id, provider.id, key, provider.features, now])?;
        uses.execute(params![id])?;
        self.add_depot(provider, now)?;
        self.add_group(provider, &name, now)?;
        self.add_audit(provider, number, &name, now)
    }

    /// The depot that the user uses by default.
    fn add_depot(&self, provider: &Provider, now: i64) -> anyhow::Result<()> {
        let mut depot = self.transaction.prepare_cached(
            "INSERT INTO depots (id, providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
             trafficused, status, licenseid, created) VALUES ($1, $2, $3, $1, $4, 0, $5, 0, 'active', NULL, $6)",
        )?;
        let mut uses = self
            .transaction
            .prepare_cached("INSERT INTO depot_users (userid, depotid, isdefault) VALUES ($1, $1, 1)")?;
        depot.execute(params![
            self.id,
            provider.id,
            provider.host,
            provider.storage,
            provider.traffic,
            now
        ])?;
        uses.execute(params![self.id])?;
        Ok(())
    }

    /// A group that the user manages, of the user's name and without members.
    fn add_group(&self, provider: &Provider, name: &str, now: i64) -> anyhow::Result<()> {
        let mut group = self.transaction.prepare_cached(
            "INSERT INTO groups (id, providerid, reference, name, name_key, managerid, members, licenseid, depotid,
             clientsettings, created) VALUES ($1, $2, '', $3, $3, $1, 0, NULL, NULL, '', $4)",
        )?;
        group.execute(params![self.id, provider.id, name, now])?;
        Ok(())
    }

    /// What the log tells of the user's registration, or of a change now and then.
    fn add_audit(&self, provider: &Provider, number: u64, name: &str, now: i64) -> anyhow::Result<()> {
        let mut row = self.transaction.prepare_cached(
            "INSERT INTO audit (id, time, providerid, caller, origin, command, userid, fields, before, after, requestid)
             VALUES ($1, $2, $3, $4, 'API-CALL', $5, $1, $6, '{}', $6, $7)",
        )?;
        let rare = number.is_multiple_of(RARE.1);
        let command = if rare { RARE.0 } else { "registeruser" };
        let (caller, request) = (format!("service:{}", provider.code), format!("{number:016x}"));
        let fields = format!(r#"{{"username":"{name}","useremail":"{name}@example.com"}}"#);
        row.execute(params![self.id, now, provider.id, caller, command, fields, request])?;
        Ok(())
    }
}

fn shared(connection: &Connection, provider: &Provider) -> anyhow::Result<()> {
    let mut license = connection.prepare(
        "INSERT INTO licenses (providerid, licensekey, product, type, features, seats, reference, contractnumber,
         holderid, status, validuntil, used, pooled, created)
         VALUES ($1, $2, 'client', 'yearly', $3, 1000000, '', '', NULL, 'active', NULL, 0, 0, $4)",
    )?;
    for key in SHARED {
        license.execute(params![provider.id, key, provider.features, SystemClock.now().0])?;
    }
    Ok(())
}

/// The first user has API access, a key of either kind, and a session that does not end in time.
fn credentials(connection: &Connection, vault: &Vault) -> anyhow::Result<()> {
    let (now, year) = (SystemClock.now(), 366 * DAY);
    connection.execute("UPDATE users SET rights = 1 WHERE id = 1", [])?;
    connection.execute(
        "INSERT INTO api_keys (userid, name, kind, label, hash, scope, rights, created, validuntil, lastused)
         VALUES (1, $1, 'basic', '', $2, '', 7, $3, NULL, NULL)",
        params![API_KEY, hash(API_SECRET), now.0],
    )?;
    let sealed = vault.seal(&place(SIGNING_KEY), API_SECRET.as_bytes(), &hash(SIGNING_KEY))?;
    connection.execute(
        "INSERT INTO api_keys (userid, name, kind, label, sealed, scope, rights, created, validuntil, lastused)
         VALUES (1, $1, 'signing', '', $2, '', 7, $3, NULL, NULL)",
        params![SIGNING_KEY, sealed, now.0],
    )?;
    connection.execute(
        "INSERT INTO sessions (hash, userid, keyid, serviceid, address, created, expires)
         VALUES ($1, 1, NULL, NULL, $2, $3, $4)",
        params![hash(TOKEN), servers::HERE.to_string(), now.0, now.plus(year).0],
    )?;
    Ok(())
}

/// As the server does in a quiet moment.
fn merge_text(connection: &Connection) -> anyhow::Result<()> {
    let mut merge = connection.prepare("INSERT INTO users_text (users_text, rank) VALUES ('merge', 1024)")?;
    loop {
        let before = connection.total_changes();
        merge.execute([])?;
        if connection.total_changes() - before < 2 {
            return Ok(());
        }
    }
}

/// The stored form of [`PASSWORD`] at the product's cost.
pub fn password() -> anyhow::Result<String> {
    Passwords::new(cost()).hash(PASSWORD, b"sixteen bytes, x")
}

/// The product's cost of a password hash.
pub fn cost() -> Cost {
    let auth = regserver::config::Auth::default();
    Cost { memory_kib: auth.argon2_memory_kib, passes: auth.argon2_passes, lanes: auth.argon2_lanes }
}

/// A key that no other user has, and whose order is not that of the users.
fn license_key(provider: &str, number: u64) -> String {
    // Odd and not a multiple of five, so that multiplying permutes the numbers below 10^12.
    let mixed = u128::from(number) * 618_033_988_749 % 1_000_000_000_000;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::try_from(mixed).unwrap_or(number).to_le_bytes());
    licenses::key(provider, &bytes)
}
