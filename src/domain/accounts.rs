//! Company accounts: the code that is chosen, and the key that is made of it, `ACME-SHOP-1234` `[D]`.

/// How many numbers there are behind one code.
pub const NUMBERS: u64 = 10_000;

/// The length of a code.
const LENGTH: usize = 4;

/// What is chosen of an account's key: four letters or digits, in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCode(String);

impl AccountCode {
    /// Reads a code; case does not matter.
    pub fn parse(text: &str) -> Option<AccountCode> {
        let fits = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| AccountCode(text.to_ascii_uppercase()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key with that number behind the code, which begins anew behind the last one.
    pub fn key(&self, provider: &str, number: u64) -> String {
        format!("{provider}-{}-{:04}", self.0, number % NUMBERS)
    }
}

/// A number out of random bytes.
pub fn number(random: &[u8; 32]) -> u64 {
    // Of 2^64 drawn numbers no one is likelier than another by more than a part in 10^15.
    random[..8].iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte)) % NUMBERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_four_letters_or_digits() {
        assert_eq!(AccountCode::parse("sh0P").map(|code| code.0), Some("SH0P".to_owned()));
        for wrong in ["", "SHO", "SHOPS", "SH-P", "SH P", "SHÖP", "ÖÖ"] {
            assert_eq!(AccountCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_has_four_digits_at_its_end() {
        let code = AccountCode::parse("SHOP").unwrap();
        assert_eq!(code.key("ACME", 7), "ACME-SHOP-0007");
        assert_eq!(code.key("ACME", NUMBERS + 7), "ACME-SHOP-0007");
        assert_eq!(number(&[0; 32]), 0);
        assert!(number(&[255; 32]) < NUMBERS);
    }
}
