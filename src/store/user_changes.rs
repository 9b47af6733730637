//! Changes of users; every one that the user or its clients can notice raises the modification number.

use super::backend::Tx;
use super::users::User;
use crate::domain::names;
use crate::domain::rights::Rights;
use crate::domain::user::{Capability, Status};
use crate::error::Result;

/// A text that means something to the provider alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// The external reference.
    Reference,
    /// The department.
    Department,
    /// The language of mails and pages.
    Language,
    /// The id at the external authentication service.
    AuthId,
}

impl Tx<'_> {
    /// Sets a password's hash; whoever came in by the old password, or by anything else, is out.
    pub fn set_password(&self, user: i64, hash: &str) -> Result<()> {
        self.end_sessions(user)?;
        let sql = "UPDATE users SET password = $1, modnumber = modnumber + 1 WHERE id = $2";
        self.change(sql, &[&hash, &user]).map(drop)
    }

    /// Replaces a password's hash by one of a higher cost: the same password, so no change to anybody.
    pub fn renew_hash(&self, user: i64, hash: &str) -> Result<()> {
        self.keep_house("UPDATE users SET password = $1 WHERE id = $2", &[&hash, &user]).map(drop)
    }

    /// Sets the state.
    pub fn set_status(&self, user: i64, status: Status) -> Result<()> {
        self.end_sessions(user)?;
        let sql = "UPDATE users SET status = $1, modnumber = modnumber + 1 WHERE id = $2";
        self.change(sql, &[&status.name(), &user]).map(drop)
    }

    /// Locks a user out, or marks it for deletion; the state before is kept for [`Tx::enable`].
    pub fn shut_out(&self, user: &User, status: Status) -> Result<()> {
        let before = match user.status {
            Status::Inactive | Status::Activated => user.status,
            Status::Disabled | Status::ToDelete => self.before(user.id)?,
        };
        self.end_sessions(user.id)?;
        let sql = "UPDATE users SET status = $1, before = $2, modnumber = modnumber + 1 WHERE id = $3";
        self.change(sql, &[&status.name(), &before.name(), &user.id]).map(drop)
    }

    /// The state that [`Tx::enable`] would restore.
    pub fn before(&self, user: i64) -> Result<Status> {
        let before =
            self.one("SELECT before FROM users WHERE id = $1", &[&user], |row| row.get::<_, String>(0))?;
        Ok(before.and_then(|text| Status::parse(&text)).unwrap_or(Status::Inactive))
    }

    /// Changes the state to which a user that is shut out comes back.
    pub fn set_before(&self, user: i64, status: Status) -> Result<()> {
        self.change("UPDATE users SET before = $1 WHERE id = $2", &[&status.name(), &user]).map(drop)
    }

    /// Restores the state before the user was shut out.
    pub fn enable(&self, user: i64) -> Result<()> {
        let sql = "UPDATE users SET status = before, before = '', modnumber = modnumber + 1 WHERE id = $1";
        self.change(sql, &[&user]).map(drop)
    }

    /// Sets the name.
    pub fn set_username(&self, user: i64, name: &str) -> Result<()> {
        self.note(|notes| notes.reindex.push((user, false)));
        let sql = "UPDATE users SET username = $1, name_key = $2, modnumber = modnumber + 1 WHERE id = $3";
        self.change(sql, &[&name, &names::key(name), &user]).map(drop)
    }

    /// Sets the registration address.
    pub fn set_email(&self, user: i64, email: &str) -> Result<()> {
        self.note(|notes| notes.reindex.push((user, false)));
        let sql = "UPDATE users SET email = $1, email_key = $2, emailbounced = 0, modnumber = modnumber + 1
                   WHERE id = $3";
        self.change(sql, &[&email, &names::key(email), &user]).map(drop)
    }

    /// Sets one of the texts that mean something to the provider alone; the same text is no change.
    pub fn set_text(&self, user: i64, field: TextField, text: &str) -> Result<()> {
        let sql = match field {
            TextField::Reference => {
                "UPDATE users SET reference = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND reference <> $1"
            }
            TextField::Department => {
                "UPDATE users SET department = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND department <> $1"
            }
            TextField::Language => {
                "UPDATE users SET language = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND language <> $1"
            }
            TextField::AuthId => {
                "UPDATE users SET authid = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND authid <> $1"
            }
        };
        let changed = self.change(sql, &[&text, &user])?;
        if changed > 0 && matches!(field, TextField::Reference | TextField::Department) {
            self.note(|notes| notes.reindex.push((user, false)));
        }
        Ok(())
    }

    /// Sets one of the capabilities; the same value is no change.
    pub fn set_capability(&self, user: i64, capability: Capability, value: bool) -> Result<()> {
        let sql = match capability {
            Capability::KeyRepository => {
                "UPDATE users SET keyrepository = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND keyrepository <> $1"
            }
            Capability::Newsletter => {
                "UPDATE users SET newsletter = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND newsletter <> $1"
            }
            Capability::EmailBounced => {
                "UPDATE users SET emailbounced = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND emailbounced <> $1"
            }
            Capability::WebPortal => {
                "UPDATE users SET webportal = $1, modnumber = modnumber + 1
                 WHERE id = $2 AND webportal <> $1"
            }
        };
        self.change(sql, &[&value, &user]).map(drop)
    }

    /// Moves a user to another provider, without the rights that were granted for the old one, and without its sites.
    pub fn set_provider_of(&self, user: i64, provider: i64) -> Result<()> {
        self.end_sessions(user)?;
        self.leave_sites(user)?;
        self.note(|notes| notes.reindex.push((user, false)));
        let sql = "UPDATE users SET providerid = $1, rights = 0, homesite = NULL,
                   modnumber = modnumber + 1 WHERE id = $2";
        self.change(sql, &[&provider, &user]).map(drop)
    }

    /// Sets the rights.
    pub fn set_rights(&self, user: i64, rights: Rights) -> Result<()> {
        self.change("UPDATE users SET rights = $1 WHERE id = $2", &[&rights.0, &user]).map(drop)
    }

    /// Removes a user, who leaves group, account and all licences; codes, temporary passwords and depot memberships go along.
    pub fn remove_user(&self, user: i64) -> Result<()> {
        self.leave_everybody(user)?;
        self.leave_licenses(user)?;
        self.note(|notes| notes.reindex.push((user, false)));
        self.change("DELETE FROM users WHERE id = $1", &[&user]).map(drop)
    }
}
