//! The signature of a key: `sha1(hex(sha1(text)) ‖ secret)`, lower-case hex (seed 003).
//!
//! SHA-1 is what the callers compute; nothing here depends on it that a collision would break, because the
//! secret stands behind the hash of a text that the caller has chosen.

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// The signature of a text, in lower-case hex.
pub fn sign(secret: &[u8], text: &[u8]) -> String {
    hex::encode(outer(&inner(text), secret))
}

/// A signature as it was sent, with the hash of what it must be of.
pub struct Given {
    bytes: [u8; 20],
    inner: [u8; 40],
}

impl Given {
    /// Reads it; like a checksum in lower case alone.
    pub fn read(given: &str, text: &[u8]) -> Option<Given> {
        let lower = given.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut bytes = [0; 20];
        if !lower || hex::decode_to_slice(given, &mut bytes).is_err() {
            return None;
        }
        Some(Given { bytes, inner: inner(text) })
    }

    /// Whether it was made with that secret, compared in constant time.
    pub fn by(&self, secret: &[u8]) -> bool {
        outer(&self.inner, secret).ct_eq(&self.bytes).into()
    }
}

fn inner(text: &[u8]) -> [u8; 40] {
    let mut digits = [0; 40];
    // Forty digits for twenty bytes always fit.
    let _ = hex::encode_to_slice(Sha1::digest(text), &mut digits);
    digits
}

fn outer(inner: &[u8; 40], secret: &[u8]) -> [u8; 20] {
    Sha1::new().chain_update(inner).chain_update(secret).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_signatures() {
        let mut seen = 0;
        for line in include_str!("../../fixtures/vectors/signed-headers.tsv").lines() {
            let [secret, text, value] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
            if secret.starts_with('#') {
                continue;
            }
            assert_eq!(sign(secret.as_bytes(), text.as_bytes()), value);
            let given = Given::read(value, text.as_bytes()).unwrap();
            assert!(given.by(secret.as_bytes()) && !given.by(b"1235"));
            assert!(!Given::read(value, &text.as_bytes()[1..]).unwrap().by(secret.as_bytes()));
            seen += 1;
        }
        assert!(seen > 1);
    }

    #[test]
    fn only_forty_lower_case_digits_are_one() {
        let right = sign(b"1234", b"{}");
        for wrong in [right.to_uppercase(), right[1..].to_owned(), format!("{right}0"), format!("0x{right}")]
        {
            assert!(Given::read(&wrong, b"{}").is_none(), "{wrong}");
        }
        assert!(Given::read("", b"").is_none());
    }
}
