//! API keys and sessions: made, found, ended.

use super::audit::{Shown, shown};
use super::backend::{FromRow, Params, Row, Tx};
use super::signing::Kept;
use super::sites::{HeldSite, held};
use crate::call::Call;
use crate::domain::rights::Rights;
use crate::domain::time::Time;
use crate::domain::user::Status;
use crate::error::{Code, Error, Result};

/// The user behind a key or a session, with everything that decides whether it still holds.
#[derive(Debug)]
pub struct Holder {
    /// The user's row.
    pub user: i64,
    /// The user's name.
    pub username: String,
    /// The user's provider.
    pub provider: i64,
    /// The user's state.
    pub status: Status,
    /// The user's rights.
    pub rights: Rights,
    /// The key itself, or the key with which the session was opened.
    pub key: Option<HeldKey>,
    /// The session.
    pub session: Option<HeldSession>,
    /// The site that acts for the user, or that opened the session.
    pub site: Option<HeldSite>,
}

/// A key as its use needs it.
#[derive(Debug)]
pub struct HeldKey {
    /// Its row.
    pub id: i64,
    /// Its public half.
    pub name: String,
    /// Its scope, an entry a line.
    pub scope: String,
    /// When it ends.
    pub valid_until: Option<Time>,
    /// When it was used, as far as that is written already.
    pub last_used: Option<Time>,
    /// The SHA-256 of its secret; of one that signs the sealed secret, where it is to sign.
    pub hash: Vec<u8>,
    /// The rights of who made it, or all where the user did.
    pub rights: Rights,
    /// Until when failures of its user, from where the call comes, or of both keep it out.
    pub locked_until: Time,
    /// Whether wrong keys of its user were counted from where the call comes.
    pub failed: bool,
}

/// A session as its use needs it.
#[derive(Debug)]
pub struct HeldSession {
    /// Its row.
    pub id: i64,
    /// The one address it may be used from.
    pub address: String,
    /// When it ends.
    pub expires: Time,
    /// The service that opened it.
    pub service: Option<i64>,
}

/// A key as it is listed.
#[derive(Debug)]
pub struct KeyRow {
    /// Its row.
    pub id: i64,
    /// Its public half.
    pub name: String,
    /// How it proves its user.
    pub kind: String,
    /// What its user calls it.
    pub label: String,
    /// Its scope, an entry a line.
    pub scope: String,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub valid_until: Option<Time>,
    /// When it was last used, at most a minute late.
    pub last_used: Option<Time>,
}

/// A session as it is listed.
#[derive(Debug)]
pub struct SessionRow {
    /// Its row.
    pub id: i64,
    /// The address it may be used from.
    pub address: String,
    /// The public half of the key with which it was opened.
    pub key: Option<String>,
    /// The name of the service that opened it.
    pub service: Option<String>,
    /// The name of the site that opened it.
    pub site: Option<String>,
    /// When it was opened.
    pub created: Time,
    /// When it ends.
    pub expires: Time,
}

/// What a new key has.
pub struct NewKey<'a> {
    /// Its public half.
    pub name: &'a str,
    /// What is kept of its secret.
    pub secret: Kept,
    /// What its user calls it.
    pub label: &'a str,
    /// Its scope, an entry a line.
    pub scope: &'a str,
    /// When it ends.
    pub valid_until: Option<Time>,
    /// The rights of who makes it, or all where the user does.
    pub rights: Rights,
}

/// What a new session has.
pub struct NewSession<'a> {
    /// The SHA-256 of its token.
    pub hash: [u8; 32],
    /// The key with which it is opened.
    pub key: Option<i64>,
    /// The service that opens it.
    pub service: Option<i64>,
    /// The secret of a site that opens it.
    pub site_key: Option<i64>,
    /// The address it may be used from.
    pub address: &'a str,
    /// When it ends.
    pub expires: Time,
}

