//! Users: found by what the protocol identifies them with, added, changed, removed.

use super::backend::{FromRow, Params, Row, Tx};
use crate::access;
use crate::call::{Call, Caller};
use crate::domain::names;
use crate::domain::rights::Rights;
use crate::domain::secret::letters;
use crate::domain::time::Time;
use crate::domain::user::{SelfOrUser, Status, UserRef};
use crate::error::{Code, Error, Result, invalid};
use crate::snapshot::Provider;

/// A user's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id, which is never given twice.
    pub id: i64,
    /// Whose user it is.
    pub provider_id: i64,
    /// The name as it was given.
    pub username: String,
    /// The registration address.
    pub email: String,
    /// The PHC string; empty: no password yet.
    pub password: String,
    /// The state.
    pub status: Status,
    /// The language of mails and pages.
    pub language: String,
    /// The external reference.
    pub reference: String,
    /// The department.
    pub department: String,
    /// The id at the external authentication service.
    pub authid: String,
    /// The default licence.
    pub license_id: Option<i64>,
    /// Whether keys may be kept in the repository.
    pub keyrepository: bool,
    /// Whether the newsletter is wanted.
    pub newsletter: bool,
    /// Whether mails came back.
    pub emailbounced: bool,
    /// Whether the web portal may be used.
    pub webportal: bool,
    /// When it was registered.
    pub created: Time,
    /// The last login.
    pub last_login: Option<Time>,
    /// Rises with every change.
    pub modnumber: i64,
    /// The rights that were granted.
    pub rights: Rights,
    /// The group the user is a member of.
    pub group_id: Option<i64>,
    /// The company account the user belongs to.
    pub account_id: Option<i64>,
    /// The site that registered the user; it may be gone.
    pub home: Option<i64>,
    /// By which sites name the user; public.
    pub userkey: String,
}

/// What a new user starts with.
pub struct NewUser<'a> {
    /// The name as given.
    pub username: &'a str,
    /// The registration address.
    pub email: &'a str,
    /// The PHC string, or nothing.
    pub password: &'a str,
    /// The state.
    pub status: Status,
    /// The language.
    pub language: &'a str,
    /// The external reference.
    pub reference: &'a str,
    /// The department.
    pub department: &'a str,
    /// The id at the external authentication service.
    pub authid: &'a str,
}

/// A user from the first columns of a row.
pub(super) fn read(row: &Row<'_>) -> FromRow<User> {
    let status = row.get_ref(5)?.as_str().ok().and_then(Status::parse).unwrap_or(Status::Disabled);
    Ok(User {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        username: row.get(2)?,
        email: row.get(3)?,
        password: row.get(4)?,
        status,
        language: row.get(6)?,
        reference: row.get(7)?,
        department: row.get(8)?,
        authid: row.get(9)?,
        license_id: row.get(10)?,
        keyrepository: row.get(11)?,
        newsletter: row.get(12)?,
        emailbounced: row.get(13)?,
        webportal: row.get(14)?,
        created: Time(row.get(15)?),
        last_login: row.get::<_, Option<i64>>(16)?.map(Time),
        modnumber: row.get(17)?,
        rights: Rights(row.get(18)?),
        group_id: row.get(19)?,
        account_id: row.get(20)?,
        home: row.get(21)?,
        userkey: row.get(22)?,
    })
}

/// The columns in the order in which [`read`] takes them; the statements below must begin with them.
const BY_ID: &str = "SELECT id, providerid, username, email, password, status, language, reference,
    department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal, created, lastlogin, modnumber,
    rights, groupid, accountid, homesite, userkey FROM users WHERE id = $1";
const BY_NAME: &str = "SELECT id, providerid, username, email, password, status, language, reference,
    department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal, created, lastlogin, modnumber,
    rights, groupid, accountid, homesite, userkey FROM users WHERE name_key = $1";

