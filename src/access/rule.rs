//! The rule itself: a class, what a caller is, and the verdict.
//!
//! It knows no snapshot and no database: whoever asks has found out before what joins the caller to the
//! one whom the command is about. So it can be held against a table of two hundred functions that
//! another product published, and so every wire and every kind of caller is judged by the same lines.

/// Who may call a command (`access.md` §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Anyone who reaches the endpoint; on the XML endpoint that is a service.
    Public,
    /// Any caller with a credential.
    Unrestricted,
    /// Callers with API access: anyone's data of their provider. Others: where one of these ties joins
    /// them to the one whom the command is about.
    Restricted(&'static [Tie]),
    /// Callers with API access only.
    Protected,
    /// Callers of provider level.
    Provider,
    /// Callers of provider level of the default provider.
    Server,
}

/// What joins a caller to the one whom a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The caller is the user, or owns what it is about.
    Own,
    /// The caller manages the account that the user belongs to.
    HisManager,
    /// The caller is a member of the group.
    Member,
    /// The caller manages the group or the account.
    Manager,
    /// The caller manages any account at all.
    AnyManager,
}

impl Tie {
    /// The word in the table of commands.
    pub fn name(self) -> &'static str {
        match self {
            Tie::Own => "own",
            Tie::HisManager => "managed",
            Tie::Member => "member",
            Tie::Manager => "manager",
            Tie::AnyManager => "any-manager",
        }
    }

    /// Whom it joins to the one whom the command is about.
    pub fn who(self) -> &'static str {
        match self {
            Tie::Own => "the user",
            Tie::HisManager => "managers of the user's account",
            Tie::Member => "members",
            Tie::Manager => "its managers",
            Tie::AnyManager => "account managers",
        }
    }
}

/// A user and whoever manages the user's account.
pub const OWN_OR_MANAGED: Class = Class::Restricted(&[Tie::Own, Tie::HisManager]);
/// The user alone.
pub const OWN: Class = Class::Restricted(&[Tie::Own]);
/// Whoever manages the group or the company account.
pub const MANAGED: Class = Class::Restricted(&[Tie::Manager]);
/// Whoever manages the company account, on its members.
pub const MANAGED_MEMBER: Class = Class::Restricted(&[Tie::Manager, Tie::HisManager]);

/// How far a caller's power reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// No credential.
    Nobody,
    /// A credential, for what is the caller's own.
    Own,
    /// API access: everything of the provider that users are.
    Full,
    /// Everything that the provider is, too.
    Provider,
    /// The server.
    Server,
}

/// A caller as the rule sees it.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// How far its power reaches.
    pub power: Power,
    /// Whether it manages an account.
    pub manager: bool,
    /// What joins it to the one whom the command is about.
    pub ties: &'a [Tie],
}

/// Why a caller is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no credential.
    NoCredential,
    /// A Protected command without API access.
    Protected,
    /// The same by an account manager.
    ProtectedFromManagers,
    /// A Restricted command aimed at someone else.
    NotOwn,
    /// The same by an account manager.
    NotManaged,
    /// A Restricted command that only account managers may use.
    ManagersOnly,
    /// A Restricted command that account managers may not use.
    NoManagers,
    /// A command of provider level.
    Provider,
    /// A command of the server.
    Server,
}

impl Class {
    /// The name in the table of commands.
    pub fn name(self) -> &'static str {
        match self {
            Class::Public => "Public",
            Class::Unrestricted => "Unrestricted",
            Class::Restricted(_) => "Restricted",
            Class::Protected | Class::Provider | Class::Server => "Protected",
        }
    }

    /// What joins a caller without API access to the one whom the command is about.
    pub fn ties(self) -> &'static [Tie] {
        match self {
            Class::Restricted(ties) => ties,
            _ => &[],
        }
    }

    /// The level beyond API access that it needs.
    pub fn level(self) -> Option<&'static str> {
        match self {
            Class::Provider => Some("provider"),
            Class::Server => Some("server"),
            _ => None,
        }
    }

    /// The rule in one sentence, for the table of commands.
    pub fn rule(self) -> String {
        let text = match self {
            Class::Public => "anyone, at the JSON endpoint also without a credential",
            Class::Unrestricted => "any caller with a credential",
            Class::Restricted(ties) => {
                let who: Vec<&str> = ties.iter().map(|tie| tie.who()).collect();
                return format!("{}; callers with API access for anyone of their provider", who.join(", "));
            }
            Class::Protected => "callers with API access",
            Class::Provider => "services of the provider, people with API-ACCESS and EDIT-PROVIDER",
            Class::Server => "services of the default provider, people with API-ACCESS and SUPER-USER",
        };
        text.to_owned()
    }

    /// Judges a caller.
    pub fn judge(self, caller: Standing<'_>) -> Result<(), Reason> {
        let least = match self {
            Class::Public => Power::Nobody,
            Class::Unrestricted => Power::Own,
            Class::Restricted(ties) if caller.ties.iter().any(|tie| ties.contains(tie)) => Power::Own,
            Class::Restricted(_) | Class::Protected => Power::Full,
            Class::Provider => Power::Provider,
            Class::Server => Power::Server,
        };
        if caller.power >= least {
            return Ok(());
        }
        Err(match self {
            _ if caller.power == Power::Nobody => Reason::NoCredential,
            Class::Restricted(ties) => off_target(ties, caller.manager),
            Class::Server => Reason::Server,
            Class::Provider => Reason::Provider,
            _ if caller.manager => Reason::ProtectedFromManagers,
            _ => Reason::Protected,
        })
    }
}

/// Why none of the ties holds: it may be the wrong kind of caller, or the wrong one of the right kind.
fn off_target(ties: &[Tie], manager: bool) -> Reason {
    let own = ties.iter().any(|tie| matches!(tie, Tie::Own | Tie::Member));
    let managers = ties.iter().any(|tie| matches!(tie, Tie::HisManager | Tie::Manager | Tie::AnyManager));
    match (manager, own, managers) {
        (true, _, true) => Reason::NotManaged,
        (true, _, false) => Reason::NoManagers,
        (false, false, true) => Reason::ManagersOnly,
        (false, ..) => Reason::NotOwn,
    }
}

impl Reason {
    /// What the caller is told: what is missing, and who can grant it.
    pub fn text(self, command: &str, default_provider: &str) -> String {
        const GRANT: &str = "a caller of provider level can grant the right API-ACCESS";
        match self {
            Reason::NoCredential => format!("Access denied: {command} needs a credential"),
            Reason::Protected => format!("Access denied: {command} is a protected command; {GRANT}"),
            Reason::ProtectedFromManagers => {
                format!("Access denied: {command} is a protected command, also for account managers; {GRANT}")
            }
            Reason::NotOwn => {
                format!("Access denied: {command} shows and changes your own data only; {GRANT}")
            }
            Reason::NotManaged => {
                format!("Access denied: {command} is for the members of accounts that you manage; {GRANT}")
            }
            Reason::ManagersOnly => {
                format!("Access denied: {command} is for the managers of the account or group; {GRANT}")
            }
            Reason::NoManagers => {
                format!("Access denied: {command} is for the user alone, not for account managers; {GRANT}")
            }
            Reason::Provider => format!(
                "Access denied: {command} is for services of the provider and for people with the rights \
                 API-ACCESS and EDIT-PROVIDER, which a caller of provider level can grant"
            ),
            Reason::Server => format!(
                "Access denied: {command} is for services of the default provider {default_provider} and for \
                 people with the rights API-ACCESS and SUPER-USER, which its services can grant"
            ),
        }
    }
}
