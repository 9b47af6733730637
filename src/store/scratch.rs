//! A copy in memory of what a configuration can change, to try one out.
//!
//! The code that applies a configuration and the code that judges it run on the copy as they would at a start, so
//! what they say is what would happen. A second description of what they do was the other way, and it would grow
//! wrong. There are few providers, services and settings; the rest of the database stays where it is.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::backend::{self, ToSql, Tx};
use super::start::{SCHEMA, found};
use super::vault::Vault;
use crate::error::{Error, Result};

/// How each table is read and written.
const COPIED: [(&str, &str); 5] = [
    (
        "SELECT id, code, name, email, managedby, magic, created FROM providers",
        "INSERT INTO providers (id, code, name, email, managedby, magic, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    ),
    (
        "SELECT id, providerid, name, value FROM settings",
        "INSERT INTO settings (id, providerid, name, value) VALUES ($1, $2, $3, $4)",
    ),
    (
        "SELECT id, providerid, name, name_key, kind, method, addresses, commands, loginlimit, enabled, demo,
         created FROM services",
        "INSERT INTO services (id, providerid, name, name_key, kind, method, addresses, commands, loginlimit,
         enabled, demo, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    ),
    (
        "SELECT id, serviceid, sealed, created, notafter FROM service_keys",
        "INSERT INTO service_keys (id, serviceid, sealed, created, notafter) VALUES ($1, $2, $3, $4, $5)",
    ),
    ("SELECT name, sealed FROM sealed_values", "INSERT INTO sealed_values (name, sealed) VALUES ($1, $2)"),
];

/// The copy.
pub struct Scratch(Connection);

impl Scratch {
    /// A database as the first start makes it.
    pub fn fresh(vault: &Vault, random: &dyn Fn(&str) -> [u8; 32]) -> anyhow::Result<Scratch> {
        let scratch = Scratch(backend::open_memory()?);
        scratch.0.execute_batch(SCHEMA)?;
        found(&scratch.tx(), vault, random)?;
        Ok(scratch)
    }

    /// To read it and to change it.
    pub fn tx(&self) -> Tx<'_> {
        Tx::over(&self.0, None)
    }
}

impl Tx<'_> {
    /// Copies the tables.
    pub fn scratch(&self) -> Result<Scratch> {
        let scratch = Scratch(backend::open_memory()?);
        scratch.0.execute_batch(SCHEMA).map_err(|error| Error::Failed(error.into()))?;
        let tx = scratch.tx();
        // A provider may be managed by one that comes later.
        backend::run(&scratch.0, "PRAGMA foreign_keys = OFF")?;
        for (read, write) in COPIED {
            let rows = self.all(read, &[], |row| {
                (0..row.as_ref().column_count())
                    .map(|at| row.get::<_, Value>(at))
                    .collect::<backend::FromRow<Vec<_>>>()
            })?;
            for row in &rows {
                let values: Vec<&dyn ToSql> = row.iter().map(|value| value as &dyn ToSql).collect();
                tx.keep_house(write, &values)?;
            }
        }
        Ok(scratch)
    }
}
