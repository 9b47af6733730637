//! `loginuser`: is this the user's password?
//!
//! The password is verified on a hash thread between a look and a run, so what the look saw may be
//! stale: the run asks first whether the door is closed *now* and answers -30133 whatever the hash
//! said, so that parallel guesses learn nothing, then whether the stored hash is still the one that
//! was verified.

use schemars::JsonSchema;
use serde::Deserialize;

use super::userdata::{OneUser, UserData, yes};
use super::{defaults, rules};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Next};
use crate::domain::passwords::{self, Passwords};
use crate::domain::secret::Secret;
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::outbox::Mail;
use crate::store::users::User;

/// Wrong temporary passwords before it ends.
const TRIES: i64 = 5;

/// Verifies a password and shows the user.
#[derive(Deserialize, JsonSchema)]
pub struct LoginUser {
    id: UserRef,
    /// the password; with tmppassword, the new one
    password: Secret,
    /// the temporary password from the mail
    tmppassword: Option<Secret>,
    /// the reference of the default licence, where one has to be made
    licensereference: Option<String>,
    /// whether the user's group is shown
    #[serde(default = "yes")]
    #[expect(dead_code, reason = "no command makes groups yet, so no user is in one")]
    includegroup: bool,
    #[serde(skip)]
    seen: Seen,
}

/// What look and hash found.
#[derive(Default)]
struct Seen {
    /// The stored hash that was verified: the user's, or that of the temporary password.
    stored: String,
    right: bool,
    /// The hash of a new password, or of the old one at today's cost.
    hash: String,
    new_allowed: bool,
}

impl Command for LoginUser {
    const NAME: &'static str = "loginuser";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::WrongPassword,
        Code::NotActivated,
        Code::WrongTemporaryPassword,
        Code::InvalidPassword,
        Code::TemporaryPasswordExpired,
        Code::UserDisabled,
        Code::UserToDelete,
        Code::Redirect,
        Code::TooManyAttempts,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the right password",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "useroremail=carol@example.com password=sekret-1234",
            reply: "<userdata><userid>5</userid><username>carol</username><email>carol@example.com\
                </email><reference></reference><department></department><language>en</language>\
                <distributor>DEMO</distributor><usercreated>01/01/2026 00:00:00.00</usercreated>\
                <status>activated</status><keyrepository>false</keyrepository><newsletter>false\
                </newsletter><emailbounced>false</emailbounced><webportal>true</webportal><authid>\
                </authid><lastlogin></lastlogin><modnumber>1</modnumber><accountkey></accountkey>\
                </userdata>",
        },
        Example {
            shows: "a wrong password",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol password=guess-1234",
            reply: "<exception><primarycode>-30101</primarycode><secondarycode></secondarycode>\
                <message>Wrong password</message></exception>",
        },
        Example {
            shows: "a new password by a temporary one, which also activates",
            given: &[
                "registeruser username=carol useremail=carol@example.com",
                "sendpassword username=carol",
            ],
            call: "username=carol tmppassword={code} password=sekret-5678",
            reply: "<userdata><userid>5</userid><username>carol</username><email>carol@example.com\
                </email><reference></reference><department></department><language>en</language>\
                <distributor>DEMO</distributor><usercreated>01/01/2026 00:00:00.00</usercreated>\
                <status>activated</status><keyrepository>false</keyrepository><newsletter>false\
                </newsletter><emailbounced>false</emailbounced><webportal>true</webportal><authid>\
                </authid><lastlogin></lastlogin><modnumber>3</modnumber><accountkey></accountkey>\
                </userdata>",
        },
    ];
    type Reply = OneUser;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<OneUser>> {
        // A second look after a change must not go by what the first one led to.
        self.seen = Seen::default();
        rules::short("licensereference", self.licensereference.as_deref().unwrap_or_default())?;
        let user = tx.the_user(call, &self.id)?;
        tx.login_open(call, user.id)?;
        self.seen.stored = self.stored(tx, &user)?;
        self.seen.new_allowed =
            passwords::allowed(self.password.reveal(), call.snapshot.server.password_length);
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        let given = self.tmppassword.as_ref().unwrap_or(&self.password);
        let salt = call.random16("password salt");
        if self.seen.stored.is_empty() {
            // Nothing to compare with: the same work all the same.
            passwords.hash(given.reveal(), &salt).map_err(Error::Failed)?;
            return Ok(());
        }
        self.seen.right = passwords.verify(given.reveal(), &self.seen.stored).map_err(Error::Failed)?;
        let renew = match self.tmppassword {
            Some(_) => self.seen.new_allowed,
            None => passwords.outdated(&self.seen.stored),
        };
        if self.seen.right && renew {
            self.seen.hash = passwords.hash(self.password.reveal(), &salt).map_err(Error::Failed)?;
        }
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<OneUser> {
        let user = tx.the_user(call, &self.id)?;
        tx.login_open(call, user.id)?;
        if self.stored(tx, &user)? != self.seen.stored {
            return Err(Error::Again);
        }
        match self.tmppassword {
            Some(_) => self.by_temporary(call, tx, &user)?,
            None => self.by_password(call, tx, &user)?,
        }
        tx.login_succeeded(call, user.id)?;
        if user.license_id.is_none() {
            self.give_license(call, tx, &user)?;
        }
        let user = tx.user(user.id)?.ok_or(Code::UserUnknown)?;
        Ok(OneUser { userdata: UserData::of(call, user) })
    }
}

