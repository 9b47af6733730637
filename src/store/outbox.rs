//! The outbox: mails to be sent, written with the change that causes them.

use super::backend::{Params, Tx};
use super::users::User;
use crate::call::Call;
use crate::domain::names;
use crate::domain::secret::Secret;
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// A mail to a user.
pub struct Mail<'a> {
    template: &'static str,
    secrets: &'a [(&'static str, &'a Secret)],
    to: Option<&'a str>,
    new_email: Option<&'a str>,
    texts: &'a [(&'static str, &'a str)],
    family: Option<&'static str>,
}

impl<'a> Mail<'a> {
    /// By a template, to the user's address; `secrets` are variables that only the recipient may read.
    pub fn new(template: &'static str, secrets: &'a [(&'static str, &'a Secret)]) -> Mail<'a> {
        Mail { template, secrets, to: None, new_email: None, texts: &[], family: None }
    }

    /// To another address than the user's.
    pub fn to(self, address: &'a str) -> Mail<'a> {
        Mail { to: Some(address), ..self }
    }

    /// About a change to that address.
    pub fn about(self, new_email: &'a str) -> Mail<'a> {
        Mail { new_email: Some(new_email), ..self }
    }

    /// Of that family of templates, whatever the call's is.
    pub fn of(self, family: &'static str) -> Mail<'a> {
        Mail { family: Some(family), ..self }
    }

    /// With further variables that anybody may read.
    pub fn saying(self, texts: &'a [(&'static str, &'a str)]) -> Mail<'a> {
        Mail { texts, ..self }
    }
}

/// A waiting mail, as tests and pages see it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// Its stable Message-ID.
    pub message_id: String,
    /// Whose mail it is.
    pub provider_id: i64,
    /// The address.
    pub recipient: String,
    /// `web` or `reg`.
    pub family: String,
    /// The template's name.
    pub template: String,
    /// The language.
    pub language: String,
    /// The variables, a JSON object.
    pub variables: String,
    /// The secret variables, sealed.
    pub sealed: Option<Vec<u8>>,
    /// When it was written.
    pub created: Time,
}

impl Tx<'_> {
    /// Writes a mail to a user.
    pub fn add_mail(&self, call: &Call, user: &User, mail: &Mail<'_>) -> Result<()> {
        self.post_mail(call, user, mail).map(drop)
    }

    /// The same; gives the mail's number.
    pub fn post_mail(&self, call: &Call, user: &User, mail: &Mail<'_>) -> Result<i64> {
        let random = call.random(mail.template);
        let message_id = hex::encode(&random[..16]);
        let sealed = match mail.secrets {
            [] => None,
            secrets => {
                let object: serde_json::Map<String, serde_json::Value> = secrets
                    .iter()
                    .map(|(name, secret)| ((*name).to_owned(), secret.reveal().into()))
                    .collect();
                let text = serde_json::Value::Object(object).to_string();
                let random = call.random("mail secrets");
                Some(call.vault.seal(&place(&message_id), text.as_bytes(), &random).map_err(Error::Failed)?)
            }
        };
        let mut variables = serde_json::json!({ "USERNAME": known_as(user), "EMAIL": user.email });
        if let Some(address) = mail.new_email {
            variables["NEWEMAIL"] = address.into();
        }
        for (name, text) in mail.texts {
            variables[*name] = (*text).into();
        }
        let (variables, recipient) = (variables.to_string(), mail.to.unwrap_or(&user.email));
        let sql = "INSERT INTO outbox (messageid, providerid, userid, recipient, family, template, language,
                   variables, sealed, state, created, due, attempts, error, sent, owner, leaseuntil)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $10, 0, '', NULL, '', 0) RETURNING id";
        let values: Params<'_> = &[
            &message_id,
            &user.provider_id,
            &user.id,
            &recipient,
            &mail.family.unwrap_or_else(|| call.mail_family()),
            &mail.template,
            &language(call, user),
            &variables,
            &sealed,
            &call.now.0,
        ];
        self.insert(sql, values)
    }

    /// How many of a provider's newest mails are still to be sent; of so many at most.
    pub fn mails_waiting(&self, provider: i64, most: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM
                   (SELECT state FROM outbox WHERE providerid = $1 ORDER BY id DESC LIMIT $2) AS newest
                   WHERE state = 'waiting'";
        Ok(self.one(sql, &[&provider, &most], |row| row.get(0))?.unwrap_or(0))
    }

    /// The newest mails, the newest last.
    pub fn newest_mails(&self, limit: i64) -> Result<Vec<Waiting>> {
        let sql = "SELECT id, messageid, recipient, family, template, language, variables, sealed, created, providerid
                   FROM outbox ORDER BY id DESC LIMIT $1";
        let mut mails = self.all(sql, &[&limit], |row| {
            Ok(Waiting {
                id: row.get(0)?,
                message_id: row.get(1)?,
                recipient: row.get(2)?,
                family: row.get(3)?,
                template: row.get(4)?,
                language: row.get(5)?,
                variables: row.get(6)?,
                sealed: row.get(7)?,
                created: Time(row.get(8)?),
                provider_id: row.get(9)?,
            })
        })?;
        mails.reverse();
        Ok(mails)
    }
}

/// What a mail calls its user: a magic name is invisible to people, who go by their address `[D]`.
pub fn known_as(user: &User) -> &str {
    if names::is_magic(&user.username) { &user.email } else { &user.username }
}

/// The user's language where the provider allows it, else the provider's default.
fn language<'a>(call: &'a Call, user: &'a User) -> &'a str {
    let provider = call.snapshot.provider_by_id(user.provider_id);
    provider.map_or(&user.language, |provider| provider.addresses(&user.language))
}

/// What a mail's secrets are bound to.
pub fn place(message_id: &str) -> String {
    format!("outbox/{message_id}")
}
