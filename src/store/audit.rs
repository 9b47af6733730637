//! The audit log: one row for every change and every secret shown, in the change's own transaction.

use super::backend::Tx;
use crate::call::Call;
use crate::error::Result;

impl Tx<'_> {
    /// Whom the change is about; the first one named counts.
    pub fn concerns(&self, user: i64) {
        self.note(|notes| {
            notes.subject.get_or_insert(user);
        });
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

    /// Writes the row, if the call has changed anything or was to be witnessed.
    pub fn audit(&self, call: &Call, command: &str, fields: &str) -> Result<()> {
        let notes = self.notes();
        if notes.changes == 0 && !notes.witnessed {
            return Ok(());
        }
        let sql = "INSERT INTO audit (time, providerid, caller, origin, command, userid, fields, requestid)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (caller, origin, request) = (call.caller.name(), call.origin.name(), call.request_id.as_str());
        let values: super::backend::Params<'_> =
            &[&call.now.0, &call.provider.id, &caller, &origin, &command, &notes.subject, &fields, &request];
        self.keep_house(sql, values).map(drop)
    }
}
