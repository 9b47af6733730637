//! By whom a licence or a depot is used, in the words of the refusal: that it is in use by somebody sends people
//! searching, a name says where to go.

use super::backend::{Params, Tx};
use super::depots::Depot;
use crate::error::{Code, Error, Result};

/// The most names of a kind; there is one more row in each answer, to know whether there are more.
const NAMED: usize = 3;

impl Tx<'_> {
    /// -30137 where anybody but that user uses a licence, in whatever way.
    pub fn license_is_free(&self, license: i64, but: Option<i64>) -> Result<()> {
        let users = "SELECT users.username FROM license_uses JOIN users ON users.id = license_uses.userid
                     WHERE license_uses.licenseid = $1 AND license_uses.userid IS NOT $2
                     ORDER BY license_uses.userid LIMIT 4";
        let depots = "SELECT CAST(id AS TEXT) FROM depots WHERE licenseid = $1 AND ownerid IS NOT $2
                      ORDER BY id LIMIT 4";
        let groups = "SELECT name FROM groups WHERE licenseid = $1 ORDER BY id LIMIT 4";
        let accounts = "SELECT accountkey FROM accounts WHERE licenseid = $1 ORDER BY id LIMIT 4";
        let by = [
            self.names("user", users, &[&license, &but])?,
            self.names("depot", depots, &[&license, &but])?,
            self.names("group", groups, &[&license])?,
            self.names("account", accounts, &[&license])?,
        ];
        let key = self.license(license)?.map_or_else(String::new, |license| license.key);
        free(&format!("license {key}"), &by)
    }

    /// -30137 where anybody but its owner uses a depot; a group or an account that has it does.
    pub fn depot_is_free(&self, depot: &Depot) -> Result<()> {
        let users = "SELECT users.username FROM depot_users JOIN users ON users.id = depot_users.userid
                     WHERE depot_users.depotid = $1 AND depot_users.userid IS NOT $2
                     ORDER BY depot_users.userid LIMIT 4";
        let groups = "SELECT name FROM groups WHERE depotid = $1 ORDER BY id LIMIT 4";
        let accounts = "SELECT accountkey FROM accounts WHERE depotid = $1 ORDER BY id LIMIT 4";
        let by = [
            self.names("user", users, &[&depot.id, &depot.owner])?,
            self.names("group", groups, &[&depot.id])?,
            self.names("account", accounts, &[&depot.id])?,
        ];
        free(&format!("depot {}", depot.id), &by)
    }

    /// `users alice, bob, carol and more`; empty where there are none.
    fn names(&self, what: &str, sql: &'static str, values: Params<'_>) -> Result<String> {
        let mut names = self.all(sql, values, |row| row.get::<_, String>(0))?;
        let more = names.len() > NAMED;
        names.truncate(NAMED);
        Ok(match (&names[..], more) {
            ([], _) => String::new(),
            ([name], _) => format!("the {what} {name}"),
            (names, more) => {
                format!("the {what}s {}{}", names.join(", "), if more { " and more" } else { "" })
            }
        })
    }
}

fn free(what: &str, by: &[String]) -> Result<()> {
    let by: Vec<&str> = by.iter().map(String::as_str).filter(|by| !by.is_empty()).collect();
    match by.is_empty() {
        true => Ok(()),
        false => Err(in_use(what, &by.join("; "))),
    }
}

fn in_use(what: &str, by: &str) -> Error {
    Code::StillInUse.say(format!("Still in use: the {what} is used by {by}"))
}
