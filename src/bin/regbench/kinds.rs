//! How a row of the table is measured.

use crate::requests::Ask;

/// How a row is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Requests to a server that stays from round to round.
    Calls(Calls),
    /// Registrations with a server on a database that is empty each time.
    Registrations { connections: usize, mails: Mails },
    /// Mails that wait, sent by a server that starts with them.
    Mails,
    /// Refused calls of every kind, for what they leave in the logs.
    Flood,
    /// The bare loop, so many registrations in a transaction.
    Statements { group: usize },
    /// The password hash alone, on the server's core.
    Hashes,
    /// Failures fed to the counters.
    Failures,
    /// An import on a database that is empty each time.
    Import { passwords: bool },
    /// Starts of a server until its first answer, on that server's database.
    Starts(Server),
}

/// What becomes of the mails of registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mails {
    /// There are none: the reply has the code.
    None,
    /// They stay in the outbox.
    Wait,
    /// They leave.
    Leave,
}

/// Requests to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Which server.
    pub server: Server,
    /// What is asked.
    pub ask: Ask,
    /// Over how many connections.
    pub connections: usize,
    /// What goes on beside it, unmeasured, and over how many connections.
    pub beside: Option<(Ask, usize)>,
    /// Requests a second of an open loop.
    pub pace: Option<u32>,
    /// Over TLS.
    pub encrypted: bool,
}

impl Kind {
    /// Connections of the load.
    pub fn connections(self) -> Option<usize> {
        match self {
            Kind::Calls(Calls { connections, .. }) | Kind::Registrations { connections, .. } => {
                Some(connections)
            }
            Kind::Mails => Some(1),
            Kind::Statements { .. }
            | Kind::Hashes
            | Kind::Failures
            | Kind::Flood
            | Kind::Import { .. }
            | Kind::Starts(_) => None,
        }
    }

    /// The server whose database it is about.
    pub fn server(self) -> Option<Server> {
        match self {
            Kind::Calls(Calls { server, .. }) | Kind::Starts(server) => Some(server),
            Kind::Registrations { .. }
            | Kind::Statements { .. }
            | Kind::Hashes
            | Kind::Failures
            | Kind::Mails
            | Kind::Flood
            | Kind::Import { .. } => None,
        }
    }

    /// Whether it is about commits.
    pub fn commits(self) -> bool {
        let changes = |calls: &Calls| matches!(calls.ask, Ask::Register | Ask::Assign);
        match &self {
            Kind::Registrations { .. } | Kind::Statements { .. } | Kind::Mails => true,
            Kind::Calls(calls) => changes(calls),
            Kind::Hashes | Kind::Failures | Kind::Flood | Kind::Import { .. } | Kind::Starts(_) => false,
        }
    }
}

/// The servers that stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Fixed bytes.
    Yardstick,
    /// On 10,000 users.
    Few,
    /// On as many as asked for.
    Many,
    /// The same, asked by the provider that has a thousandth of them.
    Small,
    /// On 10,000 users, for logins alone, so that its memory is theirs.
    Logins,
    /// On 10,000 users, for reads and changes.
    Mixed,
    /// On 10,000 users, for assignments alone, so that each of them is a change.
    Assigned,
    /// On 10,000 users, without counts and without an API log.
    Uncounted,
    /// On none.
    Empty,
}
