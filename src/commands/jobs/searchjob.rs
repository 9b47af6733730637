//! `searchjob`: jobs, the newest first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobdata::ShownJob;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::server::page::{self, SearchResult};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::jobs::State;

/// Lists jobs, the newest first: of all providers for services of the default one, else of the provider alone.
#[derive(Deserialize, JsonSchema)]
pub struct SearchJob {
    /// only jobs in that state: waiting, running, done, cancelled or failed
    state: Option<String>,
    /// only jobs of that command: importusers, runbulk or cancellicense
    commandname: Option<String>,
    /// only jobs with a smaller number: `nextid` of the page before
    beforeid: Option<i64>,
}

/// A page of jobs.
#[derive(Serialize, JsonSchema)]
pub struct Jobs {
    /// how far the page reaches
    searchresult: SearchResult,
    /// the jobs, the newest first
    joblist: JobList,
}

/// The jobs of the list.
#[derive(Serialize, JsonSchema)]
struct JobList {
    jobdata: Vec<ShownJob>,
}

impl Command for SearchJob {
    const NAME: &'static str = "searchjob";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "no job that has failed",
            given: &["importusers csv='username,email\ncarol,carol@example.com' last=true"],
            call: "state=failed",
            reply: "<searchresult><current>0</current><maximum>50</maximum></searchresult><joblist></joblist>",
        },
        Example {
            shows: "all jobs",
            given: &["runbulk bulkcommand=disableuser userid=1,2"],
            call: "commandname=runbulk",
            reply: "<searchresult><current>1</current><maximum>50</maximum></searchresult><joblist><jobdata>\
                <job>1</job><command>runbulk</command><bulkcommand>disableuser</bulkcommand>\
                <distributor>DEMO</distributor><caller>service:portal</caller><state>waiting</state>\
                <reason></reason><dryrun>false</dryrun><complete>true</complete><total>2</total>\
                <done>0</done><created>0</created><updated>0</updated><unchanged>0</unchanged>\
                <refused>0</refused><asked>01/01/2026 00:00:00.00</asked><finished></finished></jobdata></joblist>",
        },
        Example {
            shows: "a state that there is not",
            given: &[],
            call: "state=lost",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: state must be one of waiting, running, done, cancelled, failed</message>\
                </exception>",
        },
    ];
    type Reply = Jobs;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Jobs> {
        let read = |text: &String| {
            State::parse(text)
                .ok_or_else(|| invalid("state must be one of waiting, running, done, cancelled, failed"))
        };
        let state = self.state.as_ref().map(read).transpose()?;
        let page = page::page(call, 0, self.beforeid, None, None);
        let found = tx.search_jobs(page::provider(call), state, self.commandname.as_deref(), &page)?;
        let searchresult = SearchResult::of(&found, &page);
        let jobdata = found.rows.into_iter().map(|job| ShownJob::of(call, job)).collect::<Result<_>>()?;
        Ok(Jobs { searchresult, joblist: JobList { jobdata } })
    }
}
