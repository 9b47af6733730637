//! Sites: applications of a provider, the secrets with which they sign, and the users for whom they act.
//!
//! A user who is registered through a site has it as home; another site needs the user's word. Both are asked of
//! the database at every call, so that what is withdrawn is withdrawn at once.

use secrecy::SecretBox;

use super::audit::{Shown, shown};
use super::backend::{FromRow, Params, Row, Tx};
use super::credentials::{Holder, holder};
use super::vault::Vault;
use crate::domain::names;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::snapshot::SiteKey;

/// A site's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// Its id; 0 before it has one.
    pub id: i64,
    /// Whose application it is.
    pub provider_id: i64,
    /// Its name.
    pub name: String,
    /// The public half of its key.
    pub key: String,
    /// Whether it may call.
    pub enabled: bool,
}

impl SiteRow {
    /// What of it can change, by name.
    fn shown(&self) -> Shown {
        shown([
            ("sitename", self.name.as_str().into()),
            ("sitekey", self.key.as_str().into()),
            ("enabled", self.enabled.into()),
        ])
    }
}

/// A site as it acts for a user, with everything that decides whether it still may.
#[derive(Debug)]
pub struct HeldSite {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its provider.
    pub provider: i64,
    /// Whether it may call.
    pub enabled: bool,
    /// Whether it is the user's home.
    pub home: bool,
    /// Whether the user has authorised it.
    pub authorised: bool,
    /// The row of the secret that signed; none where that does not matter any more.
    pub key: Option<i64>,
    /// When that secret ends.
    pub ends: Option<Time>,
}

/// The site in the eight columns from `first` on, where there is one.
pub(super) fn held(row: &Row<'_>, first: usize) -> FromRow<Option<HeldSite>> {
    let Some(id) = row.get(first)? else { return Ok(None) };
    Ok(Some(HeldSite {
        id,
        name: row.get(first + 1)?,
        provider: row.get(first + 2)?,
        enabled: row.get(first + 3)?,
        home: row.get::<_, Option<bool>>(first + 4)?.unwrap_or(false),
        authorised: row.get(first + 5)?,
        key: row.get(first + 6)?,
        ends: row.get::<_, Option<i64>>(first + 7)?.map(Time),
    }))
}

/// The eight columns behind the user's are the site's.
fn at_site(row: &Row<'_>) -> FromRow<Holder> {
    let site = held(row, 5)?;
    Ok(Holder { site, ..holder(row, None, None)? })
}

fn read(row: &Row<'_>) -> FromRow<SiteRow> {
    Ok(SiteRow {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        name: row.get(2)?,
        key: row.get(3)?,
        enabled: row.get(4)?,
    })
}

