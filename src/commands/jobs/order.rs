//! What a job is to do, and the work of one of its rows: looked at, hashed, run, like any call.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::import::{Import, ImportRow};
use super::task::Task;
use crate::call::Call;
use crate::command::Entry;
use crate::commands;
use crate::commands::licenses::cancellicense;
use crate::domain::passwords::Passwords;
use crate::domain::secret::Secret;
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::job_rows::{Outcome, WaitingRow, place};
use crate::store::jobs::Job;

/// What a job does with each row; stands in the job as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Creates or updates a user.
    Import(Import),
    /// Runs a command about a user.
    Bulk(Bulk),
    /// Takes a user off a licence that was cancelled.
    FallBack {
        /// The licence.
        license: i64,
    },
    /// Takes a depot off a server licence that was cancelled.
    Release {
        /// The licence.
        license: i64,
    },
}

/// A command for many users.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bulk {
    /// The command.
    pub command: String,
    /// Its fields but for whom it is about.
    pub fields: Vec<(String, String)>,
}

/// A row on its way.
pub struct OrderedRow {
    /// Its number within the job.
    pub number: i64,
    /// Its work.
    work: Work,
}

enum Work {
    /// It is a mistake whatever is done.
    Wrong(String),
    Import(Box<ImportRow>),
    Bulk {
        user: i64,
        task: Option<Task>,
    },
    FallBack {
        user: i64,
        license: i64,
    },
    Release {
        depot: i64,
        license: i64,
    },
}

impl Order {
    /// What a job is to do.
    pub fn of(job: &Job) -> Result<Order> {
        serde_json::from_str(&job.data).map_err(|error| Error::Failed(error.into()))
    }

    /// As it stands in the job.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Failed(error.into()))
    }

    /// The commands whose rights the one who asked must have.
    pub fn entries(&self, job: &Job) -> Vec<&'static Entry> {
        let beside = match self {
            Order::Bulk(bulk) => commands::find(&bulk.command).into_iter().collect(),
            Order::Import(import) => import.entries(),
            Order::FallBack { .. } | Order::Release { .. } => Vec::new(),
        };
        commands::find(&job.command).into_iter().chain(beside).collect()
    }

    /// The next rows behind that number, so many at most.
    pub fn rows(
        &self,
        call: &Call,
        tx: &Tx<'_>,
        job: i64,
        after: i64,
        most: usize,
    ) -> Result<Vec<OrderedRow>> {
        let found = |ids: Vec<i64>, work: &dyn Fn(i64) -> Work| {
            ids.into_iter().map(|id| OrderedRow { number: id, work: work(id) }).collect()
        };
        match *self {
            Order::FallBack { license } => {
                let users = tx.users_of_license(license, after, most)?;
                return Ok(found(users, &|user| Work::FallBack { user, license }));
            }
            Order::Release { license } => {
                let depots = tx.depots_of_license(license, after, most)?;
                return Ok(found(depots, &|depot| Work::Release { depot, license }));
            }
            Order::Import(_) | Order::Bulk(_) => {}
        }
        let rows = tx.waiting_rows(job, after, most)?.into_iter();
        rows.map(|row| Ok(OrderedRow { number: row.number, work: self.work(call, job, row)? })).collect()
    }

    fn work(&self, call: &Call, job: i64, row: WaitingRow) -> Result<Work> {
        let fault = |error: serde_json::Error| Error::Failed(error.into());
        let data: Value = serde_json::from_str(&row.data).map_err(fault)?;
        if let Value::String(wrong) = data {
            return Ok(Work::Wrong(wrong));
        }
        Ok(match self {
            Order::Import(_) => {
                let open = |sealed: Vec<u8>| -> Result<Secret> {
                    let opened = call.vault.open_sealed(&place(job, row.number), &sealed);
                    let text = opened.and_then(|bytes| Ok(String::from_utf8(bytes)?));
                    text.map(Secret::new).map_err(Error::Failed)
                };
                let cells = serde_json::from_value(data).map_err(fault)?;
                Work::Import(Box::new(ImportRow::new(cells, row.sealed.map(open).transpose()?)))
            }
            Order::Bulk(_) => Work::Bulk { user: serde_json::from_value(data).map_err(fault)?, task: None },
            Order::FallBack { .. } | Order::Release { .. } => {
                return Err(Error::fault("a row of a licence's uses was stored"));
            }
        })
    }

    /// Whether rows are stored beforehand, or come to be as they are done.
    pub fn stored(&self) -> bool {
        !self.is_duty()
    }

    /// Whether it is the server's own duty, whoever has caused it.
    pub fn is_duty(&self) -> bool {
        matches!(self, Order::FallBack { .. } | Order::Release { .. })
    }
}

