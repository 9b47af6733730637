//! Text that must not be seen: passwords, keys, codes.
//!
//! A newtype rather than care: `Secret` prints as dots, is wiped when dropped, and marks its field in
//! the schema, from which audit and log learn what to mask. A reply that is kept for repetition is
//! written inside [`blanked`], where every secret is empty.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

thread_local! {
    static BLANK: Cell<bool> = const { Cell::new(false) };
}

/// A text that is shown to nobody but the one who is meant.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself; every use is a place to look at in a review.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Secret)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if BLANK.get() { "" } else { &self.0 })
    }
}

impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "secret".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "secret" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Letters and digits that are not mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Random bytes as letters and digits that can be typed and stand in an address: five bits of each byte.
pub fn letters(random: &[u8]) -> String {
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// Runs `write` with every secret written as the empty text.
pub fn blanked<T>(write: impl FnOnce() -> T) -> T {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            BLANK.set(self.0);
        }
    }
    let _reset = Reset(BLANK.replace(true));
    write()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_dots_and_blanks_only_inside() {
        let secret = Secret::new("sekret");
        assert_eq!(format!("{secret:?}"), "•••");
        assert_eq!(blanked(|| serde_json::to_string(&secret).unwrap()), "\"\"");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"sekret\"");
    }
}
