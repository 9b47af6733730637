//! `createapikey`: a key and a secret with which a program acts as a user (seed 002).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class, Scope};
use crate::call::{Call, Caller};
use crate::command::{Command, Effect, Example, Mark, Next, Zero};
use crate::commands::users::current::Current;
use crate::domain::date::Date;
use crate::domain::passwords::Passwords;
use crate::domain::rights::Rights;
use crate::domain::secret::{Secret, letters};
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, forbidden, invalid};
use crate::gate::credentials;
use crate::store::Tx;
use crate::store::credentials::NewKey;
use crate::store::signing::{Kept, place};

/// The most keys of one user `[O]`.
pub const MOST: i64 = 100;
/// The longest label in characters `[O]`.
const LONGEST_LABEL: usize = 100;
/// The most entries of a scope `[O]`.
const MOST_ENTRIES: usize = 200;

/// Makes an API key of a user. The secret is shown here once and never again. A key can never do more than
/// its user, or than who made it, and with a scope less.
#[derive(Deserialize, JsonSchema)]
pub struct CreateApiKey {
    id: UserRef,
    /// what the key is for, to tell it from others; 100 characters at most
    label: Option<String>,
    /// how it proves its user: basic sends key and secret as HTTP Basic authorization; signing signs each call,
    /// and the secret is never sent
    kind: Kind,
    /// what it may be used for: commands, and nouns like users:view or devices:modify; blank: everything that
    /// its user may do
    scope: Option<Vec<String>>,
    /// the last day of its life, UTC; blank: it does not end
    validuntil: Option<Date>,
    /// the user's current password; needed for one's own key, and where it is given, it must be right
    password: Option<Secret>,
    #[serde(skip)]
    current: Current,
}

/// How a key proves its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Key and secret are sent.
    Basic,
    /// The secret signs what is sent.
    Signing,
}

/// The new key.
#[derive(Serialize, JsonSchema)]
pub struct Created {
    /// always 0
    intresult: Zero,
    /// the key's number
    keyid: i64,
    /// the key, which names it
    key: String,
    /// the secret; shown here once
    secret: Secret,
}

impl Command for CreateApiKey {
    const NAME: &'static str = "createapikey";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] =
        &[Code::UserUnknown, Code::WrongPassword, Code::TooManyAttempts, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a key that only looks at users and devices, until the end of the year",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol kind=basic label='event page' scope=users:view,devices:view validuntil=12/31/2026",
            reply: "<intresult>0</intresult><keyid>1</keyid><key>rk-stsyq5wupvzzfii96xp4</key>\
                <secret>s8jzqewg2dqk2pipn5t6hcget5kyxiw2</secret>",
        },
        Example {
            shows: "a scope that names nothing",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol kind=basic scope=events:view",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: scope: events is neither a command nor one of users, devices, li\
                censes, depots, groups, accounts, providers, jobs, mail, server</message></exception>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody kind=basic",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Created;

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Created>> {
        let user = tx.the_user(call, &self.id)?;
        by_no_key(call)?;
        self.checked(call)?;
        Ok(if self.current.look(call, tx, &user, self.password.as_ref())? { Next::Hash } else { Next::Run })
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        self.current.hash(call, passwords, self.password.as_ref())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Created> {
        let user = tx.the_user(call, &self.id)?;
        by_no_key(call)?;
        self.current.run(call, tx, &user, self.password.as_ref())?;
        if tx.count_keys(user.id)? >= MOST {
            return Err(invalid(format!("a user has {MOST} keys at most; revoke one that is not used")));
        }
        let scope = self.checked(call)?;
        let name = format!("rk-{}", letters(&call.random("api key")[..20]));
        let secret = Secret::new(letters(&call.random("api key secret")));
        let new = NewKey {
            name: &name,
            secret: self.kept(call, &name, &secret)?,
            label: self.label.as_deref().unwrap_or_default(),
            scope: &scope,
            valid_until: self.validuntil.map(Date::end),
            // Whoever makes a key for somebody else knows its secret: it is not to grow beyond them with what
            // its user is granted later.
            rights: match call.is_own(user.id) {
                true => Rights::ALL,
                false => access::rights(&call.snapshot, &call.caller, user.provider_id),
            },
        };
        let keyid = tx.add_key(call, user.id, &new)?;
        Ok(Created { intresult: Zero, keyid, key: name, secret })
    }
}

impl CreateApiKey {
    /// What is kept of the secret: one that signs must be recoverable.
    fn kept(&self, call: &Call, name: &str, secret: &Secret) -> Result<Kept> {
        match self.kind {
            Kind::Basic => Ok(Kept::Hash(credentials::hash(secret.reveal()))),
            Kind::Signing => {
                let random = call.random("api key seal");
                let sealed = call.vault.seal(&place(name), secret.reveal().as_bytes(), &random);
                sealed.map(Kept::Sealed).map_err(Error::Failed)
            }
        }
    }

    /// The scope in the form of the database, once everything can be read.
    fn checked(&self, call: &Call) -> Result<String> {
        if self.label.as_ref().is_some_and(|label| label.chars().count() > LONGEST_LABEL) {
            return Err(invalid(format!("label is longer than {LONGEST_LABEL} characters")));
        }
        if self.validuntil.is_some_and(|day| day.end() <= call.now) {
            return Err(invalid("validuntil is in the past"));
        }
        let entries = self.scope.as_deref().unwrap_or_default();
        if entries.len() > MOST_ENTRIES {
            return Err(invalid(format!("scope has more than {MOST_ENTRIES} entries")));
        }
        let scope = Scope::parse(entries.iter().map(String::as_str));
        let scope = scope.map_err(|why| invalid(format!("scope: {why}")))?;
        Ok(scope.entries().collect::<Vec<_>>().join("\n"))
    }
}

/// A program that acts for a user makes no keys that outlive it.
fn by_no_key(call: &Call) -> Result<()> {
    match &call.caller {
        Caller::Person(person) if !person.by_password() => Err(forbidden(
            "Access denied: a key is made by a service, or in a session that the user has opened with the password",
        )),
        _ => Ok(()),
    }
}
