//! `canceljob`: a job ends before it is done.

use schemars::JsonSchema;
use serde::Deserialize;

use super::order;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::commands::server::page;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Ends a job. What is done stays done, and the rows that wait are thrown away.
#[derive(Deserialize, JsonSchema)]
pub struct CancelJob {
    /// the job's number
    job: i64,
}

impl Command for CancelJob {
    const NAME: &'static str = "canceljob";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::JobUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a job",
            given: &["importusers csv='username,email\ncarol,carol@example.com' last=true"],
            call: "job=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a job that has ended",
            given: &[
                "importusers csv='username,email\ncarol,carol@example.com' last=true",
                "canceljob job=1",
            ],
            call: "job=1",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: the job is cancelled already</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let job = tx.the_job(page::provider(call), self.job)?;
        match tx.cancel_job(&job, &format!("cancelled by {}", call.caller.name()), call.now)? {
            true => Ok(Done::default()),
            false => Err(order::ended(&job)),
        }
    }
}
