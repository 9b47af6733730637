//! What the program does by itself: when it did, what came of it, and which program has it in hand.
//!
//! A task is begun by taking its lease, in one statement that also asks whether it is due: of several programs on
//! one database one begins it, and no other one after it. The lease is renewed in the transactions of the work.

use serde_json::Value;

use super::backend::{FromRow, Row, Tx};
use crate::domain::tasks::Task;
use crate::domain::time::{SECOND, Time};
use crate::error::Result;

/// How long a lease holds that is not renewed.
const LEASE: i64 = 60 * SECOND;

/// How the result of a run begins that went wrong.
const FAILED: &str = "failed: ";

/// How a task is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskRow {
    /// Whether it is done by itself.
    pub enabled: bool,
    /// Seconds between two starts; none: as many as it says itself.
    pub frequency: Option<i64>,
    /// Somebody wants it done now.
    pub run_now: bool,
    /// The program that has it in hand.
    pub owner: String,
    /// When it was last begun.
    pub started: Option<Time>,
    /// When that ended.
    pub ended: Option<Time>,
    /// What came of it.
    pub result: String,
}

impl TaskRow {
    /// Whether it went wrong when it was last done.
    pub fn failed(&self) -> bool {
        self.result.starts_with(FAILED)
    }
}

fn read(row: &Row<'_>) -> FromRow<TaskRow> {
    Ok(TaskRow {
        enabled: row.get(0)?,
        frequency: row.get(1)?,
        run_now: row.get(2)?,
        owner: row.get(3)?,
        started: row.get::<_, Option<i64>>(4)?.map(Time),
        ended: row.get::<_, Option<i64>>(5)?.map(Time),
        result: row.get(6)?,
    })
}

impl Tx<'_> {
    /// How a task is; one that was never done has no row.
    pub fn task(&self, task: Task) -> Result<TaskRow> {
        let sql =
            "SELECT enabled, frequency, runnow, owner, started, ended, result FROM tasks WHERE name = $1";
        let found = self.one(sql, &[&task.name()], read)?;
        Ok(found.unwrap_or(TaskRow { enabled: true, ..TaskRow::default() }))
    }

    /// Takes a task in hand if it is due, and nobody has it; `frequency` holds where the row says none.
    pub fn begin_task(&self, task: Task, owner: &str, frequency: i64, now: Time) -> Result<bool> {
        let sql =
            "INSERT INTO tasks (name, enabled, frequency, runnow, owner, leaseuntil, started, ended, result)
                   VALUES ($1, 1, NULL, 0, $2, $3, $4, NULL, '') ON CONFLICT (name) DO UPDATE
                   SET runnow = 0, owner = $2, leaseuntil = $3, started = $4
                   WHERE (owner = '' OR leaseuntil <= $4) AND (runnow = 1 OR (enabled = 1 AND (started IS NULL
                   OR started > $4 OR started + coalesce(frequency, $5) * 1000000 <= $4)))";
        let lease = now.plus(LEASE).0;
        Ok(self.keep_house(sql, &[&task.name(), &owner, &lease, &now.0, &frequency])? > 0)
    }

    /// Renews the lease; whether it is still this program's.
    pub fn renew_task(&self, task: Task, owner: &str, now: Time) -> Result<bool> {
        let sql = "UPDATE tasks SET leaseuntil = $1 WHERE name = $2 AND owner = $3";
        Ok(self.keep_house(sql, &[&now.plus(LEASE).0, &task.name(), &owner])? > 0)
    }

    /// Notes what came of it; `again`: there is more to do at once.
    pub fn end_task(&self, task: Task, owner: &str, now: Time, result: &str, again: bool) -> Result<()> {
        let sql =
            "UPDATE tasks SET owner = '', leaseuntil = 0, ended = $1, result = $2, runnow = max(runnow, $3)
                   WHERE name = $4 AND owner = $5";
        self.keep_house(sql, &[&now.0, &result, &again, &task.name(), &owner]).map(drop)
    }

    /// Notes when something of it was begun and ended without a lease, and what came of it, unless some program has
    /// it in hand.
    pub fn note_task(&self, task: Task, (started, ended): (Time, Time), result: &str) -> Result<()> {
        let sql =
            "INSERT INTO tasks (name, enabled, frequency, runnow, owner, leaseuntil, started, ended, result)
                   VALUES ($1, 1, NULL, 0, '', 0, $2, $3, $4) ON CONFLICT (name) DO UPDATE
                   SET started = $2, ended = $3, result = $4 WHERE owner = ''";
        self.keep_house(sql, &[&task.name(), &started.0, &ended.0, &result]).map(drop)
    }

    /// Wants it done now.
    pub fn run_task(&self, task: Task) -> Result<()> {
        self.differs("task", "", task.name());
        let sql = "INSERT INTO tasks (name, enabled, frequency, runnow, owner, leaseuntil, started, ended, result)
                   VALUES ($1, 1, NULL, 1, '', 0, NULL, NULL, '') ON CONFLICT (name) DO UPDATE SET runnow = 1";
        self.change(sql, &[&task.name()]).map(drop)
    }

    /// Sets whether it is done by itself, and how often.
    pub fn set_task(&self, task: Task, enabled: bool, frequency: Option<i64>) -> Result<()> {
        let old = self.task(task)?;
        self.differs("enabled", old.enabled, enabled);
        let shown = |frequency: Option<i64>| frequency.map_or_else(|| Value::from(""), Value::from);
        self.differs("frequency", shown(old.frequency), shown(frequency));
        let sql =
            "INSERT INTO tasks (name, enabled, frequency, runnow, owner, leaseuntil, started, ended, result)
                   VALUES ($1, $2, $3, 0, '', 0, NULL, NULL, '') ON CONFLICT (name) DO UPDATE
                   SET enabled = $2, frequency = $3";
        self.change(sql, &[&task.name(), &enabled, &frequency]).map(drop)
    }
}
