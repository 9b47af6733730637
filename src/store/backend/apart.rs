//! A change inside another one's transaction: the rows of a job, each with an outcome of its own.
//!
//! As in the writer's batch a savepoint is dear and nearly never needed, because whoever refuses has changed
//! nothing yet. So a change runs without one at first; where it leaves a stain, the caller undoes all and runs
//! it again, guarded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Notes, Tx, run};
use crate::error::{Error, Result};

impl Notes {
    /// What a change inside the same transaction leaves for the writer.
    fn take_along(&mut self, other: Notes) {
        self.reindex.extend(other.reindex);
        self.logins.extend(other.logins);
        self.contacts.extend(other.contacts);
        self.settings |= other.settings;
        self.failures += other.failures;
    }
}

/// What became of a change inside another one.
#[derive(Debug)]
pub enum Apart<T> {
    /// It is done.
    Done(T),
    /// It has failed and left nothing behind.
    Undone(Error),
    /// It has failed and left something behind: the whole transaction must be undone.
    Stained,
}

fn lost() -> Error {
    Error::Down(anyhow::anyhow!("the database ended the transaction"))
}

impl Tx<'_> {
    /// Runs `f` over the same transaction as a change of its own, in a savepoint where it is `guarded`. What it
    /// leaves for the writer to do is left with what this one leaves.
    pub fn apart<T>(&self, guarded: bool, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<Apart<T>> {
        if guarded {
            run(self.connection, "SAVEPOINT apart")?;
        }
        let (tx, before) = (Tx::changing(self.connection, self.recorder), self.all_changes());
        let outcome = catch_unwind(AssertUnwindSafe(|| f(&tx))).unwrap_or(Err(Error::Panicked));
        if self.connection.is_autocommit() {
            return Err(outcome.err().filter(|error| matches!(error, Error::Down(_))).unwrap_or_else(lost));
        }
        let error = match outcome {
            Ok(done) => {
                if guarded {
                    run(self.connection, "RELEASE apart")?;
                }
                self.notes.borrow_mut().take_along(tx.notes.into_inner());
                return Ok(Apart::Done(done));
            }
            Err(error) => error,
        };
        if guarded {
            run(self.connection, "ROLLBACK TO apart")?;
            run(self.connection, "RELEASE apart")?;
        }
        Ok(match guarded || self.all_changes() == before {
            true => Apart::Undone(error),
            false => Apart::Stained,
        })
    }

    /// Runs `f` to see what would come of it, and undoes all that it did.
    pub fn pretend<T>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        run(self.connection, "SAVEPOINT pretend")?;
        let seen = f(&Tx::changing(self.connection, self.recorder));
        if self.connection.is_autocommit() {
            return seen.and_then(|_| Err(lost()));
        }
        run(self.connection, "ROLLBACK TO pretend")?;
        run(self.connection, "RELEASE pretend")?;
        seen
    }
}
