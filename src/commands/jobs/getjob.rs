//! `getjob`: how far a job is, and what became of each row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jobdata::ShownJob;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::server::page;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::job_search::ListedRow;

/// Shows a job and a page of its rows. Jobs and their rows are kept for 30 days after they have ended.
#[derive(Deserialize, JsonSchema)]
pub struct GetJob {
    /// the job's number
    job: i64,
    /// only rows with a greater number: the last one of the page before
    #[serde(default)]
    startrow: i64,
    /// only rows that were refused
    #[serde(default)]
    onlyrefused: bool,
}

/// A job with a page of its rows.
#[derive(Serialize, JsonSchema)]
pub struct JobData {
    /// the job
    jobdata: ShownJob,
    /// how many rows are shown
    searchresult: SearchResult,
    /// the rows, in their order
    rowlist: RowList,
}

/// How far a page reaches.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// rows on this page
    current: usize,
    /// the most on a page
    maximum: i64,
}

/// The rows of the page.
#[derive(Serialize, JsonSchema)]
struct RowList {
    row: Vec<ShownRow>,
}

/// A row.
#[derive(Serialize, JsonSchema)]
struct ShownRow {
    /// its number within the job
    row: i64,
    /// its line in the file; empty: there is none
    line: Option<i64>,
    /// whom it is about, as the file says
    name: String,
    /// waiting, created, updated, unchanged or refused
    outcome: String,
    /// the code of the refusal; empty: there was none
    code: Option<i64>,
    /// what the refusal says; of a row that was done, what was left out of it
    text: String,
    /// the user's number; empty: nobody came of it, or not yet
    userid: Option<i64>,
}

impl ShownRow {
    fn of(row: ListedRow) -> ShownRow {
        let blank = |number: i64| Some(number).filter(|number| *number != 0);
        ShownRow {
            row: row.number,
            line: blank(row.line),
            name: row.name,
            outcome: row.outcome,
            code: blank(row.code),
            text: row.text,
            userid: row.user,
        }
    }
}

impl Command for GetJob {
    const NAME: &'static str = "getjob";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::JobUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a job of which nothing is done yet",
            given: &["importusers csv='username,email\ncarol,carol@example.com' last=true"],
            call: "job=1",
            reply: "<jobdata><job>1</job><command>importusers</command><bulkcommand></bulkcommand>\
                <distributor>DEMO</distributor><caller>service:portal</caller><state>waiting</state>\
                <reason></reason><dryrun>false</dryrun><complete>true</complete><total>1</total>\
                <done>0</done><created>0</created><updated>0</updated><unchanged>0</unchanged>\
                <refused>0</refused><asked>01/01/2026 00:00:00.00</asked><finished></finished></jobdata>\
                <searchresult><current>1</current><maximum>50</maximum></searchresult><rowlist><row>\
                <row>1</row><line>2</line><name>carol</name><outcome>waiting</outcome><code></code>\
                <text></text><userid></userid></row></rowlist>",
        },
        Example {
            shows: "an unknown job",
            given: &[],
            call: "job=4711",
            reply: "<exception><primarycode>-30150</primarycode><secondarycode></secondarycode>\
                <message>Job not found</message></exception>",
        },
    ];
    type Reply = JobData;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<JobData> {
        let job = tx.the_job(page::provider(call), self.job)?;
        let maximum = call.snapshot.server.page;
        let rows = tx.job_page(job.id, self.startrow, self.onlyrefused, maximum)?;
        let searchresult = SearchResult { current: rows.len(), maximum };
        let row = rows.into_iter().map(ShownRow::of).collect();
        Ok(JobData { jobdata: ShownJob::of(call, job)?, searchresult, rowlist: RowList { row } })
    }
}
