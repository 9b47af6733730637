//! Who calls: a service, a person by a key or a session, the operator, nobody (`access.md` §1).

use std::net::IpAddr;
use std::sync::Arc;

use crate::access::{Power, Scope};
use crate::domain::rights::{Right, Rights};
use crate::domain::tasks::Task;
use crate::snapshot::{Provider, Service, Site};

/// What the name of a task begins with as a caller.
const TASK: &str = "task:";

/// Who calls.
#[derive(Clone)]
pub enum Caller {
    /// A registered service, with its provider's power.
    Service(Arc<Service>),
    /// A user by an API key or a session, with what is the user's own and the rights that were granted.
    Person(Arc<Person>),
    /// A site that acts for nobody yet: it may register its users.
    Site(Arc<Site>),
    /// The operator at this machine's command line, who can read the master key and so may do everything.
    Operator,
    /// The program itself, by one of its tasks.
    Task(Task),
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
    /// The site that acts for the user, or that opened the session.
    pub site: Option<ActingSite>,
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

/// A site that acts for a user.
#[derive(Debug, Clone)]
pub struct ActingSite {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is the user's home.
    pub home: bool,
    /// The row of the secret that signed; none where a job goes on without one.
    pub key: Option<i64>,
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
        self.key.is_none() && self.service.is_none() && self.site.is_none()
    }

    /// How the person was proved, for log and audit.
    fn proof(&self) -> String {
        let by = match (&self.key, &self.service, &self.site) {
            (Some(key), ..) => format!(" by key {}", key.name),
            (_, Some(service), _) => format!(" by service {}", service.name),
            (.., Some(site)) => format!(" by site {}", site.name),
            _ => String::new(),
        };
        match &self.session {
            Some(session) => format!("session {}{by}", session.id),
            None => by.trim_start().to_owned(),
        }
    }
}

impl Caller {
    /// Who works at this machine or the program itself, by the name in a log.
    pub fn of_the_program(name: &str) -> Caller {
        name.strip_prefix(TASK).and_then(Task::named).map_or(Caller::Operator, Caller::Task)
    }

    /// For log and audit: `service:shop`.
    pub fn name(&self) -> String {
        match self {
            Caller::Service(service) => format!("service:{}", service.name),
            Caller::Person(person) => format!("user:{} ({})", person.username, person.proof()),
            Caller::Site(site) => format!("site:{}", site.name),
            Caller::Operator => "command line".to_owned(),
            Caller::Task(task) => format!("{TASK}{}", task.name()),
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

    /// The site through which the call comes.
    pub fn site(&self) -> Option<i64> {
        match self {
            Caller::Site(site) => Some(site.id),
            Caller::Person(person) => person.site.as_ref().map(|site| site.id),
            Caller::Service(_) | Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => None,
        }
    }

    /// Whether it is a registered service, or the operator: callers who are told the documented codes
    /// (`access.md` §4).
    pub fn is_trusted(&self) -> bool {
        matches!(self, Caller::Service(_) | Caller::Operator | Caller::Task(_))
    }
}
