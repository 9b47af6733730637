//! A password tried: what `loginuser` and `createsession` have in common.
//!
//! The password is verified on a hash thread between a look and a run. The run asks first whether the
//! door is closed *now* and refuses whatever the hash said, so that parallel guesses learn nothing, then
//! whether the stored hash is still the one that was verified. Where there is no user, or none that the
//! caller may know of, everything is the same but the result. A password that was right a moment ago is known
//! without a hash ([`crate::domain::warm`]).

use std::sync::Arc;

use super::rules;
use crate::call::{Call, Caller};
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::settings::{Identification, WebPortal};
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Error, Result, forbidden};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::logins::{Guess, Whose};
use crate::store::users::User;

/// What look and hash found.
#[derive(Default)]
pub struct Attempt {
    /// The user, where there is one.
    user: Option<i64>,
    /// The stored hash that was verified; empty where there is none.
    pub stored: String,
    /// Whether the password is right.
    pub right: bool,
    /// The hash at today's cost, where the stored one is older.
    renewed: String,
}

impl Attempt {
    /// To be verified against that hash.
    pub fn at(stored: String) -> Attempt {
        Attempt { stored, ..Attempt::default() }
    }

    /// In the look: whom the password is known to be right of without a hash, because it was verified a moment ago.
    pub fn look(&mut self, call: &Call, tx: &Tx<'_>, id: &UserRef, given: &Secret) -> Result<Option<Known>> {
        let Found { user, clean, .. } = guess(call, tx, id)?;
        let (id, stored) = user.as_ref().map_or((0, ""), |user| (user.id, user.password.as_str()));
        // Also asked where there is nobody, so that it takes the same time.
        let right = call.program.warm().knows(id, stored, given.reveal(), call.now);
        let stored = stored.to_owned();
        *self = Attempt { user: user.as_ref().map(|user| user.id), stored, right, renewed: String::new() };
        Ok(user.filter(|_| right).map(|user| Known { user, clean }))
    }

    /// On a hash thread: one run, whether or not there is anything to compare with. A right password is remembered.
    pub fn hash(&mut self, call: &Call, passwords: &mut Passwords, given: &Secret) -> Result<()> {
        self.verify(call, passwords, given)?;
        if let Some(user) = self.user.filter(|_| self.right && self.renewed.is_empty()) {
            call.program.warm().remember(user, &self.stored, given.reveal(), call.now);
        }
        Ok(())
    }

    fn verify(&mut self, call: &Call, passwords: &mut Passwords, given: &Secret) -> Result<()> {
        let salt = call.random16("password salt");
        if self.stored.is_empty() {
            return passwords.hash(given.reveal(), &salt).map(drop).map_err(Error::Failed);
        }
        self.right = passwords.verify(given.reveal(), &self.stored).map_err(Error::Failed)?;
        if self.right && passwords.outdated(&self.stored) {
            self.renewed = passwords.hash(given.reveal(), &salt).map_err(Error::Failed)?;
        }
        Ok(())
    }

    /// In the run: the user, if the password is right and the user may log in, and `further` agrees.
    pub fn run(
        &self,
        call: &Call,
        tx: &Tx<'_>,
        id: &UserRef,
        further: impl FnOnce(&User, &Guess) -> Result<()>,
    ) -> Result<User> {
        let Found { guess, user, .. } = guess(call, tx, id)?;
        if user.as_ref().map_or("", |user| &user.password) != self.stored {
            return Err(Error::Again);
        }
        let Some(user) = user.filter(|_| self.right) else {
            tx.login_failed(&guess)?;
            return Err(Error::from(Code::WrongPassword).keeping());
        };
        may_log_in(&user)?;
        may_use_portal(call, &user)?;
        further(&user, &guess)?;
        if !self.renewed.is_empty() {
            tx.renew_hash(user.id, &self.renewed)?;
        }
        tx.login_succeeded(&guess, user.id)?;
        Ok(user)
    }
}

/// A user whose password is right.
pub struct Known {
    /// The user.
    pub user: User,
    /// Whether nothing was counted that a right password clears.
    pub clean: bool,
}

/// A try that may be made now.
pub struct Found {
    /// What it counts for.
    pub guess: Guess,
    /// The user, as far as the caller may know of one.
    pub user: Option<User>,
    /// Whether nothing was counted that a right password clears.
    clean: bool,
}

/// The user, as far as the caller may know of one, and the try that this is, if it may be made now.
pub fn guess(call: &Call, tx: &Tx<'_>, id: &UserRef) -> Result<Found> {
    let user = rules::known(call, tx.the_user(call, &as_typed(call, id)))?;
    let whose = match &user {
        Some(user) if call.caller.is_trusted() => Whose::User(user.id),
        user => Whose::Typed(id.text(), user.as_ref().map(|user| user.id)),
    };
    let guess = Guess::of(call, whose);
    let clean = tx.login_open(&guess)?;
    Ok(Found { guess, user, clean })
}

/// What a person has typed, as the provider's logins take it.
fn as_typed(call: &Call, id: &UserRef) -> UserRef {
    match (id, call.provider.settings.identification) {
        (UserRef::UserOrEmail(text), Identification::Username) => UserRef::Username(text.clone()),
        (UserRef::UserOrEmail(text), Identification::Email) => UserRef::Email(text.clone()),
        _ => id.clone(),
    }
}

/// Refuses at a web portal the users whom their provider keeps from it.
pub fn may_use_portal(call: &Call, user: &User) -> Result<()> {
    let is_portal = matches!(&call.caller, Caller::Service(service) if service.portal);
    let provider = call.snapshot.provider_by_id(user.provider_id).filter(|_| is_portal);
    let kept = |provider: &&Arc<Provider>| match provider.settings.web_portal {
        WebPortal::Permit => false,
        WebPortal::Deny => true,
        WebPortal::PerUser => !user.webportal,
    };
    match provider.filter(kept) {
        None => Ok(()),
        Some(provider) => Err(forbidden(format!(
            "Access denied: the user may not use the web portal; {} decides so by CLIENT/ALLOW_WEB_PORTAL_ACCESS and \
             the capability webportal",
            provider.code
        ))),
    }
}

/// -30119 and -30120 for those who are shut out, -30102 for those who are not activated yet.
pub fn may_log_in(user: &User) -> Result<()> {
    not_shut_out(user)?;
    match user.status {
        Status::Inactive => Code::NotActivated.refuse(),
        _ => Ok(()),
    }
}

/// -30119 and -30120 for those who are shut out.
pub fn not_shut_out(user: &User) -> Result<()> {
    match user.status {
        Status::Disabled => Code::UserDisabled.refuse(),
        Status::ToDelete => Code::UserToDelete.refuse(),
        Status::Inactive | Status::Activated => Ok(()),
    }
}
