//! What can go wrong, and the one table of the protocol's error codes.
//!
//! Every refusal has a [`Code`]; its number and text stand here and nowhere else, so that a number
//! once given out keeps its meaning. Faults of ours are separate variants of [`Error`]: they carry a
//! cause for the log, which never reaches the caller.

use std::borrow::Cow;

/// The result of everything below `http`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not end as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The protocol's refusal: a code, an optional second number and an optional text of its own.
    #[error("{} {}", *.code as i64, .text.as_deref().unwrap_or_else(|| .code.text()))]
    Refused {
        /// The primary code.
        code: Code,
        /// `secondarycode`, for example the seconds to wait.
        secondary: Option<i64>,
        /// Replaces the code's own text.
        text: Option<Cow<'static, str>>,
        /// What the command wrote stays: a counted wrong password.
        keep: bool,
    },
    /// What `look` saw has changed meanwhile: the call starts anew, twice at most.
    #[error("changed meanwhile")]
    Again,
    /// The database cannot be used: disk full, I/O error, read-only.
    #[error("database unavailable: {0:#}")]
    Down(anyhow::Error),
    /// A queue is full or another program holds the database.
    #[error("overloaded")]
    Busy,
    /// A fault of ours that was caught.
    #[error("internal error: {0:#}")]
    Failed(anyhow::Error),
    /// A fault of ours that was not foreseen.
    #[error("panic")]
    Panicked,
}

impl Error {
    /// The number for log lines and counters.
    pub fn code(&self) -> i64 {
        match self {
            Error::Refused { code, .. } => *code as i64,
            Error::Again | Error::Busy => Code::Overloaded as i64,
            Error::Down(_) => Code::Unavailable as i64,
            Error::Failed(_) | Error::Panicked => Code::Internal as i64,
        }
    }

    /// Keeps what the command wrote although it refuses.
    pub fn keeping(mut self) -> Self {
        if let Error::Refused { keep, .. } = &mut self {
            *keep = true;
        }
        self
    }

    /// Adds the second number.
    pub fn with(mut self, number: i64) -> Self {
        if let Error::Refused { secondary, .. } = &mut self {
            *secondary = Some(number);
        }
        self
    }

    /// A fault of ours, described for the log.
    pub fn fault(what: impl Into<Cow<'static, str>>) -> Self {
        Error::Failed(anyhow::anyhow!("{}", what.into()))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error::Refused { code, secondary: None, text: None, keep: false }
    }
}

/// The protocol's codes: the discriminant is `primarycode`.
///
/// Only codes that some command or step can answer stand here; each keeps its number for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the texts below say what each code means")]
pub enum Code {
    Internal = -100,
    Unavailable = -110,
    Overloaded = -120,
    AccessDenied = -30000,
    InvalidCommand = -30001,
    InvalidRequest = -30002,
    InvalidXml = -30003,
    Redirect = -30004,
    UserUnknown = -30100,
    WrongPassword = -30101,
    NotActivated = -30102,
    UserExists = -30103,
    EmailExists = -30104,
    WrongTemporaryPassword = -30105,
    WrongActivationCode = -30106,
    NoDefaultDepot = -30107,
    InvalidUsername = -30108,
    InvalidPassword = -30109,
    InvalidEmail = -30110,
    TemporaryPasswordExpired = -30113,
    ProviderUnknown = -30114,
    ReferenceExists = -30115,
    AlreadyActivated = -30116,
    LanguageUnknown = -30117,
    AuthIdExists = -30118,
    UserDisabled = -30119,
    UserToDelete = -30120,
    DeviceUnknown = -30121,
    DepotUnknown = -30122,
    GroupUnknown = -30123,
    NotAMember = -30124,
    RejectedTooOften = -30125,
    AccountUnknown = -30126,
    OtherAccount = -30127,
    ServiceUnknown = -30128,
    AddressInUse = -30129,
    TemplateUnknown = -30130,
    ApiKeyUnknown = -30131,
    SessionUnknown = -30132,
    TooManyAttempts = -30133,
    ProviderExists = -30134,
    InvalidProviderCode = -30135,
    GroupExists = -30136,
    StillInUse = -30137,
    SettingUnknown = -30144,
    JobUnknown = -30150,
    MailUnknown = -30151,
    SiteUnknown = -30153,
    ProductUnknown = -30201,
    LicenseTypeUnknown = -30202,
    LicenseUnknown = -30203,
    FeatureUnknown = -30204,
    InvalidLimit = -30205,
    UpgradeImpossible = -30206,
    DowngradeImpossible = -30207,
    NoDefaultLicense = -30208,
    LicenseLimit = -30209,
    LicenseEnded = -30211,
    LicenseReferenceExists = -30212,
}

