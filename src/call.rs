//! One call: who asks, when, for which provider, and where its chance comes from.
//!
//! A command gets everything it may know through [`Call`] and the transaction. Neither the machine's
//! clock nor its random source can be reached otherwise, so a test can hold both still and a job that
//! has to run twice draws the same key twice.

mod caller;
mod program;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use hmac::Mac;

use crate::access::Class;
use crate::command::Entry;
use crate::domain::time::Time;
use crate::snapshot::{Provider, Snapshot};
use crate::store::Vault;
use crate::store::vault::hmac;
pub use caller::{ActingSite, Caller, Key, Person, Session};
pub use program::{Fault, Health, Planned, Preview, Program};

/// Where chance comes from: the operating system, or a test's counter.
pub trait Chance: Send + Sync {
    /// Thirty-two bytes that nobody can guess.
    fn seed(&self) -> [u8; 32];
}

/// The operating system's random source.
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the one place that asks the system; \
        without its random source no key may be made"
    )]
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system has no random source");
        seed
    }
}

/// What a call says about where it comes from `[D]`; it decides about mails (`commands.md` §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Origin {
    /// A service's own doing.
    ApiCall,
    /// A person at a portal.
    LoginPortal,
    /// A person at the admin console.
    AdminConsole,
    /// A client program.
    ClientCall,
    /// An import of users.
    UserImport,
}

impl Origin {
    const ALL: [(Origin, &'static str); 5] = [
        (Origin::ApiCall, "API-CALL"),
        (Origin::LoginPortal, "LOGIN-PORTAL"),
        (Origin::AdminConsole, "ADMIN-CONSOLE"),
        (Origin::ClientCall, "CLIENT-CALL"),
        (Origin::UserImport, "USER-IMPORT"),
    ];

    /// Reads the protocol's word.
    pub fn parse(text: &str) -> Option<Origin> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(origin, _)| *origin)
    }

    /// The protocol's word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(origin, _)| *origin == self).map_or("", |(_, name)| name)
    }
}

/// Sixteen hex digits that name one request in reply, log and audit row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// From a number that is not given twice.
    pub fn new(number: u64) -> RequestId {
        let mut digits = [0; 16];
        // Sixteen digits for eight bytes always fit.
        let _ = hex::encode_to_slice(number.to_be_bytes(), &mut digits);
        RequestId(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Everything a command may know besides its own fields and the store.
#[derive(Clone)]
pub struct Call {
    /// When the call began.
    pub now: Time,
    /// The state of providers, services and settings with which it began.
    pub snapshot: Arc<Snapshot>,
    /// Who calls.
    pub caller: Caller,
    /// The command.
    pub entry: &'static Entry,
    /// Who may call it with these fields.
    pub class: Class,
    /// The authorised provider (`protocol.md` §2.7).
    pub provider: Arc<Provider>,
    /// What the caller says about where the call comes from.
    pub origin: Origin,
    /// Whether a mail may be sent, where the caller decides it.
    pub send_mail: Option<bool>,
    /// The person's address, where the service tells it.
    pub client_ip: Option<IpAddr>,
    /// Names the request.
    pub request_id: RequestId,
    /// Seals and opens.
    pub vault: Arc<Vault>,
    /// The program itself, for the commands that show how it is.
    pub program: Arc<dyn Program>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) seed: OnceLock<[u8; 32]>,
}

impl Call {
    /// Thirty-two random bytes for one purpose: the same again if the call runs again.
    pub fn random(&self, label: &str) -> [u8; 32] {
        let seed = self.seed.get_or_init(|| self.chance.seed());
        let mut mac = hmac(seed);
        mac.update(label.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Sixteen of them, for a password's salt.
    pub fn random16(&self, label: &str) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.random(label)[..16]);
        bytes
    }

    /// Whether the caller may act for that provider: the authorised one, or one that its own may act for.
    pub fn reaches(&self, provider: i64) -> bool {
        let other = || self.snapshot.provider_by_id(provider);
        match &self.caller {
            Caller::Operator | Caller::Task(_) => true,
            _ if provider == self.provider.id => true,
            Caller::Service(service) => {
                other().is_some_and(|other| self.snapshot.may_act_for(&service.provider, other))
            }
            Caller::Person(_) | Caller::Site(_) | Caller::Nobody(_) => false,
        }
    }

    /// Whether the caller is that user.
    pub fn is_own(&self, user: i64) -> bool {
        matches!(&self.caller, Caller::Person(person) if person.user == user)
    }

    /// The address of the person behind the call, as far as it is known.
    pub fn person_ip(&self) -> Option<IpAddr> {
        match &self.caller {
            Caller::Person(person) => Some(person.address),
            Caller::Nobody(address) => Some(*address),
            Caller::Service(_) | Caller::Site(_) | Caller::Operator | Caller::Task(_) => self.client_ip,
        }
    }

    /// Whether a mail is sent (`commands.md` §9); `default` is the command's own, where it has one.
    pub fn sends_mail(&self, default: Option<bool>) -> bool {
        match (self.send_mail.or(default), self.origin) {
            (Some(decided), _) => decided,
            (None, Origin::ApiCall) => self.provider.settings.send_email,
            (None, _) => true,
        }
    }

    /// The family of mail templates `[D]`.
    pub fn mail_family(&self) -> &'static str {
        if self.origin == Origin::ApiCall { "web" } else { "reg" }
    }
}