impl OrderedRow {
    /// What it reads beforehand. A refusal is kept for its turn.
    pub fn look(&mut self, order: &Order, call: &Call, tx: &Tx<'_>) -> Result<()> {
        match (&mut self.work, order) {
            (Work::Import(row), Order::Import(import)) => row.look(import, call, tx),
            (Work::Bulk { user, task }, Order::Bulk(bulk)) => {
                *task = refusable(bulk.look(*user, call, tx))?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether a hash thread has something to do.
    pub fn hashes(&self) -> bool {
        match &self.work {
            Work::Import(row) => row.hashes(),
            Work::Bulk { task, .. } => task.as_ref().is_some_and(Task::hashes),
            Work::Wrong(_) | Work::FallBack { .. } | Work::Release { .. } => false,
        }
    }

    /// Its work for the processor; where nothing is to be changed, only what decides.
    pub fn hash(&mut self, passwords: &mut Passwords, dry: bool) -> Result<()> {
        match &mut self.work {
            Work::Import(row) => row.hash(passwords, dry),
            Work::Bulk { task: Some(task), .. } if !dry => task.hash(passwords),
            _ => Ok(()),
        }
    }

    /// It can be done no more.
    pub fn spoil(&mut self, why: &str) {
        self.work = Work::Wrong(why.to_owned());
    }

    /// What it has taken that nobody else may have, and the refusal of whoever comes later.
    pub fn claims(&self, order: &Order, call: &Call, outcome: Outcome) -> Vec<(u64, Code)> {
        match (&self.work, order, outcome) {
            (Work::Import(row), Order::Import(import), Outcome::Created | Outcome::Updated) => {
                row.claims(import, call)
            }
            _ => Vec::new(),
        }
    }

    /// What was left out of what it says.
    pub fn told(&self) -> String {
        match &self.work {
            Work::Import(row) => row.told(),
            _ => String::new(),
        }
    }

    /// Does it, and says what became of it and of whom; [`Error::Again`] where what it saw has changed.
    pub fn run(&mut self, order: &Order, call: &Call, tx: &Tx<'_>) -> Result<(Outcome, Option<i64>)> {
        let changed = || if tx.changed() { Outcome::Updated } else { Outcome::Unchanged };
        match (&mut self.work, order) {
            (Work::Wrong(why), _) => Err(invalid(why)),
            (Work::Import(row), Order::Import(import)) => {
                let outcome = row.run(import, call, tx)?;
                tx.audit(call, call.entry.name, &row.shown(import))?;
                Ok((outcome, tx.subject()))
            }
            (Work::Bulk { user, task }, Order::Bulk(bulk)) => {
                let Some(task) = task else {
                    bulk.look(*user, call, tx)?;
                    return Err(Error::Again);
                };
                task.run(call, tx)?;
                tx.audit(call, &bulk.command, &bulk.shown(*user))?;
                Ok((changed(), Some(*user)))
            }
            (Work::FallBack { user, license }, _) => {
                if let Some(user) = tx.user(*user)? {
                    tx.concerns_row(&user);
                }
                // Each draws its own licence key.
                let own = Call { seed: OnceLock::new(), ..call.clone() };
                cancellicense::leave(&own, tx, *license, *user)?;
                tx.audit(call, call.entry.name, &json!({ "licenseid": license }).to_string())?;
                Ok((changed(), Some(*user)))
            }
            (Work::Release { depot, license }, _) => {
                tx.release_depot(*depot, *license)?;
                let fields = json!({ "licenseid": license, "depotid": depot });
                tx.audit(call, call.entry.name, &fields.to_string())?;
                Ok((changed(), None))
            }
            _ => Err(Error::fault("a row of another job")),
        }
    }
}

/// Nothing where it is refused: whoever runs it asks again and learns the refusal then.
pub(super) fn refusable<T>(looked: Result<T>) -> Result<Option<T>> {
    match looked {
        Ok(looked) => Ok(Some(looked)),
        Err(Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Bulk {
    /// The command about that user, looked at.
    fn look(&self, user: i64, call: &Call, tx: &Tx<'_>) -> Result<Task> {
        let mut task = self.about(call, &tx.the_user_by_id(call, user)?.username)?;
        task.look(tx)?;
        Ok(task)
    }

    /// The command about that user.
    pub fn about(&self, call: &Call, username: &str) -> Result<Task> {
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = [("username", username)].into_iter().chain(fields).collect();
        Task::of(call, &self.command, &fields)
    }

    /// Its fields for the audit log; a command with secret ones is none for many users.
    fn shown(&self, user: i64) -> String {
        let fields = self.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let all: Map<String, Value> =
            [("userid".to_owned(), Value::from(user))].into_iter().chain(fields).collect();
        Value::Object(all).to_string()
    }
}

/// The names of a command's own fields but for those that say whom it is about.
pub fn own_fields(entry: &Entry) -> HashSet<&'static str> {
    let id = ["username", "useroremail", "reference", "authid"];
    let fields = commands::fields_of(entry).iter().filter(|field| !id.contains(&field.name.as_str()));
    let names = fields.flat_map(|field| field.aliases.iter().chain([&field.name]));
    names.map(String::as_str).collect()
}

/// The refusal of a job that is no longer open.
pub fn ended(job: &Job) -> Error {
    invalid(format!("the job is {} already", job.state.name()))
}
