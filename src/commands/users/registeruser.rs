//! `registeruser`: a new user, with the licence and the depot of the provider's rules.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{defaults, rules};
use crate::access::{self, Class};
use crate::call::{Call, Caller};
use crate::command::{Command, Effect, Example, Mark, Next, Zero};
use crate::domain::groups::GroupRef;
use crate::domain::passwords::{self, Passwords};
use crate::domain::secret::Secret;
use crate::domain::user::Status;
use crate::domain::{email, names};
use crate::error::{Code, Error, Result, forbidden};
use crate::store::Tx;
use crate::store::accounts::Account;
use crate::store::codes::Purpose;
use crate::store::groups::Group;
use crate::store::outbox::Mail;
use crate::store::users::{NewUser, User};

/// How many numbers in a row may be taken by names that were chosen.
const TRIES: usize = 1_000;

/// Registers a user of the provider, who is inactive until the activation code is used.
///
/// A site that signs without naming a user registers users of its provider, whose home it then is, without `activate`,
/// `authid`, `accountkey`, `groupreference` and `licensereference`; the reply has the `userkey` of the new user.
///
/// A manager of the company account that is named registers its members, too, by name, address, language and department
/// alone: who the user is, and by which password, the user says who gets the mail. Whoever may register learns which
/// names and addresses are taken, a manager as well: another name could not be chosen otherwise.
#[derive(Deserialize, JsonSchema)]
pub struct RegisterUser {
    /// the name, unique on the server; left out, one is made that the user never sees
    username: Option<String>,
    /// the address to which mails go
    useremail: String,
    /// the password; left out, the user sets one when activating
    password: Option<Secret>,
    /// the language of mails and pages, one of those that the provider allows
    language: Option<String>,
    /// an external reference
    reference: Option<String>,
    /// the department
    department: Option<String>,
    /// the id at the external authentication service, unique within the provider
    authid: Option<String>,
    /// the group to join
    groupreference: Option<String>,
    /// the company account to join
    accountkey: Option<String>,
    /// the reference of the default licence that is made
    licensereference: Option<String>,
    /// whether the user needs no activation
    #[serde(default)]
    activate: bool,
    #[serde(skip)]
    hash: String,
}

/// The new user.
#[derive(Serialize, JsonSchema)]
pub struct Registered {
    /// always 0
    intresult: Zero,
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// the code that activates the user, where no mail brings it
    #[serde(skip_serializing_if = "Option::is_none")]
    activationcode: Option<Secret>,
    /// by which the site that registers the user names the user from now on
    #[serde(skip_serializing_if = "Option::is_none")]
    userkey: Option<String>,
}

impl Command for RegisterUser {
    const NAME: &'static str = "registeruser";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[
        Code::UserExists,
        Code::EmailExists,
        Code::InvalidUsername,
        Code::InvalidPassword,
        Code::InvalidEmail,
        Code::ReferenceExists,
        Code::LanguageUnknown,
        Code::AuthIdExists,
        Code::GroupUnknown,
        Code::AccountUnknown,
        Code::LicenseLimit,
        Code::LicenseReferenceExists,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user with a password; no mail is sent, so the code is in the reply",
            given: &[],
            call: "username=carol useremail=carol@example.com password=sekret-1234",
            reply: "<intresult>0</intresult><userid>5</userid><username>carol</username>\
                <activationcode>hyhtpjxectv5sp5x2f2qvwuqgtv3h88b</activationcode>",
        },
        Example {
            shows: "a user that needs no activation and gets a name of the server's own",
            given: &[],
            call: "useremail=dave@example.com activate=true",
            reply: "<intresult>0</intresult><userid>5</userid><username>$DEMO-1001</username>",
        },
        Example {
            shows: "a member of a company account",
            given: &["createaccount accountname=Acme accountcode=SHOP"],
            call: "username=carol useremail=carol@example.com accountkey=DEMO-SHOP-9029",
            reply: "<intresult>0</intresult><userid>5</userid><username>carol</username><act\
                ivationcode>8767ch9znpjbshqqzntiu6a3iunpebt9</activationcode>",
        },
        Example {
            shows: "a name that is taken",
            given: &["registeruser username=carol useremail=carol@example.com"],
            call: "username=CAROL useremail=other@example.com",
            reply: "<exception><primarycode>-30103</primarycode><secondarycode></secondarycode>\
                <message>Username already exists</message></exception>",
        },
    ];
    type Reply = Registered;

    /// Managers register for their own account alone.
    fn class(&self) -> Class {
        if self.accountkey.is_some() { Self::CLASS } else { Class::Protected }
    }

    fn look(&mut self, call: &Call, tx: &Tx<'_>) -> Result<Next<Registered>> {
        // Only the hash is dear enough to ask beforehand what `run` asks again.
        if self.password.is_none() {
            return Ok(Next::Run);
        }
        self.check(call, tx)?;
        Ok(Next::Hash)
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        if let Some(password) = &self.password {
            let hash = passwords.hash(password.reveal(), &call.random16("password salt"));
            self.hash = hash.map_err(Error::Failed)?;
        }
        Ok(())
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Registered> {
        let language = self.check(call, tx)?;
        let username = self.name(call, tx)?;
        let userid = tx.add_user(
            call,
            &NewUser {
                username: &username,
                email: &self.useremail,
                password: &self.hash,
                status: if self.activate { Status::Activated } else { Status::Inactive },
                language: &language,
                reference: text(&self.reference),
                department: text(&self.department),
                authid: text(&self.authid),
            },
        )?;
        self.join(call, tx, userid)?;
        defaults::give_license(call, tx, &call.provider, userid, self.licensereference.as_deref())?;
        defaults::give_depot(call, tx, userid)?;
        if let Some(group) = self.group(call, tx)? {
            tx.join_group(call, userid, &group)?;
        }
        let activationcode = if self.activate { None } else { self.invite(call, tx, userid)? };
        let userkey = match call.caller.site() {
            Some(_) => tx.user(userid)?.map(|user| user.userkey),
            None => None,
        };
        Ok(Registered { intresult: Zero, userid, username, activationcode, userkey })
    }
}

fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

/// The template for a user's activation: one that also asks for a password where there is none.
pub(super) fn activation_template(user: &User) -> &'static str {
    if user.password.is_empty() { "activationsetpassword" } else { "activationlink" }
}

impl RegisterUser {
    /// All rules of registration; the language that the user gets.
    fn check(&self, call: &Call, tx: &Tx<'_>) -> Result<String> {
        // Nobody learns what is taken before their right is known.
        self.by_site(call)?;
        self.account(call, tx)?;
        self.allowed(call)?;
        let provider = &call.provider;
        if let Some(name) = &self.username {
            rules::username(call, tx, provider, name)?;
        }
        let shortest = call.snapshot.server.password_length;
        if self.password.as_ref().is_some_and(|password| !passwords::allowed(password.reveal(), shortest)) {
            return Code::InvalidPassword.refuse();
        }
        if !email::valid(&self.useremail) {
            return Code::InvalidEmail.refuse();
        }
        let default = &provider.settings.default_language;
        let language = rules::language(provider, self.language.as_ref().unwrap_or(default))?;
        rules::address(call, tx, provider, &self.useremail)?;
        self.check_references(call, tx)?;
        Ok(language)
    }

    /// The company account to join.
    fn account(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<Account>> {
        self.accountkey.as_ref().map(|key| tx.the_account(call, key)).transpose()
    }

    /// What a manager may say of a new member. A password would be one that somebody else knows, `activate` would
    /// make a stranger's address one's own, and by the references the provider's programs know their customers.
    fn allowed(&self, call: &Call) -> Result<()> {
        if access::tied(call).is_none() {
            return Ok(());
        }
        let fields = [
            ("password", self.password.is_some()),
            ("activate", self.activate),
            ("reference", self.reference.is_some()),
            ("authid", self.authid.is_some()),
            ("licensereference", self.licensereference.is_some()),
        ];
        match fields.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(forbidden(format!(
                "Access denied: {field} of registeruser is for callers with API access, not for account managers; \
                 a caller of provider level can grant the right API-ACCESS"
            ))),
            None => Ok(()),
        }
    }

    /// What a site may say of a new user: who the user is, the mail has to prove, and what belongs to the provider is
    /// not the site's to give.
    fn by_site(&self, call: &Call) -> Result<()> {
        let Caller::Site(_) = &call.caller else { return Ok(()) };
        let fields = [
            ("activate", self.activate),
            ("authid", self.authid.is_some()),
            ("accountkey", self.accountkey.is_some()),
            ("groupreference", self.groupreference.is_some()),
            ("licensereference", self.licensereference.is_some()),
        ];
        match fields.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(forbidden(format!(
                "Access denied: a site registers users without {field}, which a service of the provider may say"
            ))),
            None => Ok(()),
        }
    }

    /// The new user is a member of the account.
    fn join(&self, call: &Call, tx: &Tx<'_>, userid: i64) -> Result<()> {
        let Some(account) = self.account(call, tx)? else { return Ok(()) };
        let user = tx.user(userid)?.ok_or(Code::UserUnknown)?;
        tx.join_account(&user, &account)
    }

    fn check_references(&self, call: &Call, tx: &Tx<'_>) -> Result<()> {
        rules::short("department", text(&self.department))?;
        rules::short("licensereference", text(&self.licensereference))?;
        rules::reference(tx, &call.provider, text(&self.reference))?;
        rules::authid(tx, &call.provider, text(&self.authid))?;
        self.group(call, tx)?;
        defaults::check_reference(tx, &call.provider, text(&self.licensereference))
    }

    /// The group to join, which must be of the provider; else -30123.
    fn group(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<Group>> {
        let named = self.groupreference.clone().map(GroupRef::Reference);
        named.map(|group| tx.the_group(call, &group)).transpose()
    }

    /// The name as given, or the next magic one that is free.
    fn name(&self, call: &Call, tx: &Tx<'_>) -> Result<String> {
        if let Some(name) = &self.username {
            return Ok(match names::composed(name) {
                Cow::Borrowed(name) => name.to_owned(),
                Cow::Owned(name) => name,
            });
        }
        for _ in 0..TRIES {
            let name = names::magic(&call.provider.code, tx.next_magic(call.provider.id)?);
            if !tx.name_taken(&name)? {
                return Ok(name);
            }
        }
        Err(Error::fault("no free magic username was found"))
    }

    /// Makes the activation code: in a mail, or for the reply where no mail is sent.
    fn invite(&self, call: &Call, tx: &Tx<'_>, userid: i64) -> Result<Option<Secret>> {
        let code = tx.add_code(call, userid, Purpose::Activation, "")?;
        if !call.sends_mail(None) {
            return Ok(Some(code));
        }
        let user = tx.user(userid)?.ok_or(Code::UserUnknown)?;
        let template = activation_template(&user);
        tx.add_mail(call, &user, &Mail::new(template, &[("ACTIVATIONCODE", &code)]))?;
        Ok(None)
    }
}
