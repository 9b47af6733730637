//! `createsession`: a token with which a browser acts as a user for a while (seed 003).
//!
//! Who proves that they may: whoever knows the user's password, a key of the user, a site that acts for the user,
//! and a service, for any user of its provider. What the session remembers of that is what it ends with.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Class};
use crate::call::{Call, Caller};
use crate::command::{Command, Effect, Example, Mark, Next};
use crate::commands::users::attempt::{Attempt, may_log_in, may_use_portal};
use crate::commands::users::second_factor;
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::time::MINUTE;
use crate::domain::user::SelfOrUser;
use crate::error::{Code, Result, forbidden, invalid};
use crate::gate::{addresses, credentials};
use crate::store::Tx;
use crate::store::credentials::NewSession;
use crate::store::users::User;

/// How long a session lives (seed 003).
const LIFE: i64 = 15 * MINUTE;
/// The most sessions of one user; the oldest ends when another is opened `[O]`.
pub const MOST: i64 = 100;

/// Opens a session of 15 minutes for one address. With the user's password anyone may; without it a key
/// of the user, a site that acts for the user, or a service. The token is shown here once; it goes into the header X-VEHMAN-SESSION or,
/// at the JSON endpoint, into SESS.
#[derive(Deserialize, JsonSchema)]
pub struct CreateSession {
    id: SelfOrUser,
    /// the user's password
    password: Option<Secret>,
    /// the code that the user's authenticator shows now; needed beside the password of a user with a second factor
    totp: Option<Secret>,
    /// the address from which the session will be used; blank: that of the caller
    #[serde(rename = "IP", alias = "ip")]
    #[schemars(extend("x-aliases" = ["ip"]))]
    ip: Option<String>,
    #[serde(skip)]
    attempt: Attempt,
}

/// The session.
#[derive(Serialize, JsonSchema)]
pub struct Opened {
    /// the token; shown here once
    session: Secret,
    /// when it ends, RFC 3339
    expires: String,
}

impl Command for CreateSession {
    const NAME: &'static str = "createsession";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::WrongPassword,
        Code::NotActivated,
        Code::UserDisabled,
        Code::UserToDelete,
        Code::TooManyAttempts,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a service opens a session for a user's browser",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol IP=192.0.2.44",
            reply: "<session>Cgp4gy1pMeO3Nyqos1waIfjipYBlx8de_HY5P7nwpyY</session>\
                <expires>2026-01-01T00:15:00Z</expires>",
        },
        Example {
            shows: "by the user's password",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol password=sekret-1234 IP=192.0.2.44",
            reply: "<session>Cgp4gy1pMeO3Nyqos1waIfjipYBlx8de_HY5P7nwpyY</session>\
                <expires>2026-01-01T00:15:00Z</expires>",
        },
        Example {
            shows: "without the code of a user who has a second factor",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "settotp username=carol password=sekret-1234",
                "settotp username=carol password=sekret-1234 totp=685536",
            ],
            call: "username=carol password=sekret-1234 IP=192.0.2.44",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: totp is needed: the code that the user's authenticator shows \
                now</message></exception>",
        },
        Example {
            shows: "a wrong password",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol password=guess-1234 IP=192.0.2.44",
            reply: "<exception><primarycode>-30101</primarycode><secondarycode></secondarycode>\
                <message>Wrong password</message></exception>",
        },
    ];
    type Reply = Opened;

    /// Anyone with the password, else only who may do so for the user.
    fn class(&self) -> Class {
        if self.password.is_some() { Class::Public } else { access::OWN }
    }

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Opened>> {
        self.address(call)?;
        if let (Some(password), SelfOrUser::User(id)) = (&self.password, &self.id)
            && self.attempt.look(call, tx, id, password)?.is_none()
        {
            return Ok(Next::Hash);
        }
        Ok(Next::Run)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        match &self.password {
            Some(password) => self.attempt.hash(call, passwords, password),
            None => Ok(()),
        }
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Opened> {
        let address = self.address(call)?.to_string();
        let user = self.user(call, tx)?;
        let opener = match self.password {
            Some(_) => Opener::default(),
            None => Opener::of(call, user.id)?,
        };
        let token = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(call.random("session token")));
        let expires = call.now.plus(LIFE);
        let new = NewSession {
            hash: credentials::hash(token.reveal()),
            key: opener.key,
            service: opener.service,
            site_key: opener.site_key,
            address: &address,
            expires,
        };
        tx.add_session(call, user.id, &new, MOST)?;
        Ok(Opened { session: token, expires: expires.rfc3339() })
    }
}

impl CreateSession {
    /// The address that the session is bound to.
    fn address(&self, call: &Call) -> Result<IpAddr> {
        match &self.ip {
            Some(text) => {
                let address = text.parse().map_err(|_| invalid("IP must be an IPv4 or IPv6 address"))?;
                Ok(addresses::plain(address))
            }
            None => {
                call.person_ip().ok_or_else(|| invalid("IP is needed: the address of the user's browser"))
            }
        }
    }

    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<User> {
        match (&self.password, &self.id) {
            (Some(_), SelfOrUser::User(id)) => self.attempt.run(call, tx, id, |user, guess| {
                second_factor::pass(call, tx, user, guess, self.totp.as_ref())
            }),
            (Some(_), SelfOrUser::Caller) => {
                Err(invalid("one of username, useroremail, reference, authid is needed"))
            }
            (None, id) => {
                let user = tx.the_user_or_self(call, id)?;
                may_log_in(&user)?;
                may_use_portal(call, &user)?;
                Ok(user)
            }
        }
    }
}

/// What a session ends with.
#[derive(Default)]
struct Opener {
    key: Option<i64>,
    service: Option<i64>,
    site_key: Option<i64>,
}

impl Opener {
    fn of(call: &Call, user: i64) -> Result<Opener> {
        match &call.caller {
            Caller::Person(person) if person.session.is_some() => {
                Err(forbidden("Access denied: a session opens no session"))
            }
            // Another's session would outlive the right by which it was opened.
            Caller::Person(person) if person.user != user => {
                Err(forbidden("Access denied: a key opens sessions of its own user only"))
            }
            Caller::Person(person) => {
                let site_key = person.site.as_ref().and_then(|site| site.key);
                Ok(Opener { key: person.key.as_ref().map(|key| key.id), service: None, site_key })
            }
            Caller::Service(service) if service.id == 0 => {
                Err(forbidden("Access denied: sessions are opened by services that are registered"))
            }
            Caller::Service(service) => Ok(Opener { service: Some(service.id), ..Opener::default() }),
            Caller::Site(_) | Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => Ok(Opener::default()),
        }
    }
}