impl Tx<'_> {
    /// The user that the call is about, of a provider that the caller may act for; a user of another
    /// provider is answered with that provider's redirect, or like an unknown one.
    pub fn the_user(&self, call: &Call, id: &UserRef) -> Result<User> {
        self.within(call, self.find(call, id))
    }

    /// The same where it was looked for already.
    pub(super) fn within(&self, call: &Call, found: Result<Option<User>>) -> Result<User> {
        match found {
            Ok(Some(user)) => self.within_reach(call, user),
            Ok(None) => Err(self.absent(call, Code::UserUnknown.into())),
            // That an address is several users' tells of other users, too.
            Err(error @ Error::Refused { .. }) => Err(self.absent(call, error)),
            Err(fault) => Err(fault),
        }
    }

    /// A user of the authorised provider whom somebody names without API access: not this user, but something
    /// else that the call names has decided that it may go on.
    pub fn somebody(&self, call: &Call, id: &UserRef) -> Result<Option<User>> {
        let found = match self.find(call, id) {
            Ok(found) => found.filter(|user| user.provider_id == call.provider.id),
            // That an address is several users' is not told.
            Err(Error::Refused { .. }) => None,
            Err(fault) => return Err(fault),
        };
        if let Some(user) = &found {
            self.concerns_row(user);
        }
        Ok(found)
    }

    /// The same for a user found by a code or a number.
    pub fn the_user_by_id(&self, call: &Call, id: i64) -> Result<User> {
        match self.user(id)? {
            Some(user) => self.within_reach(call, user),
            None => Err(self.absent(call, Code::UserUnknown.into())),
        }
    }

    /// The user that the call names, or the caller.
    pub fn the_user_or_self(&self, call: &Call, id: &SelfOrUser) -> Result<User> {
        match (id, &call.caller) {
            (SelfOrUser::User(id), _) => self.the_user(call, id),
            (SelfOrUser::Caller, Caller::Person(person)) => self.the_user_by_id(call, person.user),
            (SelfOrUser::Caller, _) => {
                Err(invalid("one of username, useroremail, reference, authid is needed"))
            }
        }
    }

    fn within_reach(&self, call: &Call, user: User) -> Result<User> {
        let Some(provider) = call.snapshot.provider_by_id(user.provider_id) else {
            return Err(Error::fault("a user without provider"));
        };
        if call.reaches(provider.id) {
            access::about(call, user.id, provider.id, user.rights, &self.ties_to_user(call, &user)?)?;
            self.judged();
            self.concerns_row(&user);
            return Ok(user);
        }
        if !call.caller.is_trusted() {
            return Err(self.absent(call, Code::UserUnknown.into()));
        }
        match provider.settings.redirect.as_str() {
            "" => Code::UserUnknown.refuse(),
            url => Err(Code::Redirect.say(url.to_owned())),
        }
    }

    pub(super) fn find(&self, call: &Call, id: &UserRef) -> Result<Option<User>> {
        match id {
            UserRef::Username(name) => self.user_named(name),
            UserRef::UserOrEmail(text) => match self.user_named(text)? {
                None if text.contains('@') => self.user_by_email(call, text),
                found => Ok(found),
            },
            UserRef::Email(address) => self.user_by_email(call, address),
            UserRef::Reference(reference) => self.user_by_reference(call, reference),
            UserRef::AuthId(authid) => {
                let sql = "SELECT id FROM users WHERE providerid = $1 AND authid = $2 AND authid <> ''";
                let id = self.one(sql, &[&call.provider.id, &authid], |row| row.get(0))?;
                id.map_or(Ok(None), |id| self.user(id))
            }
        }
    }

    /// The user of that id.
    pub fn user(&self, id: i64) -> Result<Option<User>> {
        self.one(BY_ID, &[&id], read)
    }

    /// The user of that name, whoever's it is.
    pub fn user_named(&self, name: &str) -> Result<Option<User>> {
        self.one(BY_NAME, &[&names::key(name)], read)
    }

    fn user_by_reference(&self, call: &Call, reference: &str) -> Result<Option<User>> {
        if !call.provider.settings.reference_unique {
            return Err(invalid(
                "reference identifies a user only where CLIENT/EXT_USER_REFERENCE_UNIQUE is True",
            ));
        }
        let sql = "SELECT id FROM users WHERE providerid = $1 AND reference = $2 AND reference <> '' LIMIT 2";
        let ids = self.all(sql, &[&call.provider.id, &reference], |row| row.get::<_, i64>(0))?;
        self.only(&ids, "reference is not unique")
    }

    /// By the registration address: the authorised provider first, elsewhere only where addresses are
    /// not isolated.
    fn user_by_email(&self, call: &Call, email: &str) -> Result<Option<User>> {
        let not_unique = "email is not unique";
        let key = names::key(email);
        let sql = "SELECT id FROM users WHERE email_key = $1 AND providerid = $2 LIMIT 2";
        let own = self.all(sql, &[&key, &call.provider.id], |row| row.get::<_, i64>(0))?;
        if !own.is_empty() {
            return self.only(&own, not_unique);
        }
        let mut ids = Vec::new();
        let sql = "SELECT id, providerid FROM users WHERE email_key = $1 LIMIT 1000";
        self.each(sql, &[&key], |row| {
            let provider = call.snapshot.provider_by_id(row.get(1)?);
            if provider.is_some_and(|provider| !provider.settings.isolated_email) {
                ids.push(row.get(0)?);
            }
            Ok(ids.len() < 2)
        })?;
        self.only(&ids, not_unique)
    }

    fn only(&self, ids: &[i64], several: &str) -> Result<Option<User>> {
        match ids {
            [] => Ok(None),
            [id] => self.user(*id),
            _ => Err(invalid(several)),
        }
    }

    /// Whether a name is taken, on the whole server.
    pub fn name_taken(&self, name: &str) -> Result<bool> {
        self.any("SELECT 1 FROM users WHERE name_key = $1", &[&names::key(name)])
    }

    /// Whether an address is taken within its scope: the provider's where that is isolated, else all
    /// providers that are not.
    pub fn email_taken(&self, call: &Call, provider: &Provider, email: &str) -> Result<bool> {
        let key = names::key(email);
        if provider.settings.isolated_email {
            let sql = "SELECT 1 FROM users WHERE email_key = $1 AND providerid = $2 LIMIT 1";
            return self.any(sql, &[&key, &provider.id]);
        }
        let mut taken = false;
        self.each("SELECT providerid FROM users WHERE email_key = $1", &[&key], |row| {
            let provider = call.snapshot.provider_by_id(row.get(0)?);
            taken = provider.is_some_and(|provider| !provider.settings.isolated_email);
            Ok(!taken)
        })?;
        Ok(taken)
    }

    /// Whether the provider has a user of that reference.
    pub fn reference_taken(&self, provider: i64, reference: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM users WHERE providerid = $1 AND reference = $2 AND reference <> '' LIMIT 1";
        self.any(sql, &[&provider, &reference])
    }

    /// Whether the provider has a user of that authentication id.
    pub fn authid_taken(&self, provider: i64, authid: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM users WHERE providerid = $1 AND authid = $2 AND authid <> '' LIMIT 1";
        self.any(sql, &[&provider, &authid])
    }

    pub(super) fn any(&self, sql: &'static str, params: Params<'_>) -> Result<bool> {
        Ok(self.one(sql, params, |_| Ok(()))?.is_some())
    }

    /// Adds a user.
    pub fn add_user(&self, call: &Call, user: &NewUser<'_>) -> Result<i64> {
        let (name_key, email_key) = (names::key(user.username), names::key(user.email));
        let sql = "INSERT INTO users (providerid, username, name_key, email, email_key, password, status, before, language,
                   reference, department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal,
                   created, lastlogin, modnumber, rights, homesite, userkey)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, $11, NULL, 0, 0, 0, 1, $12, NULL, 1, 0,
                   $13, $14) RETURNING id";
        let userkey = format!("uk-{}", letters(&call.random("user key")[..20]));
        let values: Params<'_> = &[
            &call.provider.id,
            &user.username,
            &name_key,
            &user.email,
            &email_key,
            &user.password,
            &user.status.name(),
            &user.language,
            &user.reference,
            &user.department,
            &user.authid,
            &call.now.0,
            &call.caller.site(),
            &userkey,
        ];
        let id = self.insert(sql, values)?;
        self.note(|notes| notes.reindex.push((id, true)));
        self.concerns_new(id, user);
        Ok(id)
    }

    pub(super) fn set_last_login(&self, user: i64, time: i64) -> Result<()> {
        let sql = "UPDATE users SET lastlogin = $1 WHERE id = $2 AND (lastlogin IS NULL OR lastlogin < $1)";
        self.keep_house(sql, &[&time, &user]).map(drop)
    }
}
