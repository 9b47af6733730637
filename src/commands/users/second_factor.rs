//! The second factor: the code that stands beside a right password, wherever a person is let in by it.
//!
//! It is asked for behind the password, so whoever does not know that learns nothing of it. A wrong code is
//! counted like a wrong password, for the same address and the same user, but in a pair of its own.

use crate::call::Call;
use crate::domain::secret::Secret;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::logins::Guess;
use crate::store::users::User;

/// Lets a user pass whose password was right in that try: without a second factor at once, else by a code of it
/// that was not used before.
pub fn pass(call: &Call, tx: &Tx<'_>, user: &User, guess: &Guess, given: Option<&Secret>) -> Result<()> {
    let factor = tx.second_factor(call, user.id)?;
    if factor.secret.is_none() {
        return Ok(());
    }
    let given = given.ok_or_else(needed)?;
    let codes = guess.codes();
    tx.login_open(&codes)?;
    match factor.accepts(given.reveal(), call.now) {
        Some(step) => {
            tx.use_second_factor(user.id, step)?;
            tx.forget_pair(&codes)
        }
        None => wrong(tx, &codes),
    }
}

/// Counts a wrong code, and refuses.
pub fn wrong(tx: &Tx<'_>, codes: &Guess) -> Result<()> {
    tx.login_failed(codes)?;
    let text = "Wrong password: totp is not the code of this moment, or was used already";
    Err(Code::WrongPassword.say(text).keeping())
}

fn needed() -> Error {
    invalid("totp is needed: the code that the user's authenticator shows now")
}
