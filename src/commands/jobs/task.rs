//! A command that a row of a job runs: the table's own, looked, hashed and run as if it had been called.

use std::sync::OnceLock;

use crate::access;
use crate::call::Call;
use crate::command::{Next, Out, Request};
use crate::commands;
use crate::domain::passwords::Passwords;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::wire::Wire;
use crate::wire::fields::{Fields, Value};

/// A command with its fields, in the name of whoever asked for the job.
pub struct Task {
    request: Box<dyn Request>,
    call: Call,
    next: Looked,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Run,
    Hash,
    Answered,
}

impl Task {
    /// The command of that name, called as `base` says.
    pub fn of(base: &Call, name: &str, fields: &[(&str, &str)]) -> Result<Task> {
        let entry = commands::find(name).ok_or(Code::InvalidCommand)?;
        let mut given = Fields::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            given.push(*name, Value::Text((*value).into()));
        }
        let request = (entry.parse)(&given).map_err(|error| invalid(&*error.0))?;
        let call = Call { entry, class: request.class(), seed: OnceLock::new(), ..base.clone() };
        Ok(Task { request, call, next: Looked::Run })
    }

    /// What the command reads beforehand.
    pub fn look(&mut self, tx: &Tx<'_>) -> Result<()> {
        self.next = match self.request.look(&self.call, tx, &mut nowhere())? {
            Next::Run => Looked::Run,
            Next::Hash => Looked::Hash,
            Next::Answer(()) => Looked::Answered,
        };
        Ok(())
    }

    /// Whether a hash thread has something to do.
    pub fn hashes(&self) -> bool {
        self.next == Looked::Hash
    }

    /// Its work for the processor.
    pub fn hash(&mut self, passwords: &mut Passwords) -> Result<()> {
        match self.hashes() {
            true => self.request.hash(&self.call, passwords),
            false => Ok(()),
        }
    }

    /// The work itself, by the state of `base`, which is today's.
    pub fn run(&mut self, base: &Call, tx: &Tx<'_>) -> Result<()> {
        if self.next == Looked::Answered {
            return Ok(());
        }
        let Call { snapshot, caller, provider, .. } = base.clone();
        (self.call.snapshot, self.call.caller, self.call.provider) = (snapshot, caller, provider);
        self.request.run(&self.call, tx, &mut nowhere())?;
        access::settled(&self.call, tx.asked())
    }
}

/// What the command answers is read by nobody.
fn nowhere() -> Out {
    Out::after(Wire::Json, String::new())
}
