//! One call: who asks, when, for which provider, and where its chance comes from.
//!
//! A command gets everything it may know through [`Call`] and the transaction. Neither the machine's
//! clock nor its random source can be reached otherwise, so a test can hold both still and a job that
//! has to run twice draws the same key twice.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use hmac::Mac;

use crate::access::{Class, Power, Scope};
use crate::command::Entry;
use crate::domain::rights::{Right, Rights};
use crate::domain::time::Time;
use crate::snapshot::{Provider, Service, Snapshot};
use crate::store::Vault;
use crate::store::api_log::ApiLog;
use crate::store::vault::hmac;

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

/// What the program tells of itself.
pub trait Program: Send + Sync {
    /// The API log.
    fn log(&self) -> &ApiLog;
    /// How it is.
    fn health(&self) -> Health;
}

/// How the program is.
#[derive(Debug, Clone)]
pub struct Health {
    /// When it was started.
    pub started: Time,
    /// Whether the last change could be written.
    pub writable: bool,
    /// Changes that wait for the writer.
    pub changes_waiting: usize,
    /// Passwords that wait for a hash thread.
    pub hashes_waiting: usize,
    /// Calls that wait for the API log.
    pub log_waiting: usize,
    /// Calls that the API log has lost since the start.
    pub log_dropped: u64,
    /// Bytes in the database's write-ahead log.
    pub wal: u64,
}

/// Who calls.
#[derive(Clone)]
pub enum Caller {
    /// A registered service, with its provider's power.
    Service(Arc<Service>),
    /// A user by an API key or a session, with what is the user's own and the rights that were granted.
    Person(Arc<Person>),
    /// The operator at this machine's command line, who can read the master key and so may do everything.
    Operator,
    /// Somebody at that address who shows no credential.
    Nobody(IpAddr),
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// A user who is proved by an API key or a session.
#[derive(Debug)]
pub struct Person {
    /// The user's row.
    pub user: i64,
    /// The user's name.
    pub username: String,
    /// The user's provider.
    pub provider: Arc<Provider>,
    /// The rights that the user was granted.
    pub rights: Rights,
    /// The key that proved the user, or with which the session was opened.
    pub key: Option<Key>,
    /// The session that proved the user.
    pub session: Option<Session>,
    /// The service that opened the session.
    pub service: Option<Arc<Service>>,
    /// From where the person calls.
    pub address: IpAddr,
}

/// A session as it proves a person.
#[derive(Debug)]
pub struct Session {
    /// Its row.
    pub id: i64,
    /// The SHA-256 of its token.
    pub hash: [u8; 32],
}

/// An API key as it proves a person.
#[derive(Debug)]
pub struct Key {
    /// Its row.
    pub id: i64,
    /// Its public half.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
}

impl Person {
    /// How far the user's rights reach: the greater ones are nothing without API-ACCESS.
    pub fn power(&self) -> Power {
        match self.rights {
            rights if !rights.has(Right::ApiAccess) => Power::Own,
            rights if rights.has(Right::SuperUser) => Power::Server,
            rights if rights.has(Right::EditProvider) => Power::Provider,
            _ => Power::Full,
        }
    }

    /// Whether the user's own password proved the person, and not a program that acts for the user.
    pub fn by_password(&self) -> bool {
        self.key.is_none() && self.service.is_none()
    }

    /// How the person was proved, for log and audit.
    fn proof(&self) -> String {
        let by = match (&self.key, &self.service) {
            (Some(key), _) => format!(" by key {}", key.name),
            (_, Some(service)) => format!(" by service {}", service.name),
            _ => String::new(),
        };
        match &self.session {
            Some(session) => format!("session {}{by}", session.id),
            None => by.trim_start().to_owned(),
        }
    }
}

impl Caller {
    /// For log and audit: `service:shop`.
    pub fn name(&self) -> String {
        match self {
            Caller::Service(service) => format!("service:{}", service.name),
            Caller::Person(person) => format!("user:{} ({})", person.username, person.proof()),
            Caller::Operator => "command line".to_owned(),
            Caller::Nobody(_) => "nobody".to_owned(),
        }
    }

    /// Who it is to the idempotency keys, however proved this time.
    pub fn identity(&self) -> String {
        match self {
            Caller::Person(person) => format!("user:{}", person.user),
            caller => caller.name(),
        }
    }

    /// Whether it is a registered service, or the operator: callers who are told the documented codes
    /// (`access.md` §4).
    pub fn is_trusted(&self) -> bool {
        matches!(self, Caller::Service(_) | Caller::Operator)
    }
}

/// What a call says about where it comes from `[D]`; it decides about mails (`commands.md` §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            Caller::Operator => true,
            _ if provider == self.provider.id => true,
            Caller::Service(service) => {
                other().is_some_and(|other| self.snapshot.may_act_for(&service.provider, other))
            }
            Caller::Person(_) | Caller::Nobody(_) => false,
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
            Caller::Service(_) | Caller::Operator => self.client_ip,
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
