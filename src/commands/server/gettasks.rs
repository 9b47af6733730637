//! `gettasks`: what the server does by itself, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Lists what the server does by itself: how often, when it was last done, and what came of it. What is done all the
/// time has the frequency 0, and what came of it is noted once a minute at most. Finished jobs are thrown away after 30
/// days, whatever the tasks are.
#[derive(Deserialize, JsonSchema)]
pub struct GetTasks {}

/// The tasks.
#[derive(Serialize, JsonSchema)]
pub struct Tasks {
    /// the tasks
    tasklist: TaskList,
}

/// The tasks of the list.
#[derive(Serialize, JsonSchema)]
struct TaskList {
    task: Vec<ListedTask>,
}

/// A task.
#[derive(Serialize, JsonSchema)]
struct ListedTask {
    /// its name
    name: &'static str,
    /// what it does
    description: &'static str,
    /// whether it is done by itself
    enabled: bool,
    /// seconds between two starts; 0: all the time
    frequency: i64,
    /// whether it is being done
    running: bool,
    /// whether it is due, whatever the time
    waiting: bool,
    /// when it was last begun, UTC
    #[schemars(with = "Option<Time>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    /// when it last ended, UTC
    #[schemars(with = "Option<Time>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// what came of it then
    result: String,
    /// it went wrong then: the result says why, and somebody should look at it
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<bool>,
}

impl Command for GetTasks {
    const NAME: &'static str = "gettasks";
    const CLASS: Class = Class::Server;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[Example {
        shows: "nothing was done yet, one is to be done now",
        given: &[
            "settask task=audit enabled=false",
            "runtask task=oldmails",
            "settask task=backup enabled=false",
        ],
        call: "",
        reply: "<tasklist><task><name>leftovers</name><description>\
                throws away sessions, codes, temporary passwords, first replies, replay marks and counters that are past\
                </description><enabled>true</enabled><frequency>600</frequency><running>false\
                </running><waiting>false</waiting><result></result>\
                </task><task><name>audit</name><description>\
                throws away what is older in the audit log than AuditRetention says</description>\
                <enabled>false</enabled><frequency>3600</frequency><running>false</running><waiting>\
                false</waiting><result></result></task><task><name>apilog</name><description>\
                throws away what is older in the API log than APILogRetention says</description>\
                <enabled>true</enabled><frequency>3600</frequency><running>false</running><waiting>\
                false</waiting><result></result></task><task><name>mails</name><description>\
                sends mails as they come; a frequency gathers them</description>\
                <enabled>true</enabled><frequency>0</frequency><running>false</running><waiting>\
                false</waiting><result></result></task><task><name>\
                oldmails</name><description>throws away mails that were sent or given up 30 days ago\
                </description><enabled>true</enabled><frequency>3600</frequency><running>false\
                </running><waiting>true</waiting><result></result>\
                </task><task><name>licenses</name><description>\
                writes to holders 10 and 3 days before a license ends and when it has ended, and gives its users a default one\
                </description><enabled>true</enabled><frequency>3600</frequency><running>false\
                </running><waiting>false</waiting><result></result>\
                </task><task><name>devices</name><description>\
                blanks the addresses from which devices were registered, after StoreRegistrationDeviceIPinSeconds\
                </description><enabled>true</enabled><frequency>3600</frequency><running>false\
                </running><waiting>false</waiting><result></result>\
                </task><task><name>hotfolder</name><description>\
                imports the users in the CSV files of CSVIMPORT/CSV_IMPORT_DIR and moves each file to done or failed, its result beside\
                </description><enabled>true</enabled><frequency>60</frequency><running>false\
                </running><waiting>false</waiting><result></result>\
                </task><task><name>upkeep</name><description>\
                lets the database learn how its rows are spread, which keeps searches quick\
                </description><enabled>true</enabled><frequency>86400</frequency><running>false\
                </running><waiting>false</waiting><result></result>\
                </task><task><name>backup</name><description>\
                copies the database as [backup] of the configuration says</description><enabled>false\
                </enabled><frequency>86400</frequency><running>false</running><waiting>false\
                </waiting><result></result></task></tasklist>",
    }];
    type Reply = Tasks;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Tasks> {
        let task = Task::ALL.into_iter().map(|task| listed(call, tx, task)).collect::<Result<_>>()?;
        Ok(Tasks { tasklist: TaskList { task } })
    }
}

fn listed(call: &Call, tx: &Tx<'_>, task: Task) -> Result<ListedTask> {
    let row = tx.task(task)?;
    Ok(ListedTask {
        name: task.name(),
        description: task.about(),
        enabled: row.enabled,
        frequency: row.frequency.unwrap_or_else(|| call.program.frequency(task)),
        running: !row.owner.is_empty(),
        waiting: row.run_now,
        started: row.started.map(Time::stamp),
        ended: row.ended.map(Time::stamp),
        failed: row.failed().then_some(true),
        result: row.result,
    })
}
