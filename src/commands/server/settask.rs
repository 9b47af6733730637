//! `settask`: whether a task is done by itself, and how often.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::tasks::Task;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// The bounds of a frequency: a minute and a year.
const SECONDS: std::ops::RangeInclusive<i64> = 60..=365 * 24 * 3600;

/// Changes whether a task is done by itself, and how often. What is left out stays as it is. While `mails` is disabled,
/// mails stay in the outbox.
#[derive(Deserialize, JsonSchema)]
pub struct SetTask {
    /// the task
    task: Task,
    /// whether it is done by itself
    enabled: Option<bool>,
    /// seconds between two starts, from 60 to 31536000; 0: as many as the task has without this
    frequency: Option<i64>,
}

impl Command for SetTask {
    const NAME: &'static str = "settask";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "twice a day",
            given: &[],
            call: "task=upkeep frequency=43200",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "no longer by itself",
            given: &[],
            call: "task=mails enabled=false",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "too often",
            given: &[],
            call: "task=upkeep frequency=1",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: frequency must be a number of seconds from 60 to 31536000, or 0 for \
                the task's own</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, _: &Call, tx: &Tx<'_>) -> Result<Done> {
        let frequency = match self.frequency {
            None | Some(0) => None,
            Some(seconds) if SECONDS.contains(&seconds) => Some(seconds),
            Some(_) => {
                return Err(invalid(
                    "frequency must be a number of seconds from 60 to 31536000, or 0 for the task's own",
                ));
            }
        };
        let old = tx.task(self.task)?;
        let enabled = self.enabled.unwrap_or(old.enabled);
        let frequency = if self.frequency.is_some() { frequency } else { old.frequency };
        if (enabled, frequency) != (old.enabled, old.frequency) {
            tx.set_task(self.task, enabled, frequency)?;
        }
        Ok(Done::default())
    }
}
