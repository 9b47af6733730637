//! Codes that a person gets by mail, and temporary passwords.

use sha2::{Digest, Sha256};

use super::backend::Tx;
use super::users::User;
use crate::call::Call;
use crate::domain::secret::{Secret, letters};
use crate::domain::time::{DAY, Time};
use crate::error::{Code, Result};

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Activates a user.
    Activation,
    /// Confirms a new address.
    Email,
    /// Confirms that the user is to be removed.
    Deletion,
    /// Makes the user a member of a group.
    GroupJoin,
    /// Turns the invitation to a group down.
    GroupRefusal,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Activation => "activation",
            Purpose::Email => "email",
            Purpose::Deletion => "deletion",
            Purpose::GroupJoin => "groupjoin",
            Purpose::GroupRefusal => "grouprefusal",
        }
    }

    /// The days for which a code is good.
    fn days(self, call: &Call) -> i64 {
        let server = &call.snapshot.server;
        match self {
            Purpose::GroupJoin | Purpose::GroupRefusal => server.invitation_days,
            _ => server.activation_code_days,
        }
    }
}

/// A code's row.
pub struct CodeRow {
    /// Whose code it is.
    pub user: i64,
    /// The address it confirms, or the group's number.
    pub data: String,
    /// Whether it was used.
    pub used: bool,
}

/// Whose link it is.
pub enum Whose {
    /// A user's.
    User(Box<User>),
    /// One's that it has removed: of that provider, in that language.
    Gone(i64, String),
}

/// What a link of a mail is about, whether it still does anything or not.
pub struct Linked {
    /// Whose it is.
    pub whose: Whose,
    /// The address it confirms, or the group's number.
    pub data: String,
}

/// A temporary password's row.
pub struct Temporary {
    /// The PHC string.
    pub password: String,
    /// When it ends.
    pub expires: Time,
    /// Wrong ones so far.
    pub tries: i64,
}

