//! The rows of the table: what is measured, and what it is for.
//!
//! One table for the run, the output and `--help`, so that no row is measured that nobody explains.

use std::fmt::Write;

use crate::kinds::{Calls, Kind, Mails, Server};
use crate::pages::List;
use crate::patterns::Shape;
use crate::requests::Ask;

/// The connections of reads.
const READS: usize = 64;
/// Logins under way beside reads.
const LOGINS: usize = 8;
/// Requests a second of the open loop.
const PACE: u32 = 10_000;
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

const fn calls(server: Server, ask: Ask, connections: usize) -> Calls {
    Calls { server, ask, connections, beside: None, pace: None, encrypted: false }
}

const fn read(server: Server) -> Kind {
    Kind::Calls(calls(server, Ask::Read, READS))
}

const fn register(connections: usize, mails: Mails) -> Kind {
    Kind::Registrations { connections, mails }
}

const fn paced(server: Server) -> Kind {
    Kind::Calls(Calls { pace: Some(PACE), ..calls(server, Ask::Read, READS) })
}

const fn login(connections: usize) -> Kind {
    Kind::Calls(calls(Server::Logins, Ask::Login, connections))
}

const fn search(name: &'static str, server: Server, shape: Shape, about: &'static str) -> Row {
    Row { name, about, kind: Kind::Calls(calls(server, Ask::Search(shape), 1)) }
}

