//! `settotp`: a second factor for a user, set in two steps, changed and taken away again.
//!
//! The secret is shown by the first call and in force after the second, which shows its first code: so nobody is
//! locked out by an app that was set up wrongly. A new one is set beside the old, which holds until then. What the
//! user can do, the user does with password and code; for who has lost the device, the provider takes it away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Next, Zero};
use crate::commands::users::current::Current;
use crate::commands::users::second_factor;
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::time::MINUTE;
use crate::domain::totp;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::logins::{Guess, Whose};
use crate::store::second_factors::SecondFactor;
use crate::store::users::User;

/// How long a new secret waits for its first code `[O]`.
const WAIT: i64 = 15 * MINUTE;

/// Sets the second factor of a user (TOTP), which opening a session by the password then asks for. The first call
/// answers the secret, once; the second, within 15 minutes and with a code of it as totp, puts it in force. A call
/// with a code of the one in force answers a new secret, or with remove takes it away. With remove and without a
/// password, callers of provider level take it away from a user who has lost the device.
#[derive(Deserialize, JsonSchema)]
pub struct SetTotp {
    id: UserRef,
    /// the user's current password; needed but for the removal at provider level
    password: Option<Secret>,
    /// the code that the user's authenticator shows now: of the new secret, or of the one in force
    totp: Option<Secret>,
    /// whether the second factor is taken away
    #[serde(default)]
    remove: bool,
    #[serde(skip)]
    current: Current,
}

/// What the user has now.
#[derive(Serialize, JsonSchema)]
pub struct Have {
    /// always 0
    intresult: Zero,
    /// none; pending: the secret waits for its first code, and until then what was in force before still is; set
    status: Status,
    /// the new secret, to be typed into an authenticator; shown here once
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Secret>,
    /// the same as an address, of which authenticators read a picture
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<Secret>,
}

/// Whether there is a second factor.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// There is none.
    None,
    /// A new secret waits for its first code.
    Pending,
    /// It is asked for.
    Set,
}

impl Command for SetTotp {
    const NAME: &'static str = "settotp";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::WrongPassword, Code::TooManyAttempts, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the first step: the secret",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol password=sekret-1234",
            reply: "<intresult>0</intresult><status>pending</status>\
                <secret>DE7B4HZ5WZZMIAAVX7LJ3HA2EACEKPWG</secret><uri>otpauth://totp/regserver:carol?\
                secret=DE7B4HZ5WZZMIAAVX7LJ3HA2EACEKPWG&amp;issuer=regserver&amp;algorithm=SHA1&amp;\
                digits=6&amp;period=30</uri>",
        },
        Example {
            shows: "the second step: its first code",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "settotp username=carol password=sekret-1234",
            ],
            call: "username=carol password=sekret-1234 totp=685536",
            reply: "<intresult>0</intresult><status>set</status>",
        },
        Example {
            shows: "a provider takes it from a user who has lost the device",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "settotp username=carol password=sekret-1234",
            ],
            call: "username=carol remove=true",
            reply: "<intresult>0</intresult><status>none</status>",
        },
        Example {
            shows: "a wrong code",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "settotp username=carol password=sekret-1234",
            ],
            call: "username=carol password=sekret-1234 totp=123456",
            reply: "<exception><primarycode>-30101</primarycode><secondarycode></secondarycode>\
                <message>Wrong password: totp is not the code of this moment, or was used already\
                </message></exception>",
        },
    ];
    type Reply = Have;

    /// Without the password it is the provider's alone.
    fn class(&self) -> Class {
        if self.resets() { Class::Provider } else { access::OWN }
    }

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Have>> {
        let user = tx.the_user(call, &self.id)?;
        self.proved(call, &user)?;
        Ok(if self.current.look(call, tx, &user, self.password.as_ref())? { Next::Hash } else { Next::Run })
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        self.current.hash(call, passwords, self.password.as_ref())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Have> {
        let user = tx.the_user(call, &self.id)?;
        self.proved(call, &user)?;
        self.current.run(call, tx, &user, self.password.as_ref())?;
        let factor = tx.second_factor(call, user.id)?;
        if !self.remove {
            return self.set(call, tx, &user, &factor);
        }
        if !self.resets() {
            let guess = Guess::of(call, Whose::User(user.id));
            second_factor::pass(call, tx, &user, &guess, self.totp.as_ref())?;
        }
        tx.drop_second_factor(user.id, &factor)?;
        Ok(Have::only(Status::None))
    }
}

impl SetTotp {
    fn resets(&self) -> bool {
        self.remove && self.password.is_none()
    }

    /// Nobody does without the password but a provider that takes it from somebody else.
    fn proved(&self, call: &Call, user: &User) -> Result<()> {
        match self.password.is_none() && (!self.remove || call.is_own(user.id)) {
            true => Err(invalid("password is needed: the current one")),
            false => Ok(()),
        }
    }

    /// Puts a new secret in force whose code is shown, else offers one.
    fn set(&self, call: &Call, tx: &Tx<'_>, user: &User, factor: &SecondFactor) -> Result<Have> {
        let guess = Guess::of(call, Whose::User(user.id));
        let codes = guess.codes();
        if let Some(code) = &self.totp {
            tx.login_open(&codes)?;
            if let Some(step) = factor.confirms(code.reveal(), call.now) {
                tx.confirm_second_factor(user.id, factor, step)?;
                tx.forget_pair(&codes)?;
                return Ok(Have::only(Status::Set));
            }
            match (&factor.secret, &factor.pending) {
                (None, None) => {
                    return Err(invalid("no secret waits for a code: the first call has no totp"));
                }
                (None, Some(_)) => second_factor::wrong(tx, &codes)?,
                (Some(_), _) => {}
            }
        }
        second_factor::pass(call, tx, user, &guess, self.totp.as_ref())?;
        let secret = &call.random("second factor")[..totp::SECRET];
        tx.offer_second_factor(call, (user.id, factor), secret, call.now.plus(WAIT))?;
        let uri = totp::uri(&call.snapshot.server.name, &user.username, secret);
        let (secret, uri) = (Some(Secret::new(totp::base32(secret))), Some(Secret::new(uri)));
        Ok(Have { secret, uri, ..Have::only(Status::Pending) })
    }
}

impl Have {
    fn only(status: Status) -> Have {
        Have { intresult: Zero, status, secret: None, uri: None }
    }
}
