//! E-mail addresses: one address, no display name.
//!
//! The `email_address` crate knows the grammar; here stands only what the protocol narrows: no quoted
//! parts with white space, no address literals, nothing that could start a second header line, and no
//! character that prints nothing, by which two addresses could look the same.

use std::str::FromStr;

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use super::names;

/// The longest address in bytes (RFC 5321).
pub const LONGEST: usize = 254;

/// Whether the text is one plain address, whichever way its letters are composed.
pub fn valid(text: &str) -> bool {
    let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
    let text = &*names::composed(text);
    text.len() <= LONGEST
        && !text.chars().any(|c| names::invisible(c) || c.is_control() || c.is_whitespace())
        && !text.contains(['"', '<', '>', '(', ')', ',', ';', ':'])
        && EmailAddress::parse_with_options(text, options).is_ok()
        && EmailAddress::from_str(text).is_ok()
        && text.rsplit_once('@').is_some_and(|(_, domain)| one_spelling(domain))
}

/// Whether no letter of a domain stands for another one: mail for `ｅxample.com` goes to `example.com`.
fn one_spelling(domain: &str) -> bool {
    domain.is_ascii() || domain.nfkc().eq(domain.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_address_and_nothing_else() {
        for good in [
            "a@example.com",
            "a.b+c@sub.example.org",
            "jürgen@müller.example",
            "ju\u{308}rgen@mu\u{308}ller.example",
        ] {
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
            "a\u{200B}@example.com",
            "a@exam\u{00AD}ple.com",
            "\u{202E}a@example.com",
            "a@ｅxample.com",
        ];
        for bad in bad {
            assert!(!valid(bad), "{bad:?}");
        }
    }
}