impl LoginUser {
    /// By the rules of the user's own provider. Neither a full shared licence nor a reference that is
    /// taken keeps anybody out.
    fn give_license(&self, call: &Call, tx: &Tx<'_>, user: &User) -> Result<()> {
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        let given = defaults::give_license(call, tx, provider, user.id, self.licensereference.as_deref());
        match given {
            Err(Error::Refused { code: Code::LicenseLimit, .. }) => Ok(()),
            Err(Error::Refused { code: Code::LicenseReferenceExists, .. }) => {
                defaults::give_license(call, tx, provider, user.id, None)
            }
            given => given,
        }
    }

    /// The hash to verify against; empty where there is none.
    fn stored(&self, tx: &Tx<'_>, user: &User) -> Result<String> {
        match self.tmppassword {
            None => Ok(user.password.clone()),
            Some(_) => Ok(tx.temporary(user.id)?.map(|temporary| temporary.password).unwrap_or_default()),
        }
    }

    fn by_password(&self, call: &Call, tx: &Tx<'_>, user: &User) -> Result<()> {
        if !self.seen.right {
            tx.login_failed(call, user.id)?;
            return Err(Error::from(Code::WrongPassword).keeping());
        }
        not_shut_out(user)?;
        if user.status == Status::Inactive {
            return Code::NotActivated.refuse();
        }
        if !self.seen.hash.is_empty() {
            tx.renew_hash(user.id, &self.seen.hash)?;
        }
        Ok(())
    }

    fn by_temporary(&self, call: &Call, tx: &Tx<'_>, user: &User) -> Result<()> {
        let usable = tx.temporary(user.id)?.filter(|temporary| temporary.tries < TRIES);
        let Some(temporary) = usable.filter(|_| self.seen.right) else {
            tx.count_temporary(user.id)?;
            tx.login_failed(call, user.id)?;
            return Err(Error::from(Code::WrongTemporaryPassword).keeping());
        };
        if call.now >= temporary.expires {
            return Code::TemporaryPasswordExpired.refuse();
        }
        not_shut_out(user)?;
        if !self.seen.new_allowed {
            return Code::InvalidPassword.refuse();
        }
        tx.set_password(user.id, &self.seen.hash)?;
        tx.end_temporary(user.id)?;
        if user.status == Status::Inactive {
            tx.set_status(user.id, Status::Activated)?;
            tx.use_codes(call, user.id, Purpose::Activation)?;
        }
        if call.sends_mail(None) {
            tx.add_mail(call, user, &Mail::new("passwd-changed", &[]))?;
        }
        Ok(())
    }
}

fn not_shut_out(user: &User) -> Result<()> {
    match user.status {
        Status::Disabled => Code::UserDisabled.refuse(),
        Status::ToDelete => Code::UserToDelete.refuse(),
        Status::Inactive | Status::Activated => Ok(()),
    }
}
