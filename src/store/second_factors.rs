//! Second factors of users: the secret that an authenticator app shares, and the last step that was used.
//!
//! A secret must be recoverable, for the server makes the same codes. So it is sealed under the master key,
//! bound to its row. A new one waits beside the old one until its first code has come: nobody is locked out
//! by an app that was set up wrongly.

use secrecy::{ExposeSecret, SecretBox};

use super::backend::Tx;
use crate::call::Call;
use crate::domain::time::Time;
use crate::domain::totp;
use crate::error::{Error, Result};

/// What a user has.
#[derive(Default)]
pub struct SecondFactor {
    /// The secret in force.
    pub secret: Option<SecretBox<[u8]>>,
    /// The last step of which a code was accepted.
    pub step: i64,
    /// A new secret that waits for its first code.
    pub pending: Option<SecretBox<[u8]>>,
}

impl SecondFactor {
    /// In a word, for the audit log; empty: nothing.
    fn word(&self) -> &'static str {
        match (&self.secret, &self.pending) {
            (None, None) => "",
            (None, Some(_)) => "pending",
            (Some(_), None) => "set",
            (Some(_), Some(_)) => "set, another pending",
        }
    }

    /// The step of a code of the new secret.
    pub fn confirms(&self, code: &str, now: Time) -> Option<i64> {
        totp::accepted(self.pending.as_ref()?.expose_secret(), code, now, 0)
    }

    /// The step of a code of the secret in force that was not used yet.
    pub fn accepts(&self, code: &str, now: Time) -> Option<i64> {
        totp::accepted(self.secret.as_ref()?.expose_secret(), code, now, self.step)
    }
}

/// Where a user's secrets are sealed.
pub fn place(user: i64) -> String {
    format!("second_factors/{user}")
}

impl Tx<'_> {
    /// What a user has at that moment.
    pub fn second_factor(&self, call: &Call, user: i64) -> Result<SecondFactor> {
        let sql = "SELECT sealed, step, pending, pendinguntil FROM second_factors WHERE userid = $1";
        let found = self.one(sql, &[&user], |row| {
            let sealed: [Option<Vec<u8>>; 2] = [row.get(0)?, row.get(2)?];
            Ok((sealed, row.get(1)?, row.get::<_, Option<i64>>(3)?.map(Time)))
        })?;
        let Some(([sealed, pending], step, until)) = found else { return Ok(SecondFactor::default()) };
        let open = |sealed: Option<Vec<u8>>| -> Result<Option<SecretBox<[u8]>>> {
            let Some(sealed) = sealed else { return Ok(None) };
            let secret = call.vault.open_sealed(&place(user), &sealed).map_err(Error::Failed)?;
            Ok(Some(SecretBox::new(secret.into_boxed_slice())))
        };
        let pending = pending.filter(|_| until.is_some_and(|until| call.now < until));
        Ok(SecondFactor { secret: open(sealed)?, step, pending: open(pending)? })
    }

    /// Keeps a new secret until its first code comes; one that waited before is thrown away.
    pub fn offer_second_factor(
        &self,
        call: &Call,
        (user, old): (i64, &SecondFactor),
        secret: &[u8],
        until: Time,
    ) -> Result<()> {
        let random = call.random("second factor seal");
        let sealed = call.vault.seal(&place(user), secret, &random).map_err(Error::Failed)?;
        let sql = "INSERT INTO second_factors (userid, sealed, step, pending, pendinguntil)
                   VALUES ($1, NULL, 0, $2, $3) ON CONFLICT (userid) DO UPDATE SET pending = excluded.pending,
                   pendinguntil = excluded.pendinguntil";
        self.change(sql, &[&user, &sealed, &until.0])?;
        let new = if old.secret.is_some() { "set, another pending" } else { "pending" };
        match old.word() == new {
            true => self.secret_differs("totp"),
            false => self.differs("totp", old.word(), new),
        }
        Ok(())
    }

    /// The new secret is in force, and the code of that step was used.
    pub fn confirm_second_factor(&self, user: i64, old: &SecondFactor, step: i64) -> Result<()> {
        let sql = "UPDATE second_factors SET sealed = pending, step = $1, pending = NULL, pendinguntil = NULL
                   WHERE userid = $2";
        self.change(sql, &[&step, &user])?;
        self.differs("totp", old.word(), "set");
        Ok(())
    }

    /// A code of that step was used: no change to anybody.
    pub fn use_second_factor(&self, user: i64, step: i64) -> Result<()> {
        self.keep_house("UPDATE second_factors SET step = $1 WHERE userid = $2", &[&step, &user]).map(drop)
    }

    /// Takes all of it away.
    pub fn drop_second_factor(&self, user: i64, old: &SecondFactor) -> Result<()> {
        self.change("DELETE FROM second_factors WHERE userid = $1", &[&user])?;
        self.differs("totp", old.word(), "");
        Ok(())
    }
}
