//! The audit log: one row for every change and every secret shown, in the change's own transaction.
//!
//! What a change has made different is found by the store and not by the commands. The row of the user
//! concerned is kept when it is first found, and held against the row at the end; whatever else can be
//! changed notes its own before and after where it is written. So no command can forget it, and a new
//! user, who has no before, costs no further statement.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::backend::Tx;
use super::users::{NewUser, User};
use crate::call::Call;
use crate::domain::rights::Rights;
use crate::error::Result;
use crate::snapshot::Snapshot;

/// What stands for a secret.
const MASK: &str = "•••";

/// What a transaction has seen and made different so far.
#[derive(Default)]
pub struct Ledger {
    /// The user concerned, as found first.
    user: Option<User>,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

/// Names and values of a row.
pub type Shown = Map<String, Value>;

impl Tx<'_> {
    /// Whom the change is about; the first one named counts.
    pub fn concerns(&self, user: i64) {
        self.note(|notes| {
            notes.subject.get_or_insert(user);
        });
    }

    /// Whom the call is about, as far as that is known by now.
    pub fn subject(&self) -> Option<i64> {
        let mut subject = None;
        self.note(|notes| subject = notes.subject);
        subject
    }

    /// The same of a user whose row is at hand: where this is a change, it is kept for the audit row.
    pub fn concerns_row(&self, user: &User) {
        self.concerns(user.id);
        self.book(|ledger| {
            if ledger.user.is_none() && self.subject() == Some(user.id) {
                ledger.user = Some(user.clone());
            }
        });
    }

    /// The same of a user who is new.
    pub(super) fn concerns_new(&self, user: i64, new: &NewUser<'_>) {
        self.concerns(user);
        self.book(|ledger| ledger.after.extend(filled(new_user(new))));
    }

    /// Notes that something beside the user's row is different now: an empty text stands for nothing.
    pub(super) fn differs(&self, name: &str, before: impl Into<Value>, after: impl Into<Value>) {
        let (before, after) = (before.into(), after.into());
        if before == after {
            return;
        }
        self.book(|ledger| {
            // A second change of the same thing has the first one's before.
            if !is_blank(&before) && !ledger.before.contains_key(name) && !ledger.after.contains_key(name) {
                ledger.before.insert(name.to_owned(), before);
            }
            ledger.after.remove(name);
            if !is_blank(&after) {
                ledger.after.insert(name.to_owned(), after);
            }
        });
    }

    /// Notes every member in which two rows differ.
    pub(super) fn rows_differ(&self, mut before: Shown, mut after: Shown) {
        let names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        for name in names {
            let (old, new) = (before.remove(&name), after.remove(&name));
            self.differs(&name, old.unwrap_or_else(blank), new.unwrap_or_else(blank));
        }
    }

    /// Notes the change of something secret.
    pub(super) fn secret_differs(&self, name: &str) {
        self.differs(name, "", "changed");
    }

    fn book(&self, note: impl FnOnce(&mut Ledger)) {
        if let Some(ledger) = self.ledger() {
            note(&mut ledger.borrow_mut());
        }
    }

    /// Marks that the caller's right to the one whom the call is about was asked.
    pub(super) fn judged(&self) {
        self.note(|notes| notes.judged = true);
    }

    /// Whether that was asked.
    pub fn asked(&self) -> bool {
        let mut judged = false;
        self.note(|notes| judged = notes.judged);
        judged
    }

    /// Marks a call that changes nothing and is still to be found in the audit log: a secret was shown.
    pub fn witnessed(&self) {
        self.note(|notes| notes.witnessed = true);
    }

    /// Whether the transaction is one that the audit log tells of.
    pub fn changed(&self) -> bool {
        let mut changed = false;
        self.note(|notes| changed = notes.changes > 0 || notes.witnessed);
        changed
    }

