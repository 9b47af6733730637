//! The rows of the table: what is measured, and what it is for.
//!
//! One table for the run, the output and `--help`, so that no row is measured that nobody explains.

use std::fmt::Write;
use std::net::Ipv4Addr;

use crate::requests::Ask;

/// The connections of reads.
const READS: usize = 64;
/// Registrations in one transaction of the bare loop: as many as there are connections.
const GROUP: usize = 64;

/// One row.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What is measured.
    pub about: &'static str,
    /// How.
    pub kind: Kind,
}

/// How a row is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Requests to a server that stays from round to round.
    Calls { server: Server, ask: Ask, connections: usize, from: Ipv4Addr, expected: &'static str },
    /// Registrations with a server on a database that is empty each time.
    Registrations { connections: usize },
    /// The bare loop, so many registrations in a transaction.
    Statements { group: usize },
}

impl Kind {
    /// Connections of the load.
    pub fn connections(self) -> Option<usize> {
        match self {
            Kind::Calls { connections, .. } | Kind::Registrations { connections } => Some(connections),
            Kind::Statements { .. } => None,
        }
    }

    /// Whether it is about commits.
    pub fn commits(self) -> bool {
        matches!(self, Kind::Registrations { .. } | Kind::Statements { .. })
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
    /// On 10,000 users, for logins alone, so that its memory is theirs.
    Logins,
}

const READ: &str = "<userdata><userid>";
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

const fn read(server: Server) -> Kind {
    Kind::Calls { server, ask: Ask::Read, connections: READS, from: HERE, expected: READ }
}

const fn login(connections: usize) -> Kind {
    Kind::Calls { server: Server::Logins, ask: Ask::Login, connections, from: HERE, expected: READ }
}

/// All rows, in the order in which a round measures them; the yardstick is the first.
pub const ROWS: &[Row] = &[
    Row {
        name: "yardstick",
        about: "a bare handler on the same HTTP library and settings: reads the body, sends fixed bytes with the \
                headers and the size of a reply to getuserdata; everything else is a ratio to it",
        kind: read(Server::Yardstick),
    },
    Row {
        name: "getuserdata-10k",
        about: "getuserdata of random users among 10,000",
        kind: read(Server::Few),
    },
    Row {
        name: "getuserdata-many",
        about: "getuserdata of random users among 1,000,000 (--users)",
        kind: read(Server::Many),
    },
    Row {
        name: "loginuser-8",
        about: "loginuser of a different user each time, so that every password is verified (Argon2id at the \
                product's default cost)",
        kind: login(8),
    },
    Row {
        name: "loginuser-64",
        about: "the same; its memory is taken while 64 logins wait",
        kind: login(64),
    },
    Row {
        name: "registeruser-1",
        about: "registeruser without a password on an empty database, each on the disk before it is answered",
        kind: Kind::Registrations { connections: 1 },
    },
    Row { name: "registeruser-16", about: "the same", kind: Kind::Registrations { connections: 16 } },
    Row { name: "registeruser-64", about: "the same", kind: Kind::Registrations { connections: 64 } },
    Row {
        name: "statements-grouped",
        about: "no server: the recorded statements of the same registrations on an equal database, 64 registrations \
                in a transaction",
        kind: Kind::Statements { group: GROUP },
    },
    Row {
        name: "statements-single",
        about: "the same, a transaction for each registration",
        kind: Kind::Statements { group: 1 },
    },
    Row {
        name: "refused-address",
        about: "getuserdata from an address that is no service's",
        kind: Kind::Calls {
            server: Server::Few,
            ask: Ask::Read,
            connections: READS,
            from: STRANGER,
            expected: "<exception><primarycode>-30000</primarycode>",
        },
    },
    Row {
        name: "wrong-checksum",
        about: "getuserdata signed with a wrong key",
        kind: Kind::Calls {
            server: Server::Few,
            ask: Ask::ReadUnsigned,
            connections: READS,
            from: HERE,
            expected: "<exception><primarycode>-30002</primarycode>",
        },
    },
];

/// A ratio or a size that is wanted.
pub struct Goal {
    /// The row.
    pub row: &'static str,
    /// What it is about.
    pub kind: GoalKind,
    /// The least, or the most.
    pub wanted: f64,
    /// What is wanted later.
    pub later: Option<f64>,
}

/// What a goal is about.
pub enum GoalKind {
    /// The rate as a multiple of that row's.
    Rate(&'static str),
    /// MiB of own memory.
    Memory,
}

/// All goals.
pub const GOALS: &[Goal] = &[
    Goal { row: "getuserdata-10k", kind: GoalKind::Rate("yardstick"), wanted: 0.42, later: Some(0.50) },
    Goal { row: "getuserdata-many", kind: GoalKind::Rate("yardstick"), wanted: 0.30, later: None },
    Goal { row: "registeruser-64", kind: GoalKind::Rate("statements-grouped"), wanted: 0.5, later: None },
    Goal { row: "registeruser-64", kind: GoalKind::Rate("statements-single"), wanted: 2.0, later: None },
    Goal { row: "loginuser-64", kind: GoalKind::Memory, wanted: 64.0, later: None },
];

/// Every row with its explanation, for `--help`.
pub fn explained() -> String {
    let mut text = String::from("Rows:\n");
    for row in ROWS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}: {}", row.name, row.about);
    }
    text.push_str(
        "\nColumns: connections and users; replies per second; middle and 99th percentile of their time; processor \
         time of the server for each; its own memory (RssAnon; the mapped database does not count); rate and \
         processor time in proportion to the yardstick, 1 being as good as it; registrations in one commit; the \
         share of its core that the server used (far below 100 where it waits for no disk, something else used the \
         core, and the ratio of processor times says more than that of rates); the share of the time in which the \
         load program had something to do (near 100 it would be what is measured). All \
         figures are medians over the rounds, ratios those of the ratios inside each round.",
    );
    text
}
