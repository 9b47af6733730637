//! What kinds of services there are, and what they may be called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::is_nfkc;

/// What a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// A program that uses the API.
    #[default]
    Api,
    /// A shop.
    Shop,
    /// A web portal.
    WebPortal,
    /// An admin console.
    AdminConsole,
    /// An external authentication service.
    AuthService,
    /// A host server.
    HostServer,
}

impl ServiceKind {
    /// The word of the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Shop => "shop",
            Self::WebPortal => "webportal",
            Self::AdminConsole => "adminconsole",
            Self::AuthService => "authservice",
            Self::HostServer => "hostserver",
        }
    }
}

/// The longest name in characters `[O]`.
const LONGEST: usize = 64;

/// What a name must be, for whoever has given another one.
pub const NAME: &str = "must be 1 to 64 Latin letters, digits, spaces and - _ . ( ) & + / : without a space at an end \
    or two together; other letters and signs may look like these";

/// Whether a service may be called so.
///
/// The name stands in logs and beside power over users, so two services must not look the same: every character is
/// visible, has one form alone, and is none of another script that looks like a Latin one. A list of characters that
/// look alike would never be complete; what is allowed is.
#[must_use]
pub fn may_be_called(name: &str) -> bool {
    let length = name.chars().count();
    let spaced = name.trim() == name && !name.contains("  ");
    (1..=LONGEST).contains(&length) && spaced && name.chars().all(in_name) && is_nfkc(name)
}

fn in_name(c: char) -> bool {
    let latin = c.is_alphabetic() && matches!(c, '\u{C0}'..='\u{17F}');
    c.is_ascii_alphanumeric() || latin || " -_.()&+/:".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_visible_and_of_one_form() {
        for name in ["shop", "Büro Köln (2)", "a_b-c.d", "R&D: eu/west+1", "x"] {
            assert!(may_be_called(name), "{name}");
        }
        let long = "x".repeat(65);
        for name in [
            "",
            " shop",
            "shop ",
            "sh  op",
            "sh\u{200B}op",
            "sh\u{A0}op",
            "sh\u{43E}p",
            "ｓhop",
            "ﬁle",
            "s\u{30B}",
            "sh\top",
            "a\u{202E}b",
            "shop²",
            "\u{17F}hop",
            "<b>",
            "ŉ",
            "a\u{D7}b",
            &long,
        ] {
            assert!(!may_be_called(name), "{name:?}");
        }
    }
}
