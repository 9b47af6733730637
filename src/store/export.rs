//! Users as an export shows them, page by page.

use super::backend::Tx;
use crate::error::Result;

/// A user for an export.
#[derive(Debug)]
pub struct ExportedUser {
    /// The number.
    pub id: i64,
    /// Name, address, language, reference, department, authentication id, licence key.
    pub texts: [String; 7],
}

impl Tx<'_> {
    /// Users of the provider behind that number, so many at most.
    pub fn exported_users(&self, provider: i64, after: i64, most: i64) -> Result<Vec<ExportedUser>> {
        let sql = "SELECT u.id, u.username, u.email, u.language, u.reference, u.department, u.authid,
                   coalesce(l.licensekey, '') FROM users u LEFT JOIN licenses l ON l.id = u.licenseid
                   WHERE u.providerid = $1 AND u.id > $2 ORDER BY u.id LIMIT $3";
        self.all(sql, &[&provider, &after, &most], |row| {
            let mut texts: [String; 7] = Default::default();
            for (at, text) in texts.iter_mut().enumerate() {
                *text = row.get(at + 1)?;
            }
            Ok(ExportedUser { id: row.get(0)?, texts })
        })
    }
}
