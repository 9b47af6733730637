//! A row of an import: a user who is registered, or brought to what the row says, by the commands that do this
//! for everybody.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::beside::{Beside, bring};
use super::order::refusable;
use super::task::Task;
use crate::call::Call;
use crate::command::Entry;
use crate::commands;
use crate::domain::names;
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::domain::sheet::Column;
use crate::domain::user::{Status, UserRef};
use crate::error::{Code, Error, Result, invalid};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::job_rows::Outcome;
use crate::store::users::User;

/// What stands for a password.
const MASK: &str = "•••";

/// What is the same for all rows of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The columns, by their names.
    pub columns: Vec<String>,
    /// The one by which a user is known.
    pub identity: String,
    /// Users who are there are updated, in place of being refused.
    pub update: bool,
    /// New users need no activation.
    pub activate: bool,
    /// Licences, groups and accounts that are not known are left out, in place of the row being refused.
    #[serde(default)]
    pub skip_unknown: bool,
}

/// A row.
pub struct ImportRow {
    /// The cells in the order of the columns, that of the password blank.
    cells: Vec<String>,
    password: Option<Secret>,
    beside: Beside,
    plan: Plan,
}

/// What is to be done with it, as far as was seen.
enum Plan {
    /// A refusal; it is asked again when its turn has come.
    Nothing,
    Create(Task),
    Update(Update),
}

struct Update {
    user: i64,
    /// Rises with every change: as long as it is the same, so is the plan.
    modnumber: i64,
    tasks: Vec<Task>,
    status: Option<Status>,
    password: Option<NewPassword>,
}

/// A password for somebody who may have it already.
struct NewPassword {
    /// The stored hash, or nothing.
    stored: String,
    same: bool,
    task: Task,
}

impl Import {
    /// The column by which a user is known.
    pub fn by(&self) -> Column {
        Column::named(&self.identity).unwrap_or(Column::Username)
    }

