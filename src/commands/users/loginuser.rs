//! `loginuser`: is this the user's password?
//!
//! It looks and nothing more where the password was right a moment ago and there is nothing to write.
//! With a temporary password from a mail, `password` is the new one `[D]`; how a password is verified
//! stands in [`super::attempt`].

use schemars::JsonSchema;
use serde::Deserialize;

use super::attempt::{self, Attempt, Found, Known};
use super::userdata::{OneUser, yes};
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
    includegroup: bool,
    #[serde(skip)]
    attempt: Attempt,
    #[serde(skip)]
    renewal: Renewal,
}

/// What look and hash found about the new password of a temporary one.
#[derive(Default)]
struct Renewal {
    allowed: bool,
    hash: String,
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
                <userkey>uk-ibf4aqqq6fq99nfjxxi8</userkey></userdata>",
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
                <userkey>uk-ibf4aqqq6fq99nfjxxi8</userkey></userdata>",
        },
    ];
    type Reply = OneUser;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<OneUser>> {
        rules::short("licensereference", self.licensereference.as_deref().unwrap_or_default())?;
        // A second look after a change must not go by what the first one led to.
        self.renewal = Renewal::default();
        if self.tmppassword.is_none() {
            return match self.attempt.look(call, tx, &self.id, &self.password)? {
                Some(known) => self.warm(call, tx, known),
                None => Ok(Next::Hash),
            };
        }
        let user = attempt::guess(call, tx, &self.id)?.user;
        self.attempt = Attempt::at(stored(tx, user.as_ref())?);
        self.renewal.allowed =
            passwords::allowed(self.password.reveal(), call.snapshot.server.password_length);
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        let given = self.tmppassword.as_ref().unwrap_or(&self.password);
        self.attempt.hash(call, passwords, given)?;
        if self.tmppassword.is_some() && self.attempt.right && self.renewal.allowed {
            let hash = passwords.hash(self.password.reveal(), &call.random16("new password salt"));
            self.renewal.hash = hash.map_err(Error::Failed)?;
        }
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<OneUser> {
        let user = match self.tmppassword {
            Some(_) => self.by_temporary(call, tx)?,
            None => self.attempt.run(call, tx, &self.id, |_, _| Ok(()))?,
        };
        if lacks_license(call, &user) {
            self.give_license(call, tx, &user)?;
        }
        let user = tx.user(user.id)?.ok_or(Code::UserUnknown)?;
        OneUser::of(call, tx, user, self.includegroup)
    }
}

impl LoginUser {
    /// A login that costs no hash is answered here and now, unless there is something to write.
    fn warm(&self, call: &Call, tx: &Tx<'_>, Known { user, clean }: Known) -> Result<Next<OneUser>> {
        attempt::may_log_in(&user)?;
        attempt::may_use_portal(call, &user)?;
        if !clean || lacks_license(call, &user) {
            return Ok(Next::Run);
        }
        tx.note_login(user.id, call.now);
        OneUser::of(call, tx, user, self.includegroup).map(Next::Answer)
    }

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

    fn by_temporary(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        let Found { guess, user, .. } = attempt::guess(call, tx, &self.id)?;
        if stored(tx, user.as_ref())? != self.attempt.stored {
            return Err(Error::Again);
        }
        // A stranger must not learn from the code whether there is such a user.
        let wrong = if call.caller.is_trusted() { Code::WrongTemporaryPassword } else { Code::WrongPassword };
        let wrong = Error::from(wrong).keeping();
        let Some(user) = user else {
            tx.login_failed(&guess)?;
            return Err(wrong);
        };
        let usable = tx.temporary(user.id)?.filter(|temporary| temporary.tries < TRIES);
        let Some(temporary) = usable.filter(|_| self.attempt.right) else {
            tx.count_temporary(user.id)?;
            tx.login_failed(&guess)?;
            return Err(wrong);
        };
        if call.now >= temporary.expires {
            return Code::TemporaryPasswordExpired.refuse();
        }
        attempt::not_shut_out(&user)?;
        attempt::may_use_portal(call, &user)?;
        if !self.renewal.allowed {
            return Code::InvalidPassword.refuse();
        }
        self.renew(call, tx, &user)?;
        tx.login_succeeded(&guess, user.id)?;
        Ok(user)
    }

    /// The new password takes the place of the old and of the temporary one.
    fn renew(&self, call: &Call, tx: &Tx<'_>, user: &User) -> Result<()> {
        tx.set_password(user.id, &self.renewal.hash)?;
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

/// Whether the user has no default licence, and the provider makes one.
fn lacks_license(call: &Call, user: &User) -> bool {
    let provider = call.snapshot.provider_by_id(user.provider_id);
    user.license_id.is_none() && provider.is_some_and(|provider| provider.settings.create_default_license)
}

/// The hash of the temporary password; empty where there is none.
fn stored(tx: &Tx<'_>, user: Option<&User>) -> Result<String> {
    let Some(user) = user else { return Ok(String::new()) };
    Ok(tx.temporary(user.id)?.map(|temporary| temporary.password).unwrap_or_default())
}