/// The first five columns are the user's.
pub(super) fn holder(row: &Row<'_>, key: Option<HeldKey>, session: Option<HeldSession>) -> FromRow<Holder> {
    let status = row.get_ref(3)?.as_str().ok().and_then(Status::parse).unwrap_or(Status::Disabled);
    Ok(Holder {
        user: row.get(0)?,
        username: row.get(1)?,
        provider: row.get(2)?,
        status,
        rights: Rights(row.get(4)?),
        key,
        session,
        site: None,
    })
}

/// The seven columns behind them are the key's, where there is one.
pub(super) fn key(row: &Row<'_>) -> FromRow<Option<HeldKey>> {
    let Some(id) = row.get(5)? else { return Ok(None) };
    Ok(Some(HeldKey {
        id,
        name: row.get(6)?,
        scope: row.get(7)?,
        valid_until: time(row, 8)?,
        last_used: time(row, 9)?,
        hash: row.get::<_, Option<Vec<u8>>>(10)?.unwrap_or_default(),
        rights: Rights(row.get(11)?),
        locked_until: Time(0),
        failed: false,
    }))
}

/// A key as the audit log shows it.
fn described(name: &str, label: &str, scope: &str, ends: String) -> Shown {
    shown([
        ("apikey", name.into()),
        ("label", label.into()),
        ("scope", scope.into()),
        ("validuntil", ends.into()),
    ])
}

fn time(row: &Row<'_>, column: usize) -> FromRow<Option<Time>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Time))
}

