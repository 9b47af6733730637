//! Providers.

use super::audit::{Shown, number, shown};
use super::backend::Tx;
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// The greatest number of a magic name that raises the ones to come.
const MOST_MAGIC: i64 = 1 << 40;

/// A provider's row.
pub struct ProviderRow {
    /// Its id.
    pub id: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whom to ask about it; may be empty.
    pub email: String,
    /// The provider that manages it.
    pub managed_by: Option<i64>,
    /// When it was made.
    pub created: Time,
}

impl Tx<'_> {
    /// All providers; there are few.
    pub fn providers(&self) -> Result<Vec<ProviderRow>> {
        let sql = "SELECT id, code, name, email, managedby, created FROM providers ORDER BY id";
        self.all(sql, &[], |row| {
            Ok(ProviderRow {
                id: row.get(0)?,
                code: row.get(1)?,
                name: row.get(2)?,
                email: row.get(3)?,
                managed_by: row.get(4)?,
                created: Time(row.get(5)?),
            })
        })
    }

    /// Adds a provider.
    pub fn add_provider(&self, code: &str, name: &str, now: Time) -> Result<i64> {
        self.note(|notes| notes.settings = true);
        let sql =
            "INSERT INTO providers (code, name, email, managedby, magic, created) VALUES ($1, $2, '', NULL, 1000, $3)
                   RETURNING id";
        self.rows_differ(Shown::new(), shown([("code", code.into()), ("name", name.into())]));
        self.insert(sql, &[&code, &name, &now.0])
    }

    /// Brings a provider to the stated name and manager.
    pub fn set_provider(&self, id: i64, name: &str, managed_by: Option<i64>) -> Result<()> {
        self.note(|notes| notes.settings = true);
        if let Some(old) = self.providers()?.into_iter().find(|row| row.id == id) {
            self.differs("name", old.name, name);
            self.differs("managedby", number(old.managed_by), number(managed_by));
        }
        let sql = "UPDATE providers SET name = $1, managedby = $2 WHERE id = $3";
        self.change(sql, &[&name, &managed_by, &id]).map(drop)
    }

    /// Sets whom to ask about a provider.
    pub fn set_provider_email(&self, id: i64, email: &str) -> Result<()> {
        self.note(|notes| notes.settings = true);
        let old = self.providers()?.into_iter().find(|row| row.id == id).map(|row| row.email);
        self.differs("contactemail", old.unwrap_or_default(), email);
        self.change("UPDATE providers SET email = $1 WHERE id = $2", &[&email, &id]).map(drop)
    }

    /// The next number of a magic username; numbers rise and are never given twice `[D]`.
    pub fn next_magic(&self, provider: i64) -> Result<i64> {
        let sql = "UPDATE providers SET magic = magic + 1 WHERE id = $1 RETURNING magic";
        self.one(sql, &[&provider], |row| row.get(0))?.ok_or_else(|| Error::fault("the provider is gone"))
    }

    /// Numbers up to that one are not given any more: a name with it came from elsewhere.
    pub fn reach_magic(&self, provider: i64, number: i64) -> Result<()> {
        // A number that somebody made up must not leave the server without further ones.
        let number = number.min(MOST_MAGIC);
        let sql = "UPDATE providers SET magic = $1 WHERE id = $2 AND magic < $1";
        self.keep_house(sql, &[&number, &provider]).map(drop)
    }
}
