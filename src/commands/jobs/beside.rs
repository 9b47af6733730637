//! What a row of an import names beside the user: a licence, a group, a company account, a state. Where a file comes
//! from another server, not all of it is known here.

use super::import::Import;
use crate::call::Call;
use crate::domain::groups::GroupRef;
use crate::domain::sheet::Column;
use crate::domain::user::Status;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::codes::Purpose;
use crate::store::users::User;

/// What the cells name.
#[derive(Debug, Default)]
pub struct Beside {
    /// The licence's key, or nothing.
    pub license: String,
    /// The group's reference, or nothing.
    pub group: String,
    /// The account's key, or nothing.
    pub account: String,
    /// The state, where one is given.
    pub status: Option<Status>,
    /// What was left out because it is not known here.
    pub left_out: Vec<String>,
}

impl Beside {
    /// Of a row; with `skipunknown` what is not known is left out, else it is refused when it is used.
    pub fn of(import: &Import, cells: &[String], call: &Call, tx: &Tx<'_>) -> Result<Beside> {
        let cell = |column| import.cell(cells, column).to_owned();
        let status =
            match import.cell(cells, Column::Status).to_ascii_lowercase() {
                word if word.is_empty() => None,
                word => Some(Status::parse(&word).ok_or_else(|| {
                    invalid("status must be one of activated, inactive, disabled, todelete")
                })?),
            };
        let mut beside = Beside {
            license: cell(Column::LicenseKey),
            group: cell(Column::Group),
            account: cell(Column::Account),
            status,
            left_out: Vec::new(),
        };
        if import.skip_unknown {
            beside.leave_out(call, tx)?;
        }
        Ok(beside)
    }

    fn leave_out(&mut self, call: &Call, tx: &Tx<'_>) -> Result<()> {
        let provider = call.provider.id;
        if !self.license.is_empty() && tx.license_of_key(provider, &self.license)?.is_none() {
            self.left_out.push(format!("license {}", std::mem::take(&mut self.license)));
        }
        let group = || tx.the_group(call, &GroupRef::Reference(self.group.clone()));
        if !self.group.is_empty() && is_unknown(group(), Code::GroupUnknown)? {
            self.left_out.push(format!("group {}", std::mem::take(&mut self.group)));
        }
        if !self.account.is_empty() && is_unknown(tx.the_account(call, &self.account), Code::AccountUnknown)?
        {
            self.left_out.push(format!("account {}", std::mem::take(&mut self.account)));
        }
        Ok(())
    }

    /// What was left out, in a sentence; blank where nothing was.
    pub fn told(&self) -> String {
        match self.left_out.is_empty() {
            true => String::new(),
            false => format!("left out, because it is not known here: {}", self.left_out.join(", ")),
        }
    }
}

fn is_unknown<T>(found: Result<T>, code: Code) -> Result<bool> {
    match found {
        Ok(_) => Ok(false),
        Err(Error::Refused { code: refused, .. }) if refused == code => Ok(true),
        Err(error) => Err(error),
    }
}

/// Brings a user to a state, without a mail: whoever imports says how it was elsewhere, and nobody has asked for
/// anything just now.
pub fn bring(tx: &Tx<'_>, user: &User, to: Status) -> Result<()> {
    if user.status == to {
        return Ok(());
    }
    if matches!(to, Status::Disabled | Status::ToDelete) {
        return tx.shut_out(user, to);
    }
    if matches!(user.status, Status::Disabled | Status::ToDelete) {
        tx.enable(user.id)?;
        tx.drop_codes(user.id, Purpose::Deletion)?;
    }
    match tx.user(user.id)? {
        Some(now) if now.status != to => tx.set_status(user.id, to),
        _ => Ok(()),
    }
}
