//! The current password, asked for once more.
//!
//! A person who is in by a session or a key must show it before what would hand the account over to
//! whoever has that session or key (`access.md` §3). Others may leave it out; where it is given it must be
//! right, and it is counted like any other try.

use crate::call::Call;
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::logins::{Guess, Whose};
use crate::store::users::User;

/// What look and hash found.
#[derive(Default)]
pub struct Current {
    stored: String,
    right: bool,
}

impl Current {
    /// In the look: whether a password is to be verified. A person without one is refused.
    pub fn look(&mut self, call: &Call, tx: &Tx<'_>, user: &User, given: Option<&Secret>) -> Result<bool> {
        *self = Current::default();
        if given.is_none() {
            return match call.is_own(user.id) {
                true => Err(invalid("password is needed: the current one")),
                false => Ok(false),
            };
        }
        tx.login_open(&Guess::of(call, Whose::User(user.id)))?;
        self.stored.clone_from(&user.password);
        Ok(true)
    }

    /// On a hash thread.
    pub fn hash(&mut self, call: &Call, passwords: &mut Passwords, given: Option<&Secret>) -> Result<()> {
        let Some(given) = given else { return Ok(()) };
        if self.stored.is_empty() {
            // Nothing to compare with: the same work all the same.
            let salt = call.random16("current password salt");
            return passwords.hash(given.reveal(), &salt).map(drop).map_err(Error::Failed);
        }
        self.right = passwords.verify(given.reveal(), &self.stored).map_err(Error::Failed)?;
        Ok(())
    }

    /// Whether the password that was given is right, or none was.
    pub fn fits(&self, given: Option<&Secret>) -> bool {
        given.is_none() || self.right
    }

    /// In the run: whether it is still right now.
    pub fn run(&self, call: &Call, tx: &Tx<'_>, user: &User, given: Option<&Secret>) -> Result<()> {
        if given.is_none() {
            return Ok(());
        }
        let guess = Guess::of(call, Whose::User(user.id));
        tx.login_open(&guess)?;
        if user.password != self.stored {
            return Err(Error::Again);
        }
        if !self.right {
            tx.login_failed(&guess)?;
            return Err(Error::from(Code::WrongPassword).keeping());
        }
        tx.forget_pair(&guess)
    }
}