impl Code {
    /// What any call may answer besides what its command declares.
    pub const COMMON: &'static [Code] = &[
        Code::Internal,
        Code::Unavailable,
        Code::Overloaded,
        Code::AccessDenied,
        Code::InvalidCommand,
        Code::InvalidRequest,
        Code::InvalidXml,
    ];

    /// The second number of a refusal to a caller who is known but lacks the right (`access.md` §3).
    pub const INSUFFICIENT_ACCESS: i64 = -6;

    /// The text of `message` where the refusal has none of its own (`protocol.md` §6).
    pub fn text(self) -> &'static str {
        match self {
            Code::Internal => "Internal error",
            Code::Unavailable => "Database unavailable",
            Code::Overloaded => "Overloaded, try again",
            Code::AccessDenied => "Access denied",
            Code::InvalidCommand => "Invalid Command",
            Code::InvalidRequest => "Invalid Request",
            Code::InvalidXml => "Invalid XML",
            Code::Redirect => "Use another server",
            Code::UserUnknown => "Username does not exists",
            Code::WrongPassword => "Wrong password",
            Code::NotActivated => "Account not Activated by activation mail",
            Code::UserExists => "Username already exists",
            Code::EmailExists => "Email already exists",
            Code::WrongTemporaryPassword => "Temporary password does not match",
            Code::WrongActivationCode => "Wrong activation code",
            Code::NoDefaultDepot => "No default depot",
            Code::InvalidUsername => "Invalid username",
            Code::InvalidPassword => "Invalid password",
            Code::InvalidEmail => "Invalid email",
            Code::TemporaryPasswordExpired => "Temporary password expired",
            Code::ProviderUnknown => "Provider not found",
            Code::ReferenceExists => "Reference already exists",
            Code::AlreadyActivated => "Account already activated",
            Code::LanguageUnknown => "Unknown language",
            Code::AuthIdExists => "Authentication ID already exists",
            Code::UserDisabled => "Account is disabled",
            Code::UserToDelete => "Account will be deleted by the user",
            Code::DeviceUnknown => "Device not found",
            Code::DepotUnknown => "Depot not found",
            Code::GroupUnknown => "Group not found",
            Code::NotAMember => "User is not a member of the group",
            Code::RejectedTooOften => "User has rejected the group too often",
            Code::AccountUnknown => "Account not found",
            Code::OtherAccount => "User belongs to another account",
            Code::ServiceUnknown => "Service not found",
            Code::AddressInUse => "Address is used by another service",
            Code::TemplateUnknown => "Template not found",
            Code::ApiKeyUnknown => "API key not found",
            Code::SessionUnknown => "Session expired or unknown",
            Code::TooManyAttempts => "Too many attempts, try again later",
            Code::ProviderExists => "Provider already exists",
            Code::InvalidProviderCode => "Invalid provider code",
            Code::GroupExists => "Group already exists",
            Code::StillInUse => "Still in use",
            Code::SettingUnknown => "Setting does not exists or, access to setting not permitted",
            Code::JobUnknown => "Job not found",
            Code::MailUnknown => "Mail not found",
            Code::SiteUnknown => "Site not found",
            Code::ProductUnknown => "Unknown product name",
            Code::LicenseTypeUnknown => "Unknown license type",
            Code::LicenseUnknown => "Unknown license",
            Code::FeatureUnknown => "Unknown feature",
            Code::InvalidLimit => "Invalid limit",
            Code::UpgradeImpossible => "Upgrade not possible",
            Code::DowngradeImpossible => "Downgrade not possible",
            Code::NoDefaultLicense => "No default license",
            Code::LicenseEnded => "License is cancelled or expired",
            Code::LicenseLimit => "License limit reached",
            Code::LicenseReferenceExists => "License reference already exists",
        }
    }

    /// This refusal as an error.
    pub fn refuse<T>(self) -> Result<T> {
        Err(self.into())
    }

    /// This refusal with a text of its own.
    pub fn say(self, text: impl Into<Cow<'static, str>>) -> Error {
        Error::Refused { code: self, secondary: None, text: Some(text.into()), keep: false }
    }
}

/// -30002 with its detail: `Invalid Request: limit must be a whole number`.
pub fn invalid(detail: impl AsRef<str>) -> Error {
    Code::InvalidRequest.say(format!("Invalid Request: {}", detail.as_ref()))
}

/// The refusal to a caller who is known but lacks the right, with the reason.
pub fn forbidden(reason: impl Into<Cow<'static, str>>) -> Error {
    Code::AccessDenied.say(reason).with(Code::INSUFFICIENT_ACCESS)
}
