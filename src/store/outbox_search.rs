//! The outbox as people look at it: pages of mails, one to be sent again, one to be thrown away.

use super::audit::number;
use super::backend::{FromRow, Row, Tx};
use super::newest::{Bounds, CANDIDATES, Found, Page};
use crate::domain::time::Time;
use crate::error::{Code, Result};

/// Which mails are looked for.
#[derive(Debug, Default)]
pub struct MailSearch {
    /// Only those of this provider; none: of all.
    pub provider: Option<i64>,
    /// To that user.
    pub user: Option<i64>,
    /// To that address, in any case.
    pub recipient: Option<String>,
    /// By the template of that family and name.
    pub template: Option<(String, String)>,
    /// In that state.
    pub state: Option<String>,
}

/// A mail in the outbox.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its row.
    pub id: i64,
    /// Its Message-ID, without the domain.
    pub message_id: String,
    /// Whose mail it is.
    pub provider: i64,
    /// To whom; the user may be gone.
    pub user: Option<i64>,
    /// The address.
    pub recipient: String,
    /// `web` or `reg`.
    pub family: String,
    /// The template's name.
    pub template: String,
    /// The language.
    pub language: String,
    /// The variables that are not secret, a JSON object.
    pub variables: String,
    /// Whether its secrets are still there.
    pub sealed: bool,
    /// `waiting`, `sent` or `dead`.
    pub state: String,
    /// When it was written.
    pub created: Time,
    /// When it is tried next, where it waits.
    pub due: Time,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last time was in vain.
    pub error: String,
    /// When it was sent.
    pub sent: Option<Time>,
    /// Until when a program has it in hand.
    pub lease: Time,
}

fn kept(row: &Row<'_>) -> FromRow<Kept> {
    Ok(Kept {
        id: row.get(0)?,
        message_id: row.get(1)?,
        provider: row.get(2)?,
        user: row.get(3)?,
        recipient: row.get(4)?,
        family: row.get(5)?,
        template: row.get(6)?,
        language: row.get(7)?,
        variables: row.get(8)?,
        sealed: row.get(9)?,
        state: row.get(10)?,
        created: Time(row.get(11)?),
        due: Time(row.get(12)?),
        attempts: row.get(13)?,
        error: row.get(14)?,
        sent: row.get::<_, Option<i64>>(15)?.map(Time),
        lease: Time(row.get(16)?),
    })
}

impl MailSearch {
    fn has(&self, mail: &Kept) -> bool {
        let template = |(family, name): &(String, String)| *family == mail.family && *name == mail.template;
        self.user.is_none_or(|user| mail.user == Some(user))
            && self.state.as_ref().is_none_or(|state| *state == mail.state)
            && self.recipient.as_ref().is_none_or(|address| address.eq_ignore_ascii_case(&mail.recipient))
            && self.template.as_ref().is_none_or(template)
    }
}

impl Tx<'_> {
    /// Mails, the newest first.
    pub fn search_mails(&self, search: &MailSearch, page: &Page) -> Result<Found<Kept>> {
        let by_provider = "SELECT id, messageid, providerid, userid, recipient, family, template, language, variables,
                           sealed IS NOT NULL, state, created, due, attempts, error, sent, leaseuntil FROM outbox
                           WHERE providerid = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4";
        let all =
            "SELECT id, messageid, providerid, userid, recipient, family, template, language, variables,
                   sealed IS NOT NULL, state, created, due, attempts, error, sent, leaseuntil FROM outbox
                   WHERE id < $1 AND id > $2 ORDER BY id DESC LIMIT $3";
        let at = "SELECT id, created FROM outbox WHERE id >= $1 ORDER BY id LIMIT 1";
        let Bounds { below, above } = self.bounds(page, at)?;
        let keep = |row: &Row<'_>| -> FromRow<(i64, Time, Option<Kept>)> {
            let mail = kept(row)?;
            Ok((mail.id, mail.created, Some(mail).filter(|mail| search.has(mail))))
        };
        match search.provider {
            Some(provider) => self.newest(page, by_provider, &[&provider, &below, &above, &CANDIDATES], keep),
            None => self.newest(page, all, &[&below, &above, &CANDIDATES], keep),
        }
    }

    /// The mail of that number, of a provider whose mails the caller sees; `provider` is its own, or none where it
    /// sees all.
    pub fn the_mail(&self, provider: Option<i64>, id: i64) -> Result<Kept> {
        let sql =
            "SELECT id, messageid, providerid, userid, recipient, family, template, language, variables,
                   sealed IS NOT NULL, state, created, due, attempts, error, sent, leaseuntil FROM outbox WHERE id = $1";
        let mail = self.one(sql, &[&id], kept)?;
        let own = mail.filter(|mail| provider.is_none_or(|provider| provider == mail.provider));
        if let Some(user) = own.as_ref().and_then(|mail| mail.user) {
            self.concerns(user);
        }
        own.ok_or_else(|| Code::MailUnknown.into())
    }

    /// Has a mail sent again, as if it were new.
    pub fn resend_mail(&self, mail: &Kept, now: Time) -> Result<()> {
        self.differs("state", mail.state.as_str(), "waiting");
        let sql = "UPDATE outbox SET state = 'waiting', due = $1, attempts = 0, error = '', sent = NULL WHERE id = $2";
        self.change(sql, &[&now.0, &mail.id]).map(drop)
    }

    /// Throws a mail away.
    pub fn delete_mail(&self, mail: &Kept) -> Result<()> {
        self.differs("mail", number(Some(mail.id)), "");
        self.differs("recipient", mail.recipient.as_str(), "");
        self.change("DELETE FROM outbox WHERE id = $1", &[&mail.id]).map(drop)
    }

    /// Notes a mail that somebody wanted to be sent.
    pub fn mail_added(&self, id: i64) {
        self.differs("mail", "", number(Some(id)));
    }
}
