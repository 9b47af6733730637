//! Keys of users that sign: their secrets must be recoverable, and so are sealed under the master key.

use super::backend::Tx;
use super::credentials::{Holder, holder, key};
use crate::error::Result;

/// What is kept of a key's secret.
pub enum Kept {
    /// The SHA-256 of one that is sent.
    Hash([u8; 32]),
    /// One that signs, sealed for [`place`].
    Sealed(Vec<u8>),
}

/// For which row the secret of a key is sealed.
pub fn place(name: &str) -> String {
    format!("api_keys/{name}")
}

impl Tx<'_> {
    /// The holder of a key that signs, by its public half; in place of a hash it has the sealed secret.
    pub fn signing_holder(&self, name: &str) -> Result<Option<Holder>> {
        let sql = "SELECT u.id, u.username, u.providerid, u.status, u.rights,
                   k.id, k.name, k.scope, k.validuntil, k.lastused, k.sealed, k.rights
                   FROM api_keys k JOIN users u ON u.id = k.userid WHERE k.name = $1 AND k.kind = 'signing'";
        self.one(sql, &[&name], |row| holder(row, key(row)?, None))
    }
}
