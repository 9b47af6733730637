//! What a caller without a checksum shows: an API key, a session, or nothing (`access.md` §1).
//!
//! Here it is only read; whether a key or a session is there is asked of the database, and only where
//! nobody on the way could have read it.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use crate::domain::secret::Secret;

/// Padding may be left out, as some clients do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Nothing longer is a key and its secret.
const LONGEST: usize = 1_024;

/// What a request shows besides a checksum.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Nothing at all.
    Nothing,
    /// The value of `Authorization`.
    Authorization(Cow<'a, str>),
    /// A session's token.
    Session(Cow<'a, str>),
    /// A signature.
    Signed(Signed<'a>),
    /// Something that proves nobody, and why.
    Nobodys(&'static str),
}

/// A signature, and whose it is said to be (seed 003).
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The public half of the key of the site that signs; none: the user's own key does.
    pub site: Option<Cow<'a, str>>,
    /// The user's public key where a site signs, else the public half of the user's key that does.
    pub user: Option<Cow<'a, str>>,
    /// The signature.
    pub signature: Cow<'a, str>,
}

impl Signed<'_> {
    /// The same, on its own.
    fn into_owned(self) -> Signed<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Signed { site: self.site.map(owned), user: self.user.map(owned), signature: owned(self.signature) }
    }

    /// Whose key signs, as the marks against replays name it.
    pub fn signer(&self) -> String {
        match (&self.site, &self.user) {
            (Some(site), _) => format!("site:{site}"),
            (None, Some(key)) => format!("key:{key}"),
            (None, None) => String::new(),
        }
    }
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Nothing => "nothing",
            Shown::Authorization(_) => "an Authorization",
            Shown::Session(_) => "a session",
            Shown::Signed(_) => "a signature",
            Shown::Nobodys(why) => why,
        })
    }
}

impl Shown<'_> {
    /// The same, on its own.
    pub fn into_owned(self) -> Shown<'static> {
        match self {
            Shown::Nothing => Shown::Nothing,
            Shown::Authorization(value) => Shown::Authorization(Cow::Owned(value.into_owned())),
            Shown::Session(token) => Shown::Session(Cow::Owned(token.into_owned())),
            Shown::Signed(signed) => Shown::Signed(signed.into_owned()),
            Shown::Nobodys(why) => Shown::Nobodys(why),
        }
    }
}

/// Key and secret of an `Authorization` of the kind Basic.
pub fn basic(value: &str) -> Option<(String, Secret)> {
    let (kind, encoded) = value.trim().split_once(' ')?;
    if !kind.eq_ignore_ascii_case("basic") || encoded.len() > LONGEST {
        return None;
    }
    let text = Secret::new(String::from_utf8(LENIENT.decode(encoded.trim()).ok()?).ok()?);
    let (key, secret) = text.reveal().split_once(':')?;
    Some((key.to_owned(), Secret::new(secret)))
}

/// What is kept of a secret or a token: it has enough chance in it that one pass is enough.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        basic(value).map(|(key, secret)| (key, secret.reveal().to_owned()))
    }

    #[test]
    fn key_and_secret() {
        let pair = |key: &str, secret: &str| Some((key.to_owned(), secret.to_owned()));
        assert_eq!(read("Basic a2V5OnNlY3JldA=="), pair("key", "secret"));
        assert_eq!(read("basic  a2V5OnNlY3JldA"), pair("key", "secret"));
        assert_eq!(read("BASIC a2V5Og=="), pair("key", ""));
        assert_eq!(read("Basic a2V5OmE6Yg=="), pair("key", "a:b"));
        for value in ["", "Basic", "Basic ", "Basic a2V5", "Basic !", "Bearer a2V5OnNlY3JldA==", "Basic //8="]
        {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(read(&format!("Basic {}", "a".repeat(LONGEST + 1))), None);
    }
}
