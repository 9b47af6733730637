//! Codes that a person gets by mail, and temporary passwords.

use sha2::{Digest, Sha256};

use super::backend::Tx;
use crate::call::Call;
use crate::domain::secret::Secret;
use crate::domain::time::Time;
use crate::error::{Code, Result};

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a code: 160 bits.
const LENGTH: usize = 32;

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Activates a user.
    Activation,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Activation => "activation",
        }
    }
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
    /// Makes a code for one user and one purpose; only its hash is kept.
    pub fn add_code(&self, call: &Call, user: i64, purpose: Purpose, life: i64) -> Result<Secret> {
        let sql = "DELETE FROM codes WHERE hash IN
                   (SELECT hash FROM codes WHERE expires < $1 ORDER BY expires LIMIT 2)";
        self.keep_house(sql, &[&call.now.0])?;
        let code = Secret::new(letters(&call.random(purpose.name())));
        let sql = "INSERT INTO codes (hash, userid, purpose, created, expires, used) VALUES ($1, $2, $3, $4, $5, NULL)";
        let expires = call.now.plus(life).0;
        self.change(sql, &[&hash(code.reveal()), &user, &purpose.name(), &call.now.0, &expires])?;
        Ok(code)
    }

    /// The user of a code that is good for that purpose now. Used before: -30100 [D]; anything else
    /// that is wrong with it: -30106.
    pub fn code_user(&self, call: &Call, code: &str, purpose: Purpose) -> Result<i64> {
        let sql = "SELECT userid, purpose, expires, used FROM codes WHERE hash = $1";
        let found = self.one(sql, &[&hash(code)], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, Option<i64>>(3)?,
            ))
        })?;
        match found {
            Some((user, of, expires, used)) if of == purpose.name() && call.now.0 < expires => match used {
                None => Ok(user),
                Some(_) => Code::UserUnknown.refuse(),
            },
            _ => Code::WrongActivationCode.refuse(),
        }
    }

    /// Marks all codes of a user for that purpose as used.
    pub fn use_codes(&self, call: &Call, user: i64, purpose: Purpose) -> Result<()> {
        let sql = "UPDATE codes SET used = $1 WHERE userid = $2 AND purpose = $3 AND used IS NULL";
        self.change(sql, &[&call.now.0, &user, &purpose.name()]).map(drop)
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

fn letters(random: &[u8; 32]) -> String {
    random.iter().take(LENGTH).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// What is kept of a code; case does not matter, because people type codes.
fn hash(code: &str) -> Vec<u8> {
    Sha256::digest(code.trim().to_ascii_lowercase()).to_vec()
}