const fn page(name: &'static str, list: List, about: &'static str) -> Row {
    Row { name, about, kind: Kind::Calls(calls(Server::Many, Ask::Page(list), 1)) }
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
        name: "getuserdata-uncounted",
        about: "the same by a server that keeps no API log and counts no calls for /metrics, to see what those cost",
        kind: read(Server::Uncounted),
    },
    Row {
        name: "getuserdata-many",
        about: "getuserdata of random users among 1,000,000 (--users)",
        kind: read(Server::Many),
    },
    Row {
        name: "getuserdata-key",
        about: "getuserdata-10k by an API key with HTTP Basic, in place of a checksum",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadByKey, READS)),
    },
    Row {
        name: "getuserdata-signed",
        about: "the same by a key that signs, through a proxy that says https",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadSigned, READS)),
    },
    Row {
        name: "getuserdata-session",
        about: "the same by a session",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadBySession, READS)),
    },
    Row {
        name: "getuserdata-tls",
        about: "getuserdata-10k over TLS 1.3, with connections that are kept",
        kind: Kind::Calls(Calls { encrypted: true, ..calls(Server::Few, Ask::Read, READS) }),
    },
    Row {
        name: "getlicensedata-10k",
        about: "getlicensedata of random users among 10,000, who have one licence each",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadLicenses, READS)),
    },
    Row {
        name: "getdefaultdepotdata-10k",
        about: "getdefaultdepotdata of random users among 10,000, who have one depot each",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadDepots, READS)),
    },
    Row {
        name: "paced-yardstick",
        about: "the yardstick at 10,000 requests a second, whatever it does; times count from when a request was due",
        kind: paced(Server::Yardstick),
    },
    Row { name: "paced-10k", about: "getuserdata among 10,000 at the same pace", kind: paced(Server::Few) },
    Row {
        name: "mixed",
        about: "nine getuserdata among 10,000 to one registeruser, each on the disk before it is answered",
        kind: Kind::Calls(calls(Server::Mixed, Ask::Mixed, READS)),
    },
    Row {
        name: "argon2id",
        about: "no server: one thread that verifies passwords, Argon2id at the product's default cost in memory that \
                it keeps",
        kind: Kind::Hashes,
    },
    Row {
        name: "loginuser-8",
        about: "loginuser of a different user each time, so that every password is verified",
        kind: login(8),
    },
    Row {
        name: "loginuser-64",
        about: "the same; its memory is taken while 64 logins wait",
        kind: login(64),
    },
    Row {
        name: "loginuser-warm",
        about: "loginuser of 16 users again and again, whose passwords were verified a moment ago",
        kind: Kind::Calls(calls(Server::Few, Ask::LoginAgain, READS)),
    },
    Row {
        name: "reads-by-logins",
        about: "getuserdata among 10,000 while 8 such logins are under way all the time; only the reads are counted",
        kind: Kind::Calls(Calls {
            beside: Some((Ask::Login, LOGINS)),
            ..calls(Server::Logins, Ask::Read, READS)
        }),
    },
    search(
        "search-exact-10k",
        Server::Few,
        Shape::Exact,
        "searchuser for a whole name or address, one connection, 10,000 users",
    ),
    search("search-exact-many", Server::Many, Shape::Exact, "the same among 1,000,000"),
    search(
        "search-exact-small",
        Server::Small,
        Shape::Exact,
        "the same for a provider that has 1,000 more beside those",
    ),
    search("search-one-10k", Server::Few, Shape::One, "a whole name as a part, so one hit"),
    search("search-one-many", Server::Many, Shape::One, "the same among 1,000,000"),
    search("search-all-10k", Server::Few, Shape::All, "*@example.com: everybody, a full page of 50"),
    search("search-all-many", Server::Many, Shape::All, "the same among 1,000,000"),
    search("search-all-small", Server::Small, Shape::All, "the same for the small provider"),
    search(
        "search-prefix-10k",
        Server::Few,
        Shape::Prefix,
        "how a name or an address begins, 3 to 8 letters",
    ),
    search("search-prefix-many", Server::Many, Shape::Prefix, "the same among 1,000,000"),
    search("search-prefix-small", Server::Small, Shape::Prefix, "the same for the small provider"),
    search("search-infix-10k", Server::Few, Shape::Infix, "any 3 to 8 letters inside"),
    search("search-infix-many", Server::Many, Shape::Infix, "the same among 1,000,000"),
    search("search-infix-small", Server::Small, Shape::Infix, "the same for the small provider"),
    search("search-suffix-10k", Server::Few, Shape::Suffix, "how a name ends, 3 to 8 letters"),
    search("search-suffix-many", Server::Many, Shape::Suffix, "the same among 1,000,000"),
    search("search-suffix-small", Server::Small, Shape::Suffix, "the same for the small provider"),
    page(
        "searchlicense-many",
        List::Licenses,
        "pages of 1,000,000 licences: from anywhere, by how a key begins, by a part of it, by holder",
    ),
    page(
        "searchgroup-many",
        List::Groups,
        "pages of 1,000,000 groups: from anywhere, by name and parts of it",
    ),
    page(
        "searchaudit-many",
        List::Audit,
        "pages of 1,000,000 changes in the audit log: from anywhere, by a common and a rare command, by user",
    ),
    Row {
        name: "registeruser-1",
        about: "registeruser without a password on an empty database, each on the disk before it is answered",
        kind: register(1, Mails::None),
    },
    Row { name: "registeruser-16", about: "the same", kind: register(16, Mails::None) },
    Row { name: "registeruser-64", about: "the same", kind: register(64, Mails::None) },
    Row {
        name: "registeruser-64-mail",
        about: "the same with the code in a mail, which is in the outbox before the call is answered, and stays there",
        kind: register(64, Mails::Wait),
    },
    Row {
        name: "registeruser-64-sent",
        about: "the same while the server sends these mails, on the same core",
        kind: register(64, Mails::Leave),
    },
    Row {
        name: "mails",
        about: "10,000 mails that wait are sent over one connection to a mail server of the load program, each \
                marked as sent on the disk before the next; times are those between mails; memory is what was added \
                after the first fifth, which does not count",
        kind: Kind::Mails,
    },
    Row {
        name: "assignusertolicense-64",
        about: "assignusertolicense among 10,000, each time another licence, each on the disk before it is answered",
        kind: Kind::Calls(calls(Server::Assigned, Ask::Assign, READS)),
    },
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
        name: "import",
        about: "no server: an import of as many users as a row registers, without passwords, \
                into an empty database, from the first piece of the file to the end of the job",
        kind: Kind::Import { passwords: false },
    },
    Row {
        name: "import-passwords",
        about: "the same with passwords, so many that it takes about as long as the other rows",
        kind: Kind::Import { passwords: true },
    },
    Row {
        name: "failures",
        about: "no server: wrong passwords (--failures), each from an address of its own, counted as the server does; \
                memory is what was added",
        kind: Kind::Failures,
    },
    Row {
        name: "refused-address",
        about: "getuserdata from an address that is no service's",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadStrange, READS)),
    },
    Row {
        name: "wrong-checksum",
        about: "getuserdata signed with a wrong key",
        kind: Kind::Calls(calls(Server::Few, Ask::ReadUnsigned, READS)),
    },
    Row {
        name: "refused-flood",
        about: "such calls from 1,500 addresses, wrong checksums and unknown users, as fast as they are refused, for \
                what they leave in the API log and the text log for each minute",
        kind: Kind::Flood,
    },
    Row {
        name: "start-empty",
        about: "from the start of the process to its first answer, no users; memory is its own after that answer",
        kind: Kind::Starts(Server::Empty),
    },
    Row { name: "start-many", about: "the same with 1,000,000 users", kind: Kind::Starts(Server::Many) },
    Row {
        name: "registeruser-many",
        about: "registeruser over 64 connections where 1,000,000 users are",
        kind: Kind::Calls(calls(Server::Many, Ask::Register, READS)),
    },
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
         processor time in proportion to the yardstick, 1 being as good as it; changes in one commit; the \
         share of its core that the server used (far below 100 where it waits for no disk, something else used the \
         core, and the ratio of processor times says more than that of rates); the share of the time in which the \
         load program had something to do (near 100 it would be what is measured). All \
         figures are medians over the rounds, ratios those of the ratios inside each round.",
    );
    text
}