impl Tx<'_> {
    /// Makes a code of 160 bits for one user and one purpose, with what it confirms; only its hash is kept.
    pub fn add_code(&self, call: &Call, user: i64, purpose: Purpose, data: &str) -> Result<Secret> {
        let sql = "DELETE FROM codes WHERE hash IN
                   (SELECT hash FROM codes WHERE expires < $1 ORDER BY expires LIMIT 2)";
        self.keep_house(sql, &[&call.now.0])?;
        let code = Secret::new(letters(&call.random(purpose.name())));
        let sql = "INSERT INTO codes (hash, userid, purpose, data, created, expires, used)
                   VALUES ($1, $2, $3, $4, $5, $6, NULL)";
        let life = purpose.days(call).saturating_mul(DAY);
        let expires = call.now.plus(life).0;
        self.change(sql, &[&hash(code.reveal()), &user, &purpose.name(), &data, &call.now.0, &expires])?;
        Ok(code)
    }

    /// The user of a code that is good for that purpose now. Used before: -30100 `[D]`; anything else
    /// that is wrong with it: -30106.
    pub fn code_user(&self, call: &Call, code: &str, purpose: Purpose) -> Result<i64> {
        match self.code(call, code, purpose)? {
            Some(CodeRow { used: false, user, .. }) => Ok(user),
            Some(_) => Code::UserUnknown.refuse(),
            None => Code::WrongActivationCode.refuse(),
        }
    }

    /// A code of that purpose that has not expired.
    pub fn code(&self, call: &Call, code: &str, purpose: Purpose) -> Result<Option<CodeRow>> {
        let sql = "SELECT COALESCE(userid, 0), data, used FROM codes WHERE hash = $1 AND purpose = $2 AND expires > $3";
        self.one(sql, &[&hash(code), &purpose.name(), &call.now.0], |row| {
            Ok(CodeRow {
                user: row.get(0)?,
                data: row.get(1)?,
                used: row.get::<_, Option<i64>>(2)?.is_some(),
            })
        })
    }

    /// What a code of that purpose is about, even one that has expired; for the page of its link.
    pub fn linked(&self, code: &str, purpose: Purpose) -> Result<Option<Linked>> {
        let sql = "SELECT userid, data FROM codes WHERE hash = $1 AND purpose = $2";
        let found = self.one(sql, &[&hash(code), &purpose.name()], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, String>(1)?))
        })?;
        let Some((user, data)) = found else { return Ok(None) };
        let whose = match user {
            Some(user) => self.user(user)?.map(|user| Whose::User(Box::new(user))),
            None => data.split_once(' ').and_then(|(provider, language)| {
                Some(Whose::Gone(provider.parse().ok()?, language.to_owned()))
            }),
        };
        Ok(whose.map(|whose| Linked { whose, data }))
    }

    /// The code has removed its user: it stays known as used, with what its page must know.
    pub fn outlive(&self, call: &Call, code: &str, user: &User) -> Result<()> {
        let sql = "UPDATE codes SET userid = NULL, data = $1, used = $2 WHERE hash = $3";
        let left = format!("{} {}", user.provider_id, user.language);
        self.change(sql, &[&left, &call.now.0, &hash(code)]).map(drop)
    }

    /// Forgets all unused codes of a user for that purpose but the four newest.
    pub fn keep_newest_codes(&self, user: i64, purpose: Purpose) -> Result<()> {
        let sql = "DELETE FROM codes WHERE hash IN (SELECT hash FROM codes
                   WHERE userid = $1 AND purpose = $2 AND used IS NULL ORDER BY created DESC LIMIT 1000 OFFSET 4)";
        self.change(sql, &[&user, &purpose.name()]).map(drop)
    }

    /// Forgets all unused codes of a user for that purpose; that one was used stays known.
    pub fn drop_codes(&self, user: i64, purpose: Purpose) -> Result<()> {
        let sql = "DELETE FROM codes WHERE userid = $1 AND purpose = $2 AND used IS NULL";
        self.change(sql, &[&user, &purpose.name()]).map(drop)
    }

    /// Marks all codes of a user for that purpose as used.
    pub fn use_codes(&self, call: &Call, user: i64, purpose: Purpose) -> Result<()> {
        let sql = "UPDATE codes SET used = $1 WHERE userid = $2 AND purpose = $3 AND used IS NULL";
        self.change(sql, &[&call.now.0, &user, &purpose.name()]).map(drop)
    }

    /// Marks one code as used.
    pub fn use_code(&self, call: &Call, code: &str) -> Result<()> {
        let sql = "UPDATE codes SET used = $1 WHERE hash = $2 AND used IS NULL";
        self.change(sql, &[&call.now.0, &hash(code)]).map(drop)
    }

    /// Forgets the unused codes with which a user could answer a group.
    pub(super) fn drop_group_codes(&self, user: i64, group: i64) -> Result<()> {
        let sql = "DELETE FROM codes WHERE userid = $1 AND purpose IN ('groupjoin', 'grouprefusal')
                   AND data = $2 AND used IS NULL";
        self.change(sql, &[&user, &group.to_string()]).map(drop)
    }

    /// The same for everybody who was invited to the group.
    pub(super) fn drop_all_group_codes(&self, group: i64) -> Result<()> {
        let sql = "DELETE FROM codes WHERE purpose IN ('groupjoin', 'grouprefusal') AND data = $1
                   AND used IS NULL AND userid IN (SELECT userid FROM group_invitations WHERE groupid = $2)";
        self.change(sql, &[&group.to_string(), &group]).map(drop)
    }

    /// The temporary password of a user.
    pub fn temporary(&self, user: i64) -> Result<Option<Temporary>> {
        let sql = "SELECT password, expires, tries FROM temporary_passwords WHERE userid = $1";
        self.one(sql, &[&user], |row| {
            Ok(Temporary { password: row.get(0)?, expires: Time(row.get(1)?), tries: row.get(2)? })
        })
    }

    /// Sets the temporary password of a user in place of an earlier one.
    pub fn set_temporary(&self, user: i64, password: &str, expires: Time) -> Result<()> {
        let sql = "INSERT INTO temporary_passwords (userid, password, expires, tries) VALUES ($1, $2, $3, 0)
                   ON CONFLICT (userid) DO UPDATE
                   SET password = excluded.password, expires = excluded.expires, tries = 0";
        self.secret_differs("temporarypassword");
        self.change(sql, &[&user, &password, &expires.0]).map(drop)
    }

    /// Counts a wrong temporary password.
    pub fn count_temporary(&self, user: i64) -> Result<()> {
        self.change("UPDATE temporary_passwords SET tries = tries + 1 WHERE userid = $1", &[&user]).map(drop)
    }

    /// Ends the temporary password of a user.
    pub fn end_temporary(&self, user: i64) -> Result<()> {
        self.change("DELETE FROM temporary_passwords WHERE userid = $1", &[&user]).map(drop)
    }
}

/// What is kept of a code; case does not matter, because people type codes.
fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(code.trim().to_ascii_lowercase()).to_vec()
}
