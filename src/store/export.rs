//! Users as an export shows them, page by page.

use super::backend::Tx;
use crate::domain::licenses;
use crate::error::Result;
use crate::snapshot::Provider;

/// A user for an export.
#[derive(Debug)]
pub struct ExportedUser {
    /// The number.
    pub id: i64,
    /// Name, address, language, reference, department, authentication id, licence key, reference of the group, key of
    /// the account, state.
    pub texts: [String; 10],
}

impl Tx<'_> {
    /// Users of the provider behind that number, so many at most. The key of a licence that every new user gets by
    /// itself stays blank: elsewhere it is unknown, and there the user gets one like it.
    pub fn exported_users(&self, provider: &Provider, after: i64, most: i64) -> Result<Vec<ExportedUser>> {
        let sql = "SELECT u.id, u.username, u.email, u.language, u.reference, u.department, u.authid,
                   CASE WHEN l.holderid = u.id AND l.product = 'client' AND l.type = 'permanent' AND l.seats = 1
                   AND l.reference = '' AND l.contractnumber = '' AND l.validuntil IS NULL AND l.status = 'active'
                   AND l.features IN ($1, $2) OR l.licensekey = $3 THEN '' ELSE coalesce(l.licensekey, '') END,
                   coalesce(g.reference, ''), coalesce(a.accountkey, ''), u.status
                   FROM users u LEFT JOIN licenses l ON l.id = u.licenseid LEFT JOIN groups g ON g.id = u.groupid
                   LEFT JOIN accounts a ON a.id = u.accountid
                   WHERE u.providerid = $4 AND u.id > $5 ORDER BY u.id LIMIT $6";
        let settings = &provider.settings;
        let bits = |words: &str| licenses::features(words).unwrap_or(-1);
        let (free, member) = (bits(&settings.default_free_feature), bits(&settings.default_account_feature));
        let shared = settings.default_license_key.to_ascii_uppercase();
        self.all(sql, &[&free, &member, &shared, &provider.id, &after, &most], |row| {
            let mut texts: [String; 10] = Default::default();
            for (at, text) in texts.iter_mut().enumerate() {
                *text = row.get(at + 1)?;
            }
            Ok(ExportedUser { id: row.get(0)?, texts })
        })
    }
}
