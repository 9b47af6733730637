//! The words of settings that are a choice, as the code knows them.
//!
//! The catalogue has them as texts, for whoever shows or checks a value; here each is a case, so that a `match` over
//! them is whole.

/// Which calls the API log keeps: `APIRequestLogging` `[D]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Logging {
    /// None.
    Off,
    /// Those that change something or are refused.
    #[default]
    Changes,
    /// Every one.
    All,
}

/// Who may log in through a web portal: `CLIENT/ALLOW_WEB_PORTAL_ACCESS` `[D]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebPortal {
    /// Everybody.
    Permit,
    /// Nobody.
    Deny,
    /// Users with the capability `webportal`.
    PerUser,
}

/// What `useroremail` means at a login: `LOGIN/USER_IDENTIFICATION_METHOD` `[D]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identification {
    /// A name, else an address.
    Either,
    /// A name.
    Username,
    /// An address.
    Email,
}

/// The characters a new username may have: `RegNameComplexity` `[D]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complexity {
    /// ASCII letters, digits, `_`, `-` and `.`.
    BasicAscii,
    /// Every visible ASCII character.
    NonSpaceAscii,
    /// Every printable character.
    PrintableUnicode,
}

impl Logging {
    pub(super) fn read(written: &str) -> Self {
        match written {
            "all" => Self::All,
            "off" => Self::Off,
            _ => Self::Changes,
        }
    }
}

impl WebPortal {
    pub(super) fn read(written: &str) -> Self {
        match written {
            "deny" => Self::Deny,
            "peruser" => Self::PerUser,
            _ => Self::Permit,
        }
    }
}

impl Identification {
    pub(super) fn read(written: &str) -> Self {
        match written {
            "username" => Self::Username,
            "email" => Self::Email,
            _ => Self::Either,
        }
    }
}

impl Complexity {
    pub(super) fn read(written: &str) -> Self {
        match written {
            "basic-ascii" => Self::BasicAscii,
            "non-space-ascii" => Self::NonSpaceAscii,
            _ => Self::PrintableUnicode,
        }
    }
}
