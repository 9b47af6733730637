//! Mails on their way out: which is next, who has it in hand, and what became of it.
//!
//! A mail is sent by whichever program holds its lease, so two on one database never send the same one at once.
//! The lease is as long as one answer of a mail server may take, and renewed between two answers. What became of a
//! mail and the lease of the next one are written in one transaction: a program that is killed leaves one mail behind
//! of which nobody knows whether it went out, and no more.

use super::backend::{FromRow, Row, Tx};
use super::outbox::Waiting;
use crate::domain::time::Time;
use crate::error::Result;

/// A mail that a program has in hand.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The mail.
    pub mail: Waiting,
    /// How often it was tried in vain.
    pub attempts: i64,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The mail server has it.
    Sent,
    /// It is tried again then.
    Later {
        /// Not before that.
        due: Time,
        /// Why not now.
        error: String,
        /// Whether this was a try.
        counts: bool,
    },
    /// It is not tried again by itself.
    Dead {
        /// Why.
        error: String,
    },
}

/// A mail that nobody sends, for a line in the log.
#[derive(Debug)]
pub struct Idle {
    /// Its row.
    pub id: i64,
    /// The address.
    pub recipient: String,
    /// Family and template.
    pub template: String,
}

fn leased(row: &Row<'_>) -> FromRow<Leased> {
    let mail = Waiting {
        id: row.get(0)?,
        message_id: row.get(1)?,
        provider_id: row.get(2)?,
        recipient: row.get(3)?,
        family: row.get(4)?,
        template: row.get(5)?,
        language: row.get(6)?,
        variables: row.get(7)?,
        sealed: row.get(8)?,
        created: Time(row.get(9)?),
    };
    Ok(Leased { mail, attempts: row.get(10)? })
}

impl Tx<'_> {
    /// Whether a mail could be sent now.
    pub fn mail_is_due(&self, now: Time) -> Result<bool> {
        let sql = "SELECT 1 FROM outbox WHERE state = 'waiting' AND due <= $1 AND leaseuntil <= $2
                   ORDER BY due, id LIMIT 1";
        Ok(self.one(sql, &[&now.0, &now.0], |_| Ok(()))?.is_some())
    }

    /// Takes the mail in hand that is due for the longest time.
    pub fn lease_mail(&self, owner: &str, now: Time, until: Time) -> Result<Option<Leased>> {
        let sql = "SELECT id, messageid, providerid, recipient, family, template, language, variables, sealed, created,
                   attempts FROM outbox WHERE state = 'waiting' AND due <= $1 AND leaseuntil <= $2
                   ORDER BY due, id LIMIT 1";
        let Some(found) = self.one(sql, &[&now.0, &now.0], leased)? else { return Ok(None) };
        let sql = "UPDATE outbox SET owner = $1, leaseuntil = $2 WHERE id = $3";
        self.keep_house(sql, &[&owner, &until.0, &found.mail.id])?;
        Ok(Some(found))
    }

    /// Keeps a mail in hand; whether it still is.
    pub fn renew_mail(&self, id: i64, owner: &str, until: Time) -> Result<bool> {
        let sql = "UPDATE outbox SET leaseuntil = $1 WHERE id = $2 AND owner = $3";
        Ok(self.keep_house(sql, &[&until.0, &id, &owner])? > 0)
    }

    /// Notes what became of a mail, unless another program has it by now. The secrets of one that was sent go at
    /// once: who needs a code again asks for a new one.
    pub fn settle_mail(&self, id: i64, owner: &str, fate: &Fate, now: Time) -> Result<()> {
        let sent =
            "UPDATE outbox SET state = 'sent', sent = $1, sealed = NULL, error = '', attempts = attempts + 1,
                    owner = '', leaseuntil = 0 WHERE id = $2 AND owner = $3";
        let later =
            "UPDATE outbox SET due = $1, error = $2, attempts = attempts + $3, owner = '', leaseuntil = 0
                     WHERE id = $4 AND owner = $5";
        let dead =
            "UPDATE outbox SET state = 'dead', error = $1, due = $2, attempts = attempts + 1, owner = '',
                    leaseuntil = 0 WHERE id = $3 AND owner = $4";
        match fate {
            Fate::Sent => self.keep_house(sent, &[&now.0, &id, &owner]),
            Fate::Later { due, error, counts } => {
                self.keep_house(later, &[&due.0, error, &i64::from(*counts), &id, &owner])
            }
            Fate::Dead { error } => self.keep_house(dead, &[error, &now.0, &id, &owner]),
        }
        .map(drop)
    }

    /// Mails behind that number that wait, the oldest first.
    pub fn idle_mails(&self, after: i64, most: i64) -> Result<Vec<Idle>> {
        let sql =
            "SELECT id, recipient, family || '-' || template FROM outbox WHERE id > $1 AND state = 'waiting'
                   ORDER BY id LIMIT $2";
        self.all(sql, &[&after, &most], |row| {
            Ok(Idle { id: row.get(0)?, recipient: row.get(1)?, template: row.get(2)? })
        })
    }

    /// The number of the newest mail.
    pub fn newest_mail(&self) -> Result<i64> {
        Ok(self.one("SELECT coalesce(max(id), 0) FROM outbox", &[], |row| row.get(0))?.unwrap_or(0))
    }
}
