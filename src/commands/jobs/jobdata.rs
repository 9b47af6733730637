//! A job as replies show it.

use schemars::JsonSchema;
use serde::Serialize;

use super::order::Order;
use crate::call::Call;
use crate::commands::server::page;
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::jobs::Job;

/// A job.
#[derive(Serialize, JsonSchema)]
pub struct ShownJob {
    /// the job's number
    job: i64,
    /// the command that asked for it
    command: String,
    /// the command that is run for every user, of `runbulk`
    bulkcommand: String,
    /// the code of the provider
    distributor: String,
    /// who asked, as the logs name it
    caller: String,
    /// waiting, running, done, cancelled or failed
    state: String,
    /// why it was cancelled or has failed
    reason: String,
    /// whether nothing is changed
    dryrun: bool,
    /// whether all its rows are there; until then nothing is done
    complete: bool,
    /// rows
    total: i64,
    /// rows that are done
    done: i64,
    /// of these, with somebody new
    created: i64,
    /// with a change
    updated: i64,
    /// with nothing to change
    unchanged: i64,
    /// with a refusal
    refused: i64,
    /// when it was asked for, UTC
    asked: Time,
    /// when it ended, UTC; empty: not yet
    finished: Option<Time>,
}

impl ShownJob {
    /// From the row.
    pub fn of(call: &Call, job: Job) -> Result<ShownJob> {
        let bulkcommand = match Order::of(&job)? {
            Order::Bulk(bulk) => bulk.command,
            Order::Import(_) | Order::FallBack { .. } | Order::Release { .. } => String::new(),
        };
        let counts = job.counts;
        Ok(ShownJob {
            job: job.id,
            command: job.command,
            bulkcommand,
            distributor: page::code(call, job.provider),
            caller: job.asker.name,
            state: job.state.name().to_owned(),
            reason: job.reason,
            dryrun: job.dry,
            complete: job.complete,
            total: counts.total,
            done: counts.done,
            created: counts.made,
            updated: counts.updated,
            unchanged: counts.unchanged(),
            refused: counts.refused,
            asked: job.created,
            finished: job.finished,
        })
    }
}

/// The reply of a call that begins a job.
#[derive(Serialize, JsonSchema)]
pub struct Begun {
    /// the job's number
    pub job: i64,
}