    /// The commands that its rows may come to: whoever may not call one of them may not import so.
    pub fn entries(&self) -> Vec<&'static Entry> {
        let by_column = |column: &String| match Column::named(column)? {
            Column::LicenseKey => Some("assignusertolicense"),
            Column::Status => Some("disableuser"),
            _ if !self.update => None,
            column if column == self.by() => None,
            Column::Username => Some("setusername"),
            Column::Email => Some("setemail"),
            Column::Password => Some("setpassword"),
            Column::Language => Some("setlanguage"),
            Column::Reference => Some("setreference"),
            Column::Department => Some("setdepartment"),
            Column::AuthId => Some("setauthid"),
            Column::Group | Column::Account => None,
        };
        let names = ["registeruser"].into_iter().chain(self.columns.iter().filter_map(by_column));
        names.filter_map(commands::find).collect()
    }

    /// What stands in a column of a row.
    pub fn cell<'a>(&self, cells: &'a [String], column: Column) -> &'a str {
        let at = self.columns.iter().position(|name| *name == column.name());
        at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// The user of the provider that the row is about.
    fn find(&self, cells: &[String], call: &Call, tx: &Tx<'_>) -> Result<Option<User>> {
        let text = self.cell(cells, self.by()).to_owned();
        if text.is_empty() {
            return Ok(None);
        }
        let id = match self.by() {
            Column::Email => UserRef::UserOrEmail(text),
            Column::Reference => UserRef::Reference(text),
            Column::AuthId => UserRef::AuthId(text),
            _ => UserRef::Username(text),
        };
        match tx.the_user(call, &id) {
            Ok(user) => Ok(Some(user).filter(|user| user.provider_id == call.provider.id)),
            Err(Error::Refused { code: Code::UserUnknown | Code::Redirect, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl ImportRow {
    /// As it was stored.
    pub fn new(cells: Vec<String>, password: Option<Secret>) -> ImportRow {
        ImportRow { cells, password, beside: Beside::default(), plan: Plan::Nothing }
    }

    /// Makes the plan.
    pub fn look(&mut self, import: &Import, call: &Call, tx: &Tx<'_>) -> Result<()> {
        self.plan = refusable(self.plan(import, call, tx))?.unwrap_or(Plan::Nothing);
        Ok(())
    }

    fn plan(&mut self, import: &Import, call: &Call, tx: &Tx<'_>) -> Result<Plan> {
        self.beside = Beside::of(import, &self.cells, call, tx)?;
        let found = if import.update { import.find(&self.cells, call, tx)? } else { None };
        if let Some(user) = found {
            return self.update(import, call, tx, &user).map(Plan::Update);
        }
        let mut task = self.register(import, call)?;
        task.look(tx)?;
        Ok(Plan::Create(task))
    }

    fn register(&self, import: &Import, call: &Call) -> Result<Task> {
        let cell = |column| import.cell(&self.cells, column);
        if cell(Column::Email).is_empty() {
            return Err(invalid("email is missing"));
        }
        let activate = self.beside.status.map_or(import.activate, |status| status != Status::Inactive);
        let fields = [
            ("username", cell(Column::Username)),
            ("useremail", cell(Column::Email)),
            ("password", self.password.as_ref().map_or("", Secret::reveal)),
            ("language", cell(Column::Language)),
            ("reference", cell(Column::Reference)),
            ("department", cell(Column::Department)),
            ("authid", cell(Column::AuthId)),
            ("groupreference", &self.beside.group),
            ("accountkey", &self.beside.account),
            ("activate", if activate { "true" } else { "" }),
        ];
        // Nobody reads the code in the reply of a row, so it is mailed unless mails are not wanted. Who is inactive
        // because the file says so is not invited anew, unless all are.
        let call = Call { send_mail: call.send_mail.or(Some(!import.activate)), ..call.clone() };
        Task::of(&with_any_name(&call, true), "registeruser", &fields)
    }

    /// What of the user is different: a blank cell says nothing.
    fn update(&self, import: &Import, call: &Call, tx: &Tx<'_>, user: &User) -> Result<Update> {
        let call = &Call { send_mail: call.send_mail.or(Some(false)), ..call.clone() };
        let license =
            user.license_id.map_or(Ok(None), |license| tx.license(license))?.map(|license| license.key);
        // The name comes last: the others name the user by the old one.
        let changes = [
            (Column::Email, user.email.as_str(), "setemail", "newemail"),
            (Column::Language, &user.language, "setlanguage", "language"),
            (Column::Department, &user.department, "setdepartment", "department"),
            (Column::Reference, &user.reference, "setreference", "newreference"),
            (Column::AuthId, &user.authid, "setauthid", "newauthid"),
            (Column::LicenseKey, license.as_deref().unwrap_or_default(), "assignusertolicense", "licensekey"),
            (Column::Username, &user.username, "setusername", "newusername"),
        ];
        let mut tasks = Vec::new();
        for (column, old, command, field) in changes {
            let cell = match column {
                Column::LicenseKey => self.beside.license.as_str(),
                column => import.cell(&self.cells, column),
            };
            let same = cell == old || (column == Column::LicenseKey && cell.eq_ignore_ascii_case(old));
            if cell.is_empty() || same || column == import.by() {
                continue;
            }
            // A service vouches for the addresses that it imports; anybody else's are confirmed by who has them.
            let confirmed = column == Column::Email && call.caller.is_trusted();
            let confirmed = ("confirmed", if confirmed { "true" } else { "" });
            let mut task =
                Task::of(call, command, &[("username", &user.username), (field, cell), confirmed])?;
            task.look(tx)?;
            tasks.push(task);
        }
        let password = match &self.password {
            Some(password) => Some(NewPassword::look(password, call, tx, user)?),
            None => None,
        };
        Ok(Update { user: user.id, modnumber: user.modnumber, tasks, status: self.beside.status, password })
    }

    /// Whether a hash thread has something to do.
    pub fn hashes(&self) -> bool {
        match &self.plan {
            Plan::Nothing => false,
            Plan::Create(task) => task.hashes(),
            Plan::Update(update) => update.password.is_some(),
        }
    }

    /// Hashes the password, where the user does not have it already.
    pub fn hash(&mut self, passwords: &mut Passwords, dry: bool) -> Result<()> {
        let (Some(password), plan) = (&self.password, &mut self.plan) else { return Ok(()) };
        match plan {
            Plan::Create(task) if !dry => task.hash(passwords),
            Plan::Update(Update { password: Some(new), .. }) => {
                let stored = !new.stored.is_empty();
                new.same =
                    stored && passwords.verify(password.reveal(), &new.stored).map_err(Error::Failed)?;
                if new.same || dry { Ok(()) } else { new.task.hash(passwords) }
            }
            _ => Ok(()),
        }
    }

    /// Carries the plan out, if it still is the right one.
    pub fn run(&mut self, import: &Import, call: &Call, tx: &Tx<'_>) -> Result<Outcome> {
        if matches!(self.plan, Plan::Nothing) {
            self.plan(import, call, tx)?;
            return Err(Error::Again);
        }
        let found = if import.update { import.find(&self.cells, call, tx)? } else { None };
        match (&mut self.plan, found) {
            (Plan::Create(task), None) => {
                create(task, &self.beside, call, tx)?;
                Ok(Outcome::Created)
            }
            (Plan::Update(update), Some(user)) if update.fits(&user) => {
                // First of all: the last of the others may change the name.
                if let Some(password) = update.password.as_mut().filter(|password| !password.same) {
                    password.task.run(call, tx)?;
                }
                for task in &mut update.tasks {
                    task.run(call, tx)?;
                }
                if let Some(status) = update.status {
                    bring(tx, &user, status)?;
                }
                Ok(if tx.changed() { Outcome::Updated } else { Outcome::Unchanged })
            }
            _ => Err(Error::Again),
        }
    }

    /// What of it nobody else may have, hashed, and the refusal of whoever comes later. By what users are known stands
    /// in no two rows anyway.
    pub fn claims(&self, import: &Import, call: &Call) -> Vec<(u64, Code)> {
        let settings = &call.provider.settings;
        let unique = [
            (Column::Username, true, Code::UserExists),
            (Column::Email, call.snapshot.server.email_unique, Code::EmailExists),
            (Column::Reference, settings.reference_unique, Code::ReferenceExists),
            (Column::AuthId, true, Code::AuthIdExists),
        ];
        let claim = |(column, unique, code): (Column, bool, Code)| {
            let cell = import.cell(&self.cells, column);
            let folds = matches!(column, Column::Username | Column::Email);
            let key = if folds { names::key(cell) } else { cell.to_owned() };
            let mut hasher = DefaultHasher::new();
            (column.name(), key).hash(&mut hasher);
            (unique && !cell.is_empty() && column != import.by()).then(|| (hasher.finish(), code))
        };
        unique.into_iter().filter_map(claim).collect()
    }

    /// What was left out of it.
    pub fn told(&self) -> String {
        self.beside.told()
    }

    /// Its cells for the audit log.
    pub fn shown(&self, import: &Import) -> String {
        let cells = import.columns.iter().zip(&self.cells).filter(|(_, cell)| !cell.is_empty());
        let cells = cells.map(|(name, cell)| (name.clone(), Value::from(cell.as_str())));
        let password = self.password.iter().map(|_| ("password".to_owned(), Value::from(MASK)));
        Value::Object(cells.chain(password).collect::<Map<_, _>>()).to_string()
    }
}

/// The call with a provider that takes magic names: those of its own users come back from an export. Where a row
/// brings a licence, no default one is made.
fn with_any_name(call: &Call, default_license: bool) -> Call {
    let mut provider = Provider::clone(&call.provider);
    provider.settings.magic_usernames = true;
    provider.settings.create_default_license &= default_license;
    Call { provider: Arc::new(provider), ..call.clone() }
}

/// Registers a user; one who is given a licence gets no other one before.
fn create(task: &mut Task, beside: &Beside, call: &Call, tx: &Tx<'_>) -> Result<()> {
    let key = beside.license.as_str();
    task.run(&with_any_name(call, key.is_empty()), tx)?;
    let user = tx.subject().map_or(Ok(None), |user| tx.user(user))?.ok_or(Code::UserUnknown)?;
    if let Some(number) = names::magic_number(&call.provider.code, &user.username) {
        tx.reach_magic(call.provider.id, number)?;
    }
    if !key.is_empty() {
        let fields = [("username", user.username.as_str()), ("licensekey", key)];
        Task::of(call, "assignusertolicense", &fields)?.run(call, tx)?;
    }
    match beside.status {
        Some(status) => bring(tx, &user, status),
        None => Ok(()),
    }
}

impl Update {
    fn fits(&self, user: &User) -> bool {
        let stored = self.password.as_ref().is_none_or(|password| password.stored == user.password);
        self.user == user.id && self.modnumber == user.modnumber && stored
    }
}

impl NewPassword {
    fn look(password: &Secret, call: &Call, tx: &Tx<'_>, user: &User) -> Result<NewPassword> {
        let fields = [("username", user.username.as_str()), ("newpassword", password.reveal())];
        let mut task = Task::of(call, "setpassword", &fields)?;
        task.look(tx)?;
        Ok(NewPassword { stored: user.password.clone(), same: false, task })
    }
}
