//! `runbulk`: one command for many users, as a job.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::jobdata::Begun;
use super::many::in_bulk;
use super::order::{Bulk, Order, own_fields};
use super::room;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::job_rows::NewRow;
use crate::store::jobs::NewJob;

/// Runs a command for each user of a list, as a job, which getjob shows. The command's own fields stand beside
/// these: `runbulk bulkcommand=setdepartment userid=5,6 department=Sales`. It must be a change about one user with
/// nothing secret in it, as `getcommands` marks with `bulk`, and the caller must have the right to it as well.
#[derive(Deserialize, JsonSchema)]
pub struct RunBulk {
    /// the command
    bulkcommand: String,
    /// the numbers of the users, 1000 at most
    userid: Vec<i64>,
    #[schemars(skip)]
    rest: BTreeMap<String, String>,
}

impl Command for RunBulk {
    const NAME: &'static str = "runbulk";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a department for two users",
            given: &[],
            call: "bulkcommand=setdepartment userid=1,2 department=Sales",
            reply: "<job>1</job>",
        },
        Example {
            shows: "a command that shows a secret",
            given: &[],
            call: "bulkcommand=createsession userid=1 IP=192.0.2.44",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: bulkcommand must be a change about one user without anything secret, such \
                as disableuser or setdepartment; `getcommands` marks them with bulk</message></exception>",
        },
    ];
    type Reply = Begun;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Begun> {
        let entry = in_bulk(&self.bulkcommand)?;
        access::may(&call.snapshot, &call.caller, entry, entry.class)?;
        if self.userid.is_empty() {
            return Err(invalid("userid is missing"));
        }
        let own = own_fields(entry);
        let fields = self.rest.iter().filter(|(name, _)| own.contains(name.as_str()));
        let fields = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
        let bulk = Bulk { command: self.bulkcommand.clone(), fields };
        // What is wrong with the fields is wrong for every user.
        bulk.about(call, "anybody")?;
        room::left(call, tx, self.userid.len(), true)?;
        let data = Order::Bulk(bulk).text()?;
        let id = tx.add_job(call, &NewJob { data: &data, dry: false, total: 0, owner: "" })?;
        let job = tx.job(id)?.ok_or_else(|| Error::fault("the job was just made"))?;
        let rows: Result<Vec<NewRow>> = self.userid.iter().map(|user| row(call, tx, *user)).collect();
        tx.add_rows(&job, &rows?, "user", 0)?;
        tx.complete_job(id)?;
        Ok(Begun { job: id })
    }
}

fn row(call: &Call, tx: &Tx<'_>, user: i64) -> Result<NewRow> {
    let known = tx.user(user)?.filter(|known| call.reaches(known.provider_id));
    let name = known.map_or_else(|| user.to_string(), |known| known.username);
    Ok(NewRow { line: 0, name, key: user.to_string(), data: user.to_string(), sealed: None })
}
