//! How many rows there are, and which SQLite it is: what a report of a fault says about a database.

use super::backend::Tx;
use crate::error::Result;

/// Every table with the statement that counts it; a test compares them with the schema.
const COUNTS: &[(&str, &str)] = &[
    ("account_keys", "SELECT count(*) FROM account_keys"),
    ("account_managers", "SELECT count(*) FROM account_managers"),
    ("accounts", "SELECT count(*) FROM accounts"),
    ("api_keys", "SELECT count(*) FROM api_keys"),
    ("audit", "SELECT count(*) FROM audit"),
    ("codes", "SELECT count(*) FROM codes"),
    ("depot_users", "SELECT count(*) FROM depot_users"),
    ("depots", "SELECT count(*) FROM depots"),
    ("devices", "SELECT count(*) FROM devices"),
    ("group_invitations", "SELECT count(*) FROM group_invitations"),
    ("groups", "SELECT count(*) FROM groups"),
    ("hot_files", "SELECT count(*) FROM hot_files"),
    ("idempotency", "SELECT count(*) FROM idempotency"),
    ("job_rows", "SELECT count(*) FROM job_rows"),
    ("jobs", "SELECT count(*) FROM jobs"),
    ("license_changes", "SELECT count(*) FROM license_changes"),
    ("license_notices", "SELECT count(*) FROM license_notices"),
    ("license_uses", "SELECT count(*) FROM license_uses"),
    ("licenses", "SELECT count(*) FROM licenses"),
    ("counters", "SELECT count(*) FROM counters"),
    ("meta", "SELECT count(*) FROM meta"),
    ("outbox", "SELECT count(*) FROM outbox"),
    ("providers", "SELECT count(*) FROM providers"),
    ("replays", "SELECT count(*) FROM replays"),
    ("sealed_values", "SELECT count(*) FROM sealed_values"),
    ("second_factors", "SELECT count(*) FROM second_factors"),
    ("service_keys", "SELECT count(*) FROM service_keys"),
    ("services", "SELECT count(*) FROM services"),
    ("sessions", "SELECT count(*) FROM sessions"),
    ("site_keys", "SELECT count(*) FROM site_keys"),
    ("site_users", "SELECT count(*) FROM site_users"),
    ("sites", "SELECT count(*) FROM sites"),
    ("settings", "SELECT count(*) FROM settings"),
    ("tasks", "SELECT count(*) FROM tasks"),
    ("templates", "SELECT count(*) FROM templates"),
    ("temporary_passwords", "SELECT count(*) FROM temporary_passwords"),
    ("users", "SELECT count(*) FROM users"),
];

impl Tx<'_> {
    /// The rows of every table.
    pub fn row_counts(&self) -> Result<Vec<(&'static str, i64)>> {
        let count = |(table, sql): &(&'static str, &'static str)| {
            Ok((*table, self.one(sql, &[], |row| row.get(0))?.unwrap_or(0)))
        };
        COUNTS.iter().map(count).collect()
    }
}

/// The version of the database's library.
pub fn library() -> String {
    super::backend::library()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_schema_is_counted() {
        let schema = include_str!("../../schema.sql");
        let made = schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        let made: Vec<&str> = made.map(|rest| rest.trim_end_matches(" (")).collect();
        assert!(made.len() > 10);
        for table in &made {
            assert!(COUNTS.iter().any(|(name, _)| name == table), "{table} is not counted");
        }
        assert_eq!(made.len(), COUNTS.len());
    }
}
