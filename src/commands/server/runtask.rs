//! `runtask`: a task is done now.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::tasks::Task;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Has a task done now, also one that is disabled: mails that are due now are sent. The call does not wait for it:
/// gettasks shows what came of it.
#[derive(Deserialize, JsonSchema)]
pub struct RunTask {
    /// the task
    task: Task,
}

impl Command for RunTask {
    const NAME: &'static str = "runtask";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example { shows: "a task", given: &[], call: "task=leftovers", reply: "<intresult>0</intresult>" },
        Example {
            shows: "an unknown task",
            given: &[],
            call: "task=dishes",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: task must be one of leftovers, audit, apilog, mails, oldmails, licenses, \
                devices, hotfolder, upkeep, backup\
                </message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, _: &Call, tx: &Tx<'_>) -> Result<Done> {
        tx.run_task(self.task)?;
        Ok(Done::default())
    }
}