    /// Writes the row, if the call has changed anything or was to be witnessed.
    pub fn audit(&self, call: &Call, command: &str, fields: &str) -> Result<()> {
        if !self.changed() {
            return Ok(());
        }
        let (before, after) = self.settle(&call.snapshot)?;
        let sql =
            "INSERT INTO audit (time, providerid, caller, origin, command, userid, fields, before, after,
                   requestid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let (caller, origin, request) = (call.caller.name(), call.origin.name(), call.request_id.as_str());
        let values: super::backend::Params<'_> = &[
            &call.now.0,
            &call.provider.id,
            &caller,
            &origin,
            &command,
            &self.subject(),
            &fields,
            &before,
            &after,
            &request,
        ];
        self.keep_house(sql, values).map(drop)
    }

    /// What was different before and is now, as JSON.
    fn settle(&self, snapshot: &Snapshot) -> Result<(String, String)> {
        let kept = self.ledger().and_then(|ledger| ledger.borrow_mut().user.take());
        if let Some(old) = kept {
            let new = self.user(old.id)?;
            self.rows_differ(
                user(snapshot, &old),
                new.as_ref().map_or_else(Map::new, |new| user(snapshot, new)),
            );
            if new.is_some_and(|new| new.password != old.password) {
                self.secret_differs("password");
            }
        }
        let (mut before, mut after) = (Map::new(), Map::new());
        self.book(|ledger| {
            (before, after) = (std::mem::take(&mut ledger.before), std::mem::take(&mut ledger.after));
        });
        Ok((Value::Object(before).to_string(), Value::Object(after).to_string()))
    }

    fn ledger(&self) -> Option<&RefCell<Ledger>> {
        self.ledger.as_ref()
    }
}

/// A setting's value as the audit log may show it.
pub(super) fn masked(secret: bool, value: Option<&str>) -> Value {
    value.map(|value| if secret && !value.is_empty() { MASK } else { value }).unwrap_or_default().into()
}

fn blank() -> Value {
    Value::from("")
}

fn is_blank(value: &Value) -> bool {
    value.as_str() == Some("")
}

fn filled(row: Shown) -> impl Iterator<Item = (String, Value)> {
    row.into_iter().filter(|(_, value)| !is_blank(value))
}

/// A row as names and values.
pub(super) fn shown<const N: usize>(members: [(&str, Value); N]) -> Shown {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What of a user can change; times and the number of modifications say nothing of their own.
fn user(snapshot: &Snapshot, user: &User) -> Shown {
    let provider = snapshot.provider_by_id(user.provider_id).map(|provider| provider.code.as_str());
    shown([
        ("distributor", provider.unwrap_or_default().into()),
        ("username", user.username.as_str().into()),
        ("email", user.email.as_str().into()),
        ("status", user.status.name().into()),
        ("language", user.language.as_str().into()),
        ("reference", user.reference.as_str().into()),
        ("department", user.department.as_str().into()),
        ("authid", user.authid.as_str().into()),
        ("licenseid", number(user.license_id)),
        ("keyrepository", user.keyrepository.into()),
        ("newsletter", user.newsletter.into()),
        ("emailbounced", user.emailbounced.into()),
        ("webportal", user.webportal.into()),
        ("rights", rights(user.rights).into()),
        ("groupid", number(user.group_id)),
        ("accountid", number(user.account_id)),
    ])
}

fn new_user(new: &NewUser<'_>) -> Shown {
    shown([
        ("username", new.username.into()),
        ("email", new.email.into()),
        ("status", new.status.name().into()),
        ("language", new.language.into()),
        ("reference", new.reference.into()),
        ("department", new.department.into()),
        ("authid", new.authid.into()),
        ("password", if new.password.is_empty() { "" } else { "changed" }.into()),
    ])
}

/// A row's number, or nothing.
pub(super) fn number(id: Option<i64>) -> Value {
    id.map_or_else(blank, Value::from)
}

fn rights(rights: Rights) -> String {
    rights.each().map(|right| right.name()).collect::<Vec<_>>().join(",")
}