impl Tx<'_> {
    /// All sites; there are few.
    pub fn sites(&self) -> Result<Vec<SiteRow>> {
        self.all("SELECT id, providerid, name, sitekey, enabled FROM sites ORDER BY id", &[], read)
    }

    /// The site of that name or public key.
    pub fn site(&self, text: &str) -> Result<Option<SiteRow>> {
        let sql =
            "SELECT id, providerid, name, sitekey, enabled FROM sites WHERE sitekey = $1 OR name_key = $2";
        self.one(sql, &[&text, &names::key(text)], read)
    }

    /// Adds a site, whose name is free.
    pub fn add_site(&self, row: &SiteRow, now: Time) -> Result<i64> {
        self.note(|notes| notes.settings = true);
        self.rows_differ(Shown::new(), row.shown());
        let sql = "INSERT INTO sites (providerid, name, name_key, sitekey, enabled, created)
                   VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let key = names::key(&row.name);
        let values: Params<'_> = &[&row.provider_id, &row.name, &key, &row.key, &row.enabled, &now.0];
        self.insert(sql, values)
    }

    /// Brings a site to other values.
    pub fn set_site(&self, old: &SiteRow, row: &SiteRow) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.rows_differ(old.shown(), row.shown());
        let sql = "UPDATE sites SET name = $1, name_key = $2, enabled = $3 WHERE id = $4";
        self.change(sql, &[&row.name, &names::key(&row.name), &row.enabled, &row.id]).map(drop)
    }

    /// Removes a site; its secrets and the sessions that it has opened go with it.
    pub fn delete_site(&self, row: &SiteRow) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.rows_differ(row.shown(), Shown::new());
        self.change("DELETE FROM sites WHERE id = $1", &[&row.id]).map(drop)
    }

    /// Adds a live secret to a site.
    pub fn add_site_key(
        &self,
        vault: &Vault,
        site: i64,
        secret: &str,
        now: Time,
        random: &[u8; 32],
    ) -> Result<()> {
        self.note(|notes| notes.settings = true);
        let sealed = vault.seal(&place(site), secret.as_bytes(), random).map_err(Error::Failed)?;
        self.differs("key", "", "added");
        let sql = "INSERT INTO site_keys (siteid, sealed, created, notafter) VALUES ($1, $2, $3, NULL) RETURNING id";
        self.insert(sql, &[&site, &sealed, &now.0]).map(drop)
    }

    /// The secrets of a site, the oldest first, without opening them: their ids and when they end.
    pub fn site_key_ends(&self, site: i64) -> Result<Vec<(i64, Option<Time>)>> {
        let sql = "SELECT id, notafter FROM site_keys WHERE siteid = $1 ORDER BY id";
        self.all(sql, &[&site], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(Time))))
    }

    /// Sets when a secret ends.
    pub fn end_site_key(&self, key: i64, not_after: Time) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.differs("oldkeyends", "", not_after.stamp());
        self.change("UPDATE site_keys SET notafter = $1 WHERE id = $2", &[&not_after.0, &key]).map(drop)
    }

    /// Forgets one secret, and ends the sessions that were opened with it.
    pub fn drop_site_key(&self, key: i64) -> Result<()> {
        self.note(|notes| notes.settings = true);
        self.differs("oldkey", "", "removed");
        self.change("DELETE FROM site_keys WHERE id = $1", &[&key]).map(drop)
    }

    /// The secrets of a site, opened.
    pub fn open_site_keys(&self, vault: &Vault, site: i64) -> Result<Vec<SiteKey>> {
        let sql = "SELECT id, sealed, notafter FROM site_keys WHERE siteid = $1 ORDER BY id";
        let rows = self.all(sql, &[&site], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
        rows.into_iter()
            .map(|(id, sealed, not_after)| {
                let secret = vault.open_sealed(&place(site), &sealed).map_err(Error::Failed)?;
                let secret = SecretBox::new(secret.into_boxed_slice());
                Ok(SiteKey { id, secret, not_after: not_after.map(Time) })
            })
            .collect()
    }

    /// Lets a site act for a user; whether it was not so before.
    pub fn authorise_site(&self, user: i64, site: &SiteRow, now: Time) -> Result<bool> {
        let sql = "INSERT INTO site_users (userid, siteid, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let new = self.change(sql, &[&user, &site.id, &now.0])? > 0;
        if new {
            self.differs("site", "", site.name.as_str());
        }
        Ok(new)
    }

    /// Takes that back, and ends the sessions that the site has opened for the user.
    pub fn revoke_site(&self, user: i64, site: &SiteRow) -> Result<()> {
        let sql = "DELETE FROM site_users WHERE userid = $1 AND siteid = $2";
        if self.change(sql, &[&user, &site.id])? > 0 {
            self.differs("site", site.name.as_str(), "");
        }
        let sql = "DELETE FROM sessions WHERE userid = $1
                   AND sitekeyid IN (SELECT id FROM site_keys WHERE siteid = $2)";
        self.keep_house(sql, &[&user, &site.id]).map(drop)
    }

    /// A user for whom a site acts, by the user's public key and the secret of the site that signed.
    pub fn site_holder(&self, userkey: &str, site_key: i64) -> Result<Option<Holder>> {
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   s.id, s.name, s.providerid, s.enabled, u.homesite = s.id,
                   EXISTS (SELECT 1 FROM site_users a WHERE a.userid = u.id AND a.siteid = s.id), k.id, k.notafter
                   FROM users u JOIN site_keys k ON k.id = $1 JOIN sites s ON s.id = k.siteid WHERE u.userkey = $2";
        self.one(sql, &[&site_key, &userkey], at_site)
    }

    /// The same user by the row, while a call of the site is on its way.
    pub fn site_holder_again(&self, user: i64, site_key: i64) -> Result<Option<Holder>> {
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   s.id, s.name, s.providerid, s.enabled, u.homesite = s.id,
                   EXISTS (SELECT 1 FROM site_users a WHERE a.userid = u.id AND a.siteid = s.id), k.id, k.notafter
                   FROM users u JOIN site_keys k ON k.id = $1 JOIN sites s ON s.id = k.siteid WHERE u.id = $2";
        self.one(sql, &[&site_key, &user], at_site)
    }

    /// A user for whom a site has asked for something, whichever secret it signs with today.
    pub fn user_at_site(&self, user: i64, site: i64) -> Result<Option<Holder>> {
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   s.id, s.name, s.providerid, s.enabled, u.homesite = s.id,
                   EXISTS (SELECT 1 FROM site_users a WHERE a.userid = u.id AND a.siteid = s.id), NULL, NULL
                   FROM users u JOIN sites s ON s.id = $1 WHERE u.id = $2";
        self.one(sql, &[&site, &user], at_site)
    }

    /// No site acts for the user any more.
    pub(super) fn leave_sites(&self, user: i64) -> Result<()> {
        self.keep_house("DELETE FROM site_users WHERE userid = $1", &[&user]).map(drop)
    }

    /// Throws away what users have said to sites that are gone, so many rows at most; how many there were.
    pub(super) fn drop_site_users(&self, most: i64) -> Result<usize> {
        let sql = "WITH RECURSIVE known (id) AS (SELECT min(siteid) FROM site_users UNION ALL
                   SELECT (SELECT min(siteid) FROM site_users WHERE siteid > known.id) FROM known
                   WHERE known.id IS NOT NULL)
                   SELECT id FROM known WHERE id IS NOT NULL AND id NOT IN (SELECT id FROM sites) LIMIT 1";
        let Some(gone) = self.one(sql, &[], |row| row.get::<_, i64>(0))? else { return Ok(0) };
        let sql = "DELETE FROM site_users WHERE (userid, siteid) IN
                   (SELECT userid, siteid FROM site_users WHERE siteid = $1 LIMIT $2)";
        self.keep_house(sql, &[&gone, &most])
    }
}

fn place(site: i64) -> String {
    format!("site_keys/{site}")
}
