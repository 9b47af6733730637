//! Pages of the lists that are no users: licences, groups, the audit log.
//!
//! Each request asks for another page, from anywhere in the list, by something that the list can be searched by; in
//! equal parts what an index leads to and what has to be looked for row by row.

use std::io::Write;

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `searchlicense`
    Licenses,
    /// `searchgroup`
    Groups,
    /// `searchaudit`
    Audit,
}

/// The command of which the log has a row for every so many users; of the others it has registrations.
pub const RARE: (&str, u64) = ("setdepartment", 1_000);

impl List {
    /// The command that shows it.
    pub fn command(self) -> &'static str {
        match self {
            List::Licenses => "searchlicense",
            List::Groups => "searchgroup",
            List::Audit => "searchaudit",
        }
    }
}

/// Writes the fields of a search; there are so many rows, and one of them is about the user of this name.
pub fn write(
    to: &mut Vec<u8>,
    list: List,
    rows: u64,
    name: &str,
    random: &mut dyn FnMut() -> u64,
) -> std::io::Result<()> {
    let (kind, row, digits) = (random() % 4, 1 + random() % rows.max(1), random());
    let part = &name[(digits % 5) as usize..][..3];
    match (list, kind) {
        (List::Licenses, 0) => write!(to, "<startkey>DEMO-{:04}</startkey>", digits % 10_000),
        (List::Licenses, 1) => write!(to, "<licensekey>DEMO-{:03}*</licensekey>", digits % 1_000),
        (List::Licenses, 2) => write!(to, "<licensekey>*{:04}*</licensekey>", digits % 10_000),
        (List::Licenses, _) => write!(to, "<holder>{name}</holder>"),
        (List::Groups, 0) => write!(to, "<startid>{row}</startid>"),
        (List::Groups, 1) => write!(to, "<groupname>{part}*</groupname><startid>{row}</startid>"),
        (List::Groups, 2) => write!(to, "<groupname>*{part}*</groupname><startid>{row}</startid>"),
        (List::Groups, _) => write!(to, "<groupname>{name}</groupname>"),
        (List::Audit, 0) => write!(to, "<beforeid>{row}</beforeid>"),
        (List::Audit, 1) => {
            write!(to, "<commandname>registeruser</commandname><beforeid>{row}</beforeid>")
        }
        (List::Audit, 2) => write!(to, "<commandname>{}</commandname><beforeid>{row}</beforeid>", RARE.0),
        (List::Audit, _) => write!(to, "<username>{name}</username>"),
    }
}
