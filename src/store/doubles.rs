//! Whether something is doubled that is about to be unique. Each question goes along an index; that there is nothing
//! double can be known only at its end, and nobody asks often.

use super::backend::Tx;
use crate::error::Result;

impl Tx<'_> {
    /// A reference that several users of a provider have, and how many.
    pub fn double_user_reference(&self, provider: i64) -> Result<Option<(String, i64)>> {
        let sql = "SELECT reference, count(*) FROM users WHERE providerid = $1 AND reference <> ''
                   GROUP BY reference HAVING count(*) > 1 ORDER BY reference LIMIT 1";
        self.one(sql, &[&provider], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// A reference that several licences of a provider have, and how many.
    pub fn double_license_reference(&self, provider: i64) -> Result<Option<(String, i64)>> {
        let sql = "SELECT reference, count(*) FROM licenses WHERE providerid = $1 AND reference <> ''
                   GROUP BY reference HAVING count(*) > 1 ORDER BY reference LIMIT 1";
        self.one(sql, &[&provider], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The address of a user of a provider that somebody else has, too, of one of the providers that count.
    pub fn double_address(&self, provider: i64, counts: impl Fn(i64) -> bool) -> Result<Option<String>> {
        let sql = "SELECT u.email, o.providerid FROM users u JOIN users o ON o.email_key = u.email_key
                   WHERE u.providerid = $1 AND o.id <> u.id";
        let mut found = None;
        self.each(sql, &[&provider], |row| {
            if counts(row.get(1)?) {
                found = Some(row.get(0)?);
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }
}
