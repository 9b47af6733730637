//! E-mail addresses: one address, no display name.
//!
//! The `email_address` crate knows the grammar; here stands only what the protocol narrows: no quoted
//! parts with white space, no address literals, nothing that could start a second header line.

use std::str::FromStr;

use email_address::{EmailAddress, Options};

/// The longest address in bytes (RFC 5321).
pub const LONGEST: usize = 254;

/// Whether the text is one plain address.
pub fn valid(text: &str) -> bool {
    let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
    text.len() <= LONGEST
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>(),;:".contains(c))
        && EmailAddress::parse_with_options(text, options).is_ok()
        && EmailAddress::from_str(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_address_and_nothing_else() {
        for good in ["a@example.com", "a.b+c@sub.example.org", "jürgen@müller.example"] {
            assert!(valid(good), "{good}");
        }
        let bad = [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b@c.de",
            "a b@example.com",
            "Bob <b@example.com>",
            "a@example",
            "a@[127.0.0.1]",
            "a@example.com\nBcc: x@example.com",
            "a@example.com,b@example.com",
            "\"a\"@example.com",
            "a..b@example.com",
            "a@-example.com",
        ];
        for bad in bad {
            assert!(!valid(bad), "{bad:?}");
        }
    }
}