impl Tx<'_> {
    /// The holder of a key, by its public half; `source` is where the call comes from, as the counters of
    /// failures call it.
    pub fn key_holder(&self, name: &str, source: &str) -> Result<Option<Holder>> {
        // Four searches by key cost half of one over a list of keys.
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   k.id, k.name, k.scope, k.validuntil, k.lastused, k.hash, k.rights,
                   (SELECT lockeduntil FROM counters WHERE key = 'pair:' || CAST(u.id AS TEXT) || ':' || $1 || ':key'),
                   (SELECT lockeduntil FROM counters WHERE key = 'pair:' || CAST(u.id AS TEXT) || ':' || $1),
                   (SELECT lockeduntil FROM counters WHERE key = 'user:' || CAST(u.id AS TEXT)),
                   (SELECT lockeduntil FROM counters WHERE key = $1)
                   FROM api_keys k JOIN users u ON u.id = k.userid WHERE k.name = $2";
        self.one(sql, &[&source, &name], |row| {
            let failed = time(row, 12)?;
            let locked_until = failed.max(time(row, 13)?).max(time(row, 14)?).max(time(row, 15)?);
            let (locked_until, failed) = (locked_until.unwrap_or(Time(0)), failed.is_some());
            let key = key(row)?.map(|key| HeldKey { locked_until, failed, ..key });
            holder(row, key, None)
        })
    }

    /// A user as the holder of neither.
    pub fn user_as_holder(&self, user: i64) -> Result<Option<Holder>> {
        let sql = "SELECT id, username, providerid, status, rights FROM users WHERE id = $1";
        self.one(sql, &[&user], |row| holder(row, None, None))
    }

    /// The holder of a session, by the hash of its token.
    pub fn session_holder(&self, hash: &[u8; 32]) -> Result<Option<Holder>> {
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   k.id, k.name, k.scope, k.validuntil, k.lastused, k.hash, k.rights,
                   s.id, s.address, s.expires, s.serviceid,
                   t.id, t.name, t.providerid, t.enabled, u.homesite = t.id,
                   EXISTS (SELECT 1 FROM site_users a WHERE a.userid = u.id AND a.siteid = t.id), w.id, w.notafter
                   FROM sessions s JOIN users u ON u.id = s.userid LEFT JOIN api_keys k ON k.id = s.keyid
                   LEFT JOIN site_keys w ON w.id = s.sitekeyid LEFT JOIN sites t ON t.id = w.siteid
                   WHERE s.hash = $1";
        self.one(sql, &[&hash.as_slice()], |row| {
            let session = HeldSession {
                id: row.get(12)?,
                address: row.get(13)?,
                expires: Time(row.get(14)?),
                service: row.get(15)?,
            };
            let (key, site) = (key(row)?, held(row, 16)?);
            Ok(Holder { site, ..holder(row, key, Some(session))? })
        })
    }

    /// Adds a key.
    pub fn add_key(&self, call: &Call, user: i64, key: &NewKey<'_>) -> Result<i64> {
        let sql =
            "INSERT INTO api_keys (userid, name, kind, label, hash, sealed, scope, rights, created, validuntil, lastused)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL) RETURNING id";
        let (kind, hash, sealed) = match &key.secret {
            Kept::Hash(hash) => ("basic", Some(hash.as_slice()), None),
            Kept::Sealed(sealed) => ("signing", None, Some(sealed.as_slice())),
        };
        let valid_until = key.valid_until.map(|time| time.0);
        let (scope, rights) = (&key.scope, &key.rights.0);
        let values: Params<'_> =
            &[&user, &key.name, &kind, &key.label, &hash, &sealed, scope, rights, &call.now.0, &valid_until];
        let ends = key.valid_until.map(Time::stamp).unwrap_or_default();
        let scope = key.scope.replace('\n', ",");
        self.rows_differ(Shown::new(), described(key.name, key.label, &scope, ends));
        self.insert(sql, values)
    }

    /// How many keys a user has.
    pub fn count_keys(&self, user: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM api_keys WHERE userid = $1";
        Ok(self.one(sql, &[&user], |row| row.get(0))?.unwrap_or(0))
    }

    /// The keys of a user, in their order, so many at most.
    pub fn keys(&self, user: i64, most: i64) -> Result<Vec<KeyRow>> {
        let sql = "SELECT id, name, kind, label, scope, created, validuntil, lastused FROM api_keys
                   WHERE userid = $1 ORDER BY id LIMIT $2";
        self.all(sql, &[&user, &most], |row| {
            Ok(KeyRow {
                id: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                label: row.get(3)?,
                scope: row.get(4)?,
                created: Time(row.get(5)?),
                valid_until: time(row, 6)?,
                last_used: time(row, 7)?,
            })
        })
    }

    /// The key of that number, of a user that the caller may act on; else -30131.
    pub fn the_key(&self, call: &Call, key: Option<i64>) -> Result<i64> {
        let sql = "SELECT userid FROM api_keys WHERE id = $1";
        let user = self.one(sql, &[&key], |row| row.get(0))?;
        self.held_by(call, user, Code::ApiKeyUnknown)?;
        key.ok_or_else(|| Code::ApiKeyUnknown.into())
    }

    /// The session of that number that has not ended, of a user that the caller may act on; else -30132.
    pub fn the_session(&self, call: &Call, session: i64) -> Result<i64> {
        let sql = "SELECT userid FROM sessions WHERE id = $1 AND expires > $2";
        let user = self.one(sql, &[&session, &call.now.0], |row| row.get(0))?;
        self.held_by(call, user, Code::SessionUnknown)?;
        Ok(session)
    }

    /// What belongs to a user whom the caller may not act on is answered like what is not there.
    fn held_by(&self, call: &Call, user: Option<i64>, unknown: Code) -> Result<()> {
        let Some(user) = user else { return Err(self.absent(call, unknown.into())) };
        match self.the_user_by_id(call, user) {
            Err(Error::Refused { code: Code::UserUnknown | Code::Redirect, .. }) => unknown.refuse(),
            found => found.map(drop),
        }
    }

    /// The number of a key, by its public half.
    pub fn key_named(&self, name: &str) -> Result<Option<i64>> {
        self.one("SELECT id FROM api_keys WHERE name = $1", &[&name], |row| row.get(0))
    }

    /// Ends a key, and the sessions opened with it.
    pub fn end_key(&self, key: i64) -> Result<()> {
        let sql = "SELECT name, label, scope, validuntil FROM api_keys WHERE id = $1";
        let read = |row: &Row<'_>| {
            let ends = time(row, 3)?.map(Time::stamp).unwrap_or_default();
            let scope = row.get::<_, String>(2)?.replace('\n', ",");
            Ok(described(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, &scope, ends))
        };
        if let Some(old) = self.one(sql, &[&key], read)? {
            self.rows_differ(old, Shown::new());
        }
        self.change("DELETE FROM api_keys WHERE id = $1", &[&key]).map(drop)
    }

    /// Writes when a key was last used.
    pub(super) fn set_last_used(&self, key: i64, time: i64) -> Result<()> {
        let sql = "UPDATE api_keys SET lastused = $1 WHERE id = $2 AND (lastused IS NULL OR lastused < $1)";
        self.keep_house(sql, &[&time, &key]).map(drop)
    }

    /// Opens a session; of those of the user only the newest `most` stay, and a few that have ended are
    /// thrown away.
    pub fn add_session(&self, call: &Call, user: i64, session: &NewSession<'_>, most: i64) -> Result<i64> {
        let sql = "DELETE FROM sessions WHERE id IN
                   (SELECT id FROM sessions WHERE expires <= $1 ORDER BY expires LIMIT 5)";
        self.keep_house(sql, &[&call.now.0])?;
        let sql = "DELETE FROM sessions WHERE id IN
                   (SELECT id FROM sessions WHERE userid = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2)";
        self.keep_house(sql, &[&user, &(most - 1)])?;
        let sql =
            "INSERT INTO sessions (hash, userid, keyid, serviceid, sitekeyid, address, created, expires)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
        let hash = session.hash.as_slice();
        let values: Params<'_> = &[
            &hash,
            &user,
            &session.key,
            &session.service,
            &session.site_key,
            &session.address,
            &call.now.0,
            &session.expires.0,
        ];
        let id = self.insert(sql, values)?;
        self.rows_differ(Shown::new(), shown([("session", id.into()), ("address", session.address.into())]));
        Ok(id)
    }

    /// The sessions of a user that have not ended, in their order, so many at most.
    pub fn sessions(&self, call: &Call, user: i64, most: i64) -> Result<Vec<SessionRow>> {
        let sql = "SELECT s.id, s.address, k.name, v.name, s.created, s.expires, t.name
                   FROM sessions s LEFT JOIN api_keys k ON k.id = s.keyid LEFT JOIN services v ON v.id = s.serviceid
                   LEFT JOIN site_keys w ON w.id = s.sitekeyid LEFT JOIN sites t ON t.id = w.siteid
                   WHERE s.userid = $1 AND s.expires > $2 ORDER BY s.id LIMIT $3";
        self.all(sql, &[&user, &call.now.0, &most], |row| {
            Ok(SessionRow {
                id: row.get(0)?,
                address: row.get(1)?,
                key: row.get(2)?,
                service: row.get(3)?,
                created: Time(row.get(4)?),
                expires: Time(row.get(5)?),
                site: row.get(6)?,
            })
        })
    }

    /// Ends a session.
    pub fn end_session(&self, session: i64) -> Result<()> {
        self.differs("session", session, "");
        let user = self.one("SELECT userid FROM sessions WHERE id = $1", &[&session], |row| row.get(0))?;
        user.map_or(Ok(()), |user| self.end_jobs_of_sessions(user, Some(session)))?;
        self.change("DELETE FROM sessions WHERE id = $1", &[&session]).map(drop)
    }

    /// Ends all sessions of a user.
    pub fn end_sessions(&self, user: i64) -> Result<()> {
        self.end_jobs_of_sessions(user, None)?;
        self.change("DELETE FROM sessions WHERE userid = $1", &[&user]).map(drop)
    }
}
