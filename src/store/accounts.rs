//! Company accounts: found, joined, left, and what their managers are to a user.

use super::backend::{FromRow, Row, Tx};
use super::users::User;
use crate::access::{self, Tie, Ties};
use crate::call::Call;
use crate::domain::time::Time;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};

/// The most members of an account `[O]`.
pub const MOST_MEMBERS: i64 = 100_000;

/// An account's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number, which is never given twice.
    pub id: i64,
    /// Whose account it is.
    pub provider_id: i64,
    /// Its key on the wire, `ACME-SHOP-1234`.
    pub key: String,
    /// The company's name.
    pub name: String,
    /// How many users belong to it.
    pub members: i64,
    /// The licence that its members have.
    pub license: Option<i64>,
    /// The depot that its members have.
    pub depot: Option<i64>,
    /// When it was made.
    pub created: Time,
}

fn read(row: &Row<'_>) -> FromRow<Account> {
    Ok(Account {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        key: row.get(2)?,
        name: row.get(3)?,
        members: row.get(4)?,
        license: row.get(5)?,
        depot: row.get(6)?,
        created: Time(row.get(7)?),
    })
}

impl Tx<'_> {
    /// The account that the call names, of the authorised provider; else -30126.
    pub fn the_account(&self, call: &Call, key: &str) -> Result<Account> {
        let sql = "SELECT id, providerid, accountkey, name, members, licenseid, depotid, created
                   FROM accounts WHERE accountkey = $1 AND providerid = $2";
        let found = self.one(sql, &[&key.to_ascii_uppercase(), &call.provider.id], read)?;
        let Some(account) = found else { return Err(self.absent(call, Code::AccountUnknown.into())) };
        access::judge(call, &self.ties_to_account(call, &account)?)?;
        self.judged();
        Ok(account)
    }

    /// The account of that number, whoever's it is.
    pub fn account(&self, id: i64) -> Result<Option<Account>> {
        let sql = "SELECT id, providerid, accountkey, name, members, licenseid, depotid, created
                   FROM accounts WHERE id = $1";
        self.one(sql, &[&id], read)
    }

    fn ties_to_account(&self, call: &Call, account: &Account) -> Result<Ties> {
        let Some(person) = access::tied(call) else { return Ok(Ties::default()) };
        let manages = self.manages(person.user, account.id)?;
        let ties = if manages { vec![Tie::Manager] } else { Vec::new() };
        Ok(Ties { ties, manager: manages || self.manages_any(person.user)? })
    }

    /// The user and the account that the call names, of one provider; one who manages the account may be named by its other managers, too.
    pub fn the_manager(&self, call: &Call, id: &UserRef, accountkey: &str) -> Result<(User, Account)> {
        if access::tied(call).is_some() {
            let account = self.the_account(call, accountkey)?;
            if let Ok(Some(user)) = self.find(call, id)
                && self.manages(user.id, account.id)?
            {
                let ties = Ties { ties: vec![Tie::Manager], manager: true };
                access::about(call, user.id, user.provider_id, user.rights, &ties)?;
                self.concerns_row(&user);
                return Ok((user, account));
            }
        }
        let user = self.the_user(call, id)?;
        let account = self.the_account(call, accountkey)?;
        match user.provider_id == account.provider_id {
            true => Ok((user, account)),
            false => Code::AccountUnknown.refuse(),
        }
    }

    /// What joins the caller to a user.
    pub(super) fn ties_to_user(&self, call: &Call, user: &User) -> Result<Ties> {
        let Some(person) = access::tied(call) else { return Ok(Ties::default()) };
        if person.user == user.id && call.class.ties().contains(&Tie::Own) {
            return Ok(Ties { ties: vec![Tie::Own], manager: false });
        }
        let managed = match user.account_id {
            Some(account) => self.manages(person.user, account)?,
            None => false,
        };
        let ties = if managed { vec![Tie::HisManager] } else { Vec::new() };
        Ok(Ties { ties, manager: managed || self.manages_any(person.user)? })
    }

    /// The answer where what the call is about is not found.
    pub(super) fn absent(&self, call: &Call, otherwise: Error) -> Error {
        let manager = access::tied(call).map_or(Ok(false), |person| self.manages_any(person.user));
        match manager {
            Ok(manager) => access::absent(call, manager, otherwise),
            Err(fault) => fault,
        }
    }

    /// Whether that user manages that account.
    pub fn manages(&self, user: i64, account: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM account_managers WHERE accountid = $1 AND userid = $2";
        self.any(sql, &[&account, &user])
    }

    fn manages_any(&self, user: i64) -> Result<bool> {
        self.any("SELECT 1 FROM account_managers WHERE userid = $1 LIMIT 1", &[&user])
    }

    /// Makes a user a member; -30127 where it belongs to another account, -30209 where the account's licence
    /// has no seat left.
    pub fn join_account(&self, user: &User, account: &Account) -> Result<()> {
        match user.account_id {
            Some(old) if old == account.id => return Ok(()),
            Some(_) => return Code::OtherAccount.refuse(),
            None => {}
        }
        self.differs("accountid", "", account.id);
        self.repool(user.id, || {
            let sql = "UPDATE accounts SET members = members + 1 WHERE id = $1 AND members < $2";
            if self.change(sql, &[&account.id, &MOST_MEMBERS])? == 0 {
                return Err(invalid(format!("an account has {MOST_MEMBERS} members at most")));
            }
            let sql = "UPDATE users SET accountid = $1, modnumber = modnumber + 1 WHERE id = $2";
            self.change(sql, &[&account.id, &user.id]).map(drop)
        })
    }

    /// The user belongs to no account any more.
    pub fn leave_account(&self, user: i64) -> Result<()> {
        let sql = "SELECT accountid FROM users WHERE id = $1";
        let Some(old) = self.one(sql, &[&user], |row| row.get::<_, Option<i64>>(0))?.flatten() else {
            return Ok(());
        };
        self.differs("accountid", old, "");
        self.repool(user, || {
            self.change("UPDATE accounts SET members = members - 1 WHERE id = $1", &[&old])?;
            let sql = "UPDATE users SET accountid = NULL, modnumber = modnumber + 1 WHERE id = $1";
            self.change(sql, &[&user]).map(drop)
        })
    }

    /// The user belongs to nobody any more: no group, no account, none that it manages.
    pub fn leave_everybody(&self, user: i64) -> Result<()> {
        self.leave_group(user)?;
        self.leave_account(user)?;
        self.change("DELETE FROM account_managers WHERE userid = $1", &[&user])?;
        self.end_invitations(user)?;
        self.change("UPDATE groups SET managerid = NULL WHERE managerid = $1", &[&user]).map(drop)
    }
}
