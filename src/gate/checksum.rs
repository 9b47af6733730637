//! The four checksum methods (`protocol.md` §2.3).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How a service signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Method {
    /// `md5(body ‖ APIChecksumSalt)` `[D]`.
    #[serde(rename = "MD5 (APIChecksumSalt)", alias = "md5-salt")]
    Md5Salt,
    /// `md5(body ‖ key)` `[D]`.
    #[serde(rename = "MD5 (Endpoint specific key)", alias = "md5")]
    Md5Key,
    /// `hmac_sha1(key, body)` `[D]`.
    #[serde(rename = "HMAC-SHA1 (Endpoint specific key)", alias = "hmac-sha1")]
    HmacSha1,
    /// `hmac_sha256(key, body)` `[O]`.
    #[serde(rename = "HMAC-SHA256 (Endpoint specific key)", alias = "hmac-sha256")]
    HmacSha256,
}

impl Method {
    /// All of them, with their names in the configuration and the console, and their short names.
    pub const ALL: [(Method, &'static str, &'static str); 4] = [
        (Method::Md5Salt, "MD5 (APIChecksumSalt)", "md5-salt"),
        (Method::Md5Key, "MD5 (Endpoint specific key)", "md5"),
        (Method::HmacSha1, "HMAC-SHA1 (Endpoint specific key)", "hmac-sha1"),
        (Method::HmacSha256, "HMAC-SHA256 (Endpoint specific key)", "hmac-sha256"),
    ];

    /// Reads the long or the short name.
    pub fn parse(text: &str) -> Option<Method> {
        Self::ALL.iter().find(|(_, long, short)| text == *long || text == *short).map(|(method, ..)| *method)
    }

    /// The short name, which is also the form in the database.
    pub fn short(self) -> &'static str {
        Self::ALL.iter().find(|(method, ..)| *method == self).map_or("", |(_, _, short)| short)
    }

    /// How many hex digits a checksum has.
    pub fn digits(self) -> usize {
        match self {
            Method::Md5Salt | Method::Md5Key => 32,
            Method::HmacSha1 => 40,
            Method::HmacSha256 => 64,
        }
    }

    /// The checksum in lower-case hex.
    pub fn sign(self, key: &[u8], body: &[u8]) -> String {
        let mut digest = [0; 32];
        let length = self.digest(key, body, &mut digest);
        hex::encode(&digest[..length])
    }

    /// Writes the digest and says how long it is.
    fn digest(self, key: &[u8], body: &[u8], out: &mut [u8; 32]) -> usize {
        match self {
            Method::Md5Salt | Method::Md5Key => {
                put(out, &Md5::new().chain_update(body).chain_update(key).finalize())
            }
            Method::HmacSha1 => Hmac::<Sha1>::new_from_slice(key)
                .map_or(0, |mac| put(out, &mac.chain_update(body).finalize().into_bytes())),
            Method::HmacSha256 => Hmac::<Sha256>::new_from_slice(key)
                .map_or(0, |mac| put(out, &mac.chain_update(body).finalize().into_bytes())),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(method, ..)| method == self).map_or("", |(_, long, _)| long))
    }
}

fn put(out: &mut [u8; 32], digest: &[u8]) -> usize {
    out[..digest.len()].copy_from_slice(digest);
    digest.len()
}

/// A checksum as it was sent, of the right length and in lower-case hex.
pub struct Given {
    method: Method,
    bytes: [u8; 32],
}

impl Given {
    /// Reads it; upper case is refused as the original does `[D]`.
    pub fn read(method: Method, text: &str) -> Option<Given> {
        let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() != method.digits() || !lower {
            return None;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes[..text.len() / 2]).ok()?;
        Some(Given { method, bytes })
    }

    /// Whether it is the checksum of the body under that key, compared in constant time.
    pub fn matches(&self, key: &[u8], body: &[u8]) -> bool {
        let mut digest = [0; 32];
        let length = self.method.digest(key, body, &mut digest);
        length * 2 == self.method.digits() && bool::from(digest[..length].ct_eq(&self.bytes[..length]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_both_ways() {
        for (method, long, short) in Method::ALL {
            assert_eq!(Method::parse(long), Some(method));
            assert_eq!(Method::parse(short), Some(method));
            assert_eq!(method.to_string(), long);
            assert_eq!(method.short(), short);
        }
    }

    #[test]
    fn length_and_case_are_checked_before_anything_else() {
        let right = Method::Md5Key.sign(b"key", b"body");
        assert!(Given::read(Method::Md5Key, &right).unwrap().matches(b"key", b"body"));
        assert!(!Given::read(Method::Md5Key, &right).unwrap().matches(b"kez", b"body"));
        assert!(
            Given::read(Method::Md5Key, &right.to_uppercase()).is_none()
                || !right.contains(char::is_alphabetic)
        );
        assert!(Given::read(Method::Md5Key, &right[..31]).is_none());
        assert!(Given::read(Method::HmacSha1, &right).is_none());
    }
}
