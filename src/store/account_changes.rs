//! Changes of company accounts: made, renamed, removed; their managers and their depot. Members come and go in
//! [`super::accounts`], the licence in [`super::pools`].

use std::collections::HashSet;

use super::accounts::Account;
use super::audit::number;
use super::backend::{Params, Tx};
use crate::call::Call;
use crate::domain::accounts::{self, AccountCode, NUMBERS};
use crate::domain::names;
use crate::error::{Result, invalid};

/// The most managers of an account `[O]`.
pub const MOST_MANAGERS: i64 = 100;

/// How often a number is drawn before the numbers that are left are looked for.
const DRAWS: u64 = 16;

impl Tx<'_> {
    /// Adds an account without members; its key.
    pub fn add_account(&self, call: &Call, name: &str, code: &AccountCode) -> Result<String> {
        let key = self.new_account_key(call, code)?;
        let sql = "INSERT INTO accounts (providerid, accountkey, name, name_key, members, licenseid, depotid, created)
                   VALUES ($1, $2, $3, $4, 0, NULL, NULL, $5) RETURNING id";
        let name = names::composed(name);
        let values: Params<'_> = &[&call.provider.id, &key, &name, &names::key(&name), &call.now.0];
        self.insert(sql, values)?;
        self.differs("accountkey", "", key.as_str());
        self.differs("accountname", "", &*name);
        Ok(key)
    }

    /// A key that was never given before; -30002 where the code has no number left.
    fn new_account_key(&self, call: &Call, code: &AccountCode) -> Result<String> {
        let provider = &call.provider.code;
        let mut drawn = 0;
        for draw in 0..DRAWS {
            drawn = accounts::number(&call.random(&format!("account key {draw}")));
            let key = code.key(provider, drawn);
            if self.give_key(&key)? {
                return Ok(key);
            }
        }
        let sql = "SELECT accountkey FROM account_keys WHERE accountkey >= $1 AND accountkey <= $2";
        let (first, last) = (code.key(provider, 0), code.key(provider, NUMBERS - 1));
        let given = self.all(sql, &[&first, &last], |row| row.get::<_, String>(0))?;
        let given: HashSet<String> = given.into_iter().collect();
        let mut behind = (0..NUMBERS).map(|step| code.key(provider, drawn + step));
        let Some(key) = behind.find(|key| !given.contains(key)) else {
            let code = code.as_str();
            return Err(invalid(format!("no number is left behind the accountcode {code}; choose another")));
        };
        self.give_key(&key)?;
        Ok(key)
    }

    /// Whether the key was not given before; now it is.
    fn give_key(&self, key: &str) -> Result<bool> {
        let sql = "INSERT INTO account_keys (accountkey) VALUES ($1) ON CONFLICT (accountkey) DO NOTHING";
        Ok(self.keep_house(sql, &[&key])? > 0)
    }

    /// Sets the company's name.
    pub fn rename_account(&self, account: &Account, name: &str) -> Result<()> {
        let name = names::composed(name);
        if account.name == name {
            return Ok(());
        }
        self.differs("accountname", account.name.as_str(), &*name);
        let sql = "UPDATE accounts SET name = $1, name_key = $2 WHERE id = $3";
        self.change(sql, &[&name, &names::key(&name), &account.id]).map(drop)
    }

    /// Removes an account that has no members; its managers manage it no longer.
    pub fn delete_account(&self, account: &Account) -> Result<()> {
        self.differs("accountkey", account.key.as_str(), "");
        self.differs("accountname", account.name.as_str(), "");
        self.set_account_license(account, None)?;
        self.differs("depotid", number(account.depot), "");
        self.change("DELETE FROM accounts WHERE id = $1", &[&account.id]).map(drop)
    }

    /// Makes a user a manager of the account; -30002 where it has enough of them.
    pub fn add_account_manager(&self, call: &Call, account: &Account, user: i64) -> Result<()> {
        if self.manages(user, account.id)? {
            return Ok(());
        }
        if self.count_managers(account)? >= MOST_MANAGERS {
            return Err(invalid(format!("an account has {MOST_MANAGERS} managers at most")));
        }
        self.differs("manages", "", account.key.as_str());
        let sql = "INSERT INTO account_managers (accountid, userid, since) VALUES ($1, $2, $3)";
        self.change(sql, &[&account.id, &user, &call.now.0]).map(drop)
    }

    /// The user manages the account no longer.
    pub fn remove_account_manager(&self, account: &Account, user: i64) -> Result<()> {
        let sql = "DELETE FROM account_managers WHERE accountid = $1 AND userid = $2";
        if self.change(sql, &[&account.id, &user])? > 0 {
            self.differs("manages", account.key.as_str(), "");
        }
        Ok(())
    }

    /// How many users manage the account.
    pub fn count_managers(&self, account: &Account) -> Result<i64> {
        let sql = "SELECT count(*) FROM account_managers WHERE accountid = $1";
        Ok(self.one(sql, &[&account.id], |row| row.get(0))?.unwrap_or(0))
    }

    /// Gives the account another depot, or none.
    pub fn set_account_depot(&self, account: &Account, depot: Option<i64>) -> Result<()> {
        if account.depot == depot {
            return Ok(());
        }
        self.differs("depotid", number(account.depot), number(depot));
        self.change("UPDATE accounts SET depotid = $1 WHERE id = $2", &[&depot, &account.id]).map(drop)
    }
}
