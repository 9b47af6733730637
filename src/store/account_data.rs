//! What belongs to a company account: its members page by page, its managers, its groups.

use super::accounts::Account;
use super::backend::{Row, Tx};
use super::search::COUNTED;
use crate::domain::user::Status;
use crate::error::Result;

/// A member as it is listed.
pub struct Member {
    /// The user.
    pub id: i64,
    /// The user's name.
    pub username: String,
    /// The registration address.
    pub email: String,
    /// The user's state.
    pub status: Status,
}

/// A manager as it is listed.
pub struct Manager {
    /// The user.
    pub id: i64,
    /// The user's name.
    pub username: String,
    /// Whether the user is a member, too.
    pub member: bool,
}

impl Tx<'_> {
    /// The key of the account of that number.
    pub fn account_key(&self, account: i64) -> Result<Option<String>> {
        self.one("SELECT accountkey FROM accounts WHERE id = $1", &[&account], |row| row.get(0))
    }

    /// Whether a user belongs to a company account.
    pub fn in_account(&self, user: i64) -> Result<bool> {
        self.any("SELECT 1 FROM users WHERE id = $1 AND accountid IS NOT NULL", &[&user])
    }

    /// The members of the account behind that one, so many at most.
    pub fn account_members(&self, account: &Account, after: i64, most: i64) -> Result<Vec<Member>> {
        let sql = "SELECT id, username, email, status FROM users WHERE accountid = $1 AND id > $2
                   ORDER BY id LIMIT $3";
        self.all(sql, &[&account.id, &after, &most], |row: &Row<'_>| {
            let status = row.get_ref(3)?.as_str().ok().and_then(Status::parse);
            Ok(Member {
                id: row.get(0)?,
                username: row.get(1)?,
                email: row.get(2)?,
                status: status.unwrap_or(Status::Disabled),
            })
        })
    }

    /// All managers of the account.
    pub fn account_managers(&self, account: &Account) -> Result<Vec<Manager>> {
        let sql = "SELECT users.id, users.username, users.accountid FROM account_managers
                   JOIN users ON users.id = account_managers.userid
                   WHERE account_managers.accountid = $1 ORDER BY account_managers.userid";
        self.all(sql, &[&account.id], |row| {
            let member = row.get::<_, Option<i64>>(2)? == Some(account.id);
            Ok(Manager { id: row.get(0)?, username: row.get(1)?, member })
        })
    }

    /// The groups whose manager belongs to the account or manages it, one more than are counted at most.
    pub fn account_groups(&self, account: &Account) -> Result<Vec<i64>> {
        let sql = "SELECT groups.id FROM users CROSS JOIN groups
                   WHERE users.accountid = $1 AND groups.managerid = users.id
                   UNION
                   SELECT groups.id FROM account_managers CROSS JOIN groups
                   WHERE account_managers.accountid = $1 AND groups.managerid = account_managers.userid
                   ORDER BY 1 LIMIT $2";
        self.all(sql, &[&account.id, &(COUNTED + 1)], |row| row.get(0))
    }

    /// Whether that user is a member of the account.
    pub fn belongs(&self, user: i64, account: &Account) -> Result<bool> {
        self.any("SELECT 1 FROM users WHERE id = $1 AND accountid = $2", &[&user, &account.id])
    }
}
