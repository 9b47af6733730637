//! `setemail`: another registration address, once it is confirmed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::current::Current;
use super::rules;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark, Next};
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::outbox::Mail;

/// Changes the registration address: at once where a service says that it is confirmed, else when the
/// code that is sent to the new address is used.
#[derive(Deserialize, JsonSchema)]
pub struct SetEmail {
    id: UserRef,
    /// the new address
    newemail: String,
    /// whether the service has made sure of the address itself
    #[serde(default)]
    confirmed: bool,
    /// the current password; needed for one's own address, and where it is given, it must be right
    password: Option<Secret>,
    #[serde(skip)]
    current: Current,
}

impl Command for SetEmail {
    const NAME: &'static str = "setemail";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::WrongPassword,
        Code::EmailExists,
        Code::InvalidEmail,
        Code::TooManyAttempts,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "mails to the old and, with a code, to the new address",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol newemail=caroline@example.com",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an address that another user has",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "registeruser username=david useremail=david@example.com",
            ],
            call: "username=carol newemail=DAVID@example.com",
            reply: "<exception><primarycode>-30104</primarycode><secondarycode></secondarycode>\
                <message>Email already exists</message></exception>",
        },
    ];
    type Reply = Done;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Done>> {
        let user = tx.the_user(call, &self.id)?;
        if self.confirmed && !call.caller.is_trusted() {
            return Err(invalid("confirmed is for services only"));
        }
        Ok(if self.current.look(call, tx, &user, self.password.as_ref())? { Next::Hash } else { Next::Run })
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        self.current.hash(call, passwords, self.password.as_ref())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        self.current.run(call, tx, &user, self.password.as_ref())?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        let free = match rules::other_address(call, tx, provider, &user, &self.newemail) {
            // Whoever may see nobody else does not learn here whose an address is: no code comes, that is all.
            Err(Error::Refused { code: Code::EmailExists, .. }) if access::alone(call) => false,
            checked => checked.map(|()| true)?,
        };
        tx.drop_codes(user.id, Purpose::Email)?;
        if self.confirmed {
            tx.set_email(user.id, &self.newemail)?;
            if call.sends_mail(Some(true)) {
                tx.add_mail(call, &user, &Mail::new("emailchangedtoold", &[]).about(&self.newemail))?;
            }
            return Ok(Done::default());
        }
        let code = tx.add_code(call, user.id, Purpose::Email, &self.newemail)?;
        if call.sends_mail(Some(true)) {
            tx.add_mail(call, &user, &Mail::new("emailchangedtoold", &[]).about(&self.newemail))?;
        }
        if !free {
            return Ok(Done::default());
        }
        // The person must enter the code, so this mail is sent whatever `sendmail` says.
        let secrets = [("ACTIVATIONCODE", &code)];
        let mail = Mail::new("emailchangedtonew", &secrets).to(&self.newemail).about(&self.newemail);
        tx.add_mail(call, &user, &mail)?;
        Ok(Done::default())
    }
}
