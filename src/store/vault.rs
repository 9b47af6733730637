//! The master key: seals what must be recoverable, and derives the keys of keyed hashes.
//!
//! Service keys, the salt and the codes inside waiting mails cannot be hashed, because the server
//! signs or sends them. They lie in the database sealed by XChaCha20-Poly1305, bound to their row by
//! the associated data, so that a stolen database file opens nothing and no sealed value can be put
//! in another's place. The key is a file beside the database, never inside it or its backups.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, bail};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use zeroize::Zeroize;

const NONCE: usize = 24;

/// What the key of keyed hashes is derived for, and its place where it is kept.
pub(super) const HASHES: &str = "keyed hashes";

/// The master key.
pub struct Vault {
    key: SecretBox<[u8; 32]>,
    /// The key of keyed hashes of a database whose master key was changed: what was hashed before must be known again.
    hashes: OnceLock<SecretBox<[u8; 32]>>,
}

impl Vault {
    /// With that key.
    pub fn new(key: [u8; 32]) -> Vault {
        Vault { key: SecretBox::new(Box::new(key)), hashes: OnceLock::new() }
    }

    /// Reads the key file; `None` where there is none.
    pub fn open(path: &Path) -> anyhow::Result<Option<Vault>> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the master key {}", path.display()));
            }
        };
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            bail!("the master key {0} can be read by others: chmod 600 {0}", path.display());
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut key = [0; 32];
        let read = hex::decode_to_slice(text.trim(), &mut key);
        text.zeroize();
        if read.is_err() {
            bail!("the master key {} is damaged: 64 hex digits are expected", path.display());
        }
        let vault = Vault::new(key);
        key.zeroize();
        Ok(Some(vault))
    }

    /// Writes a new key file, mode 0600, and syncs it before anything is sealed with it.
    pub fn create(path: &Path, mut key: [u8; 32]) -> anyhow::Result<Vault> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("cannot make the master key {}", path.display()))?;
        let mut text = hex::encode(key);
        writeln!(file, "{text}")?;
        text.zeroize();
        file.sync_all()?;
        if let Some(folder) = path.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()?;
        }
        let vault = Vault::new(key);
        key.zeroize();
        Ok(vault)
    }

    /// Seals a value for the row that `place` names; `random` is drawn anew for each.
    pub fn seal(&self, place: &str, value: &[u8], random: &[u8; 32]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&random[..NONCE]);
        let payload = Payload { msg: value, aad: place.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| anyhow::anyhow!("cannot seal {place}"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for that row.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
        let Some((nonce, text)) = sealed.split_first_chunk::<NONCE>() else {
            bail!("the sealed value {place} is cut off");
        };
        let payload = Payload { msg: text, aad: place.as_bytes() };
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        opened.map_err(|_| anyhow::anyhow!("the master key does not open {place}"))
    }

    /// A keyed hash for one purpose.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        keyed(self.hashes().expose_secret(), purpose, parts)
    }

    /// The key of keyed hashes.
    pub(super) fn hashes(&self) -> &SecretBox<[u8; 32]> {
        self.hashes.get_or_init(|| SecretBox::new(Box::new(keyed(self.key.expose_secret(), HASHES, &[]))))
    }

    /// Takes over the key of keyed hashes that a database has kept.
    pub(super) fn hash_with(&self, mut key: Vec<u8>) -> anyhow::Result<()> {
        let read = <[u8; 32]>::try_from(&key[..]);
        key.zeroize();
        let read = read.map_err(|_| anyhow::anyhow!("the key of keyed hashes is damaged"))?;
        // It is there already where the same database is opened again.
        let _ = self.hashes.set(SecretBox::new(Box::new(read)));
        Ok(())
    }

    /// Tells keys apart without telling what they are.
    pub fn fingerprint(&self) -> String {
        hex::encode(&keyed(self.key.expose_secret(), "fingerprint", &[])[..8])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key.expose_secret()))
    }
}

/// A hash under a key, for one purpose; the parts do not run into each other.
pub fn keyed(key: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac(key);
    mac.update(purpose.as_bytes());
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA256 under a key of 32 bytes.
pub fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key of any length is a valid HMAC key, so the other case cannot come up.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let vault = Vault::new([1; 32]);
        let sealed = vault.seal("service_keys/1", b"sekret", &[9; 32]).unwrap();
        assert_eq!(vault.open_sealed("service_keys/1", &sealed).unwrap(), b"sekret");
        assert!(vault.open_sealed("service_keys/2", &sealed).is_err());
        assert!(Vault::new([2; 32]).open_sealed("service_keys/1", &sealed).is_err());
        assert!(vault.open_sealed("service_keys/1", &sealed[..20]).is_err());
    }
}
