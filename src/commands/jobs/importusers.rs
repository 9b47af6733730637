//! `importusers`: users from a CSV file, registered or updated as a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::import::Import;
use super::order::{self, Order};
use super::room;
use crate::access::{self, Class};
use crate::call::{Call, Caller};
use crate::command::{Command, Effect, Example, Mark, Next};
use crate::commands::server::page;
use crate::domain::names;
use crate::domain::secret::Secret;
use crate::domain::sheet::{Column, Line, Sheet};
use crate::error::{Code, Error, Result, invalid};
use crate::store::Tx;
use crate::store::job_rows::{NewRow, number, place};
use crate::store::jobs::{Asker, Job, NewJob};

/// The most rows in one call `[O]`.
pub const MOST: usize = 1_000;

/// Imports users of the provider. The first line of the file names its columns, in any order and case: username,
/// email, password, language, reference, department, authid, licensekey, groupreference, accountkey, status; they are
/// separated by commas or by semicolons. A user is known by the column that CSVIMPORT/CSV_IDENTITY_COLUMN names:
/// who is not there is registered; who is there is refused, or with `update` gets what the row says, where a blank
/// cell says nothing, and a group and an account are for new users alone. `status` says which state a user comes to. The work is done as a job, which getjob
/// shows, once the piece with `last` is there. A longer file is sent in pieces of 1000 rows at most, cut at line
/// ends, each with the header.
#[derive(Deserialize, JsonSchema)]
pub struct ImportUsers {
    /// the file, or a piece of it
    csv: Option<Secret>,
    /// says what would become of each row, and changes nothing
    #[serde(default)]
    dryrun: bool,
    /// updates users who are there already
    #[serde(default)]
    update: bool,
    /// whether new users need no activation; else a code is mailed to each, unless sendmail is false
    #[serde(default = "yes")]
    activate: bool,
    /// leaves out licenses, groups and accounts that the provider does not have, and says so in the row's text; else
    /// such a row is refused
    #[serde(default)]
    skipunknown: bool,
    /// the job that the piece belongs to, from the reply to the first one
    job: Option<i64>,
    /// whether this is the last piece, or the only one: nothing is done before it has come. It may also come by
    /// itself, with `job` and without `csv`
    #[serde(default)]
    last: bool,
    #[serde(skip)]
    sheet: Option<Sheet>,
}

/// The reply.
#[derive(Serialize, JsonSchema)]
pub struct Imported {
    /// the job's number
    job: i64,
    /// whether all its rows are there, so that it is done; else it waits for the piece with `last`
    complete: bool,
}

fn yes() -> bool {
    true
}

impl Command for ImportUsers {
    const NAME: &'static str = "importusers";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::JobUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "two users, one of them with a password",
            given: &[],
            call: "csv='username,email,password\ncarol,carol@example.com,sekret-1234\ndaniel,daniel@example.com,' last=true",
            reply: "<job>1</job><complete>true</complete>",
        },
        Example {
            shows: "the last piece of a longer file",
            given: &["importusers csv='username;email\ncarol;carol@example.com'"],
            call: "csv='username;email\ndaniel;daniel@example.com' job=1 last=true",
            reply: "<job>1</job><complete>true</complete>",
        },
        Example {
            shows: "a column that is not known",
            given: &[],
            call: "csv='username,mail\ncarol,carol@example.com'",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: the header's column 2 `mail` is not known (did you mean email?); there are \
                username email password language reference department authid licensekey groupreference \
                accountkey status</message></exception>",
        },
    ];
    type Reply = Imported;

    fn look(&mut self, call: &Call, _: &Tx<'_>) -> Result<Next<Imported>> {
        let Some(csv) = &self.csv else {
            return match self.job.is_some() && self.last {
                true => Ok(Next::Run),
                false => Err(invalid("csv is missing")),
            };
        };
        let sheet = Sheet::read(csv.reveal(), MOST).map_err(invalid)?;
        identity(call, &sheet)?;
        self.sheet = Some(sheet);
        Ok(Next::Run)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Imported> {
        let rows = self.sheet.as_ref().map_or(0, |sheet| sheet.lines.len());
        room::left(call, tx, rows, self.job.is_none())?;
        let (job, import) = self.job(call, tx)?;
        if !owner(call).is_empty() {
            tx.lease_job(job.id, owner(call), call.now)?;
        }
        if let Some(sheet) = &self.sheet {
            add(call, tx, &job, &import, sheet)?;
        }
        if self.last {
            tx.complete_job(job.id)?;
        }
        Ok(Imported { job: job.id, complete: self.last })
    }
}

/// Who works at this machine's command line does the job in the same program; any other job is free.
fn owner(call: &Call) -> &str {
    if matches!(call.caller, Caller::Operator) { call.program.name() } else { "" }
}

/// The column by which users are known; the file must have it, or the address for users without a name.
fn identity(call: &Call, sheet: &Sheet) -> Result<&'static str> {
    let settings = &call.provider.settings;
    let column = Column::named(&settings.import_identity).unwrap_or(Column::Username);
    if column == Column::Reference && !settings.reference_unique {
        return Err(invalid(
            "CSVIMPORT/CSV_IDENTITY_COLUMN is reference, which identifies a user only where CLIENT/EXT_USER_REFERENCE_UNIQUE is True",
        ));
    }
    match sheet.columns.contains(&column) {
        true => Ok(column.name()),
        false => Err(invalid(format!(
            "the header lacks the column {}, by which CSVIMPORT/CSV_IDENTITY_COLUMN says that users are known",
            column.name()
        ))),
    }
}

impl ImportUsers {
    /// The job that the piece belongs to, or a new one.
    fn job(&self, call: &Call, tx: &Tx<'_>) -> Result<(Job, Import)> {
        if let Some(id) = self.job {
            let job = tx.the_job(page::provider(call), id)?;
            let Order::Import(import) = Order::of(&job)? else { return Code::JobUnknown.refuse() };
            // All rows run with the rights of whoever began the job, so nobody else adds any.
            if !job.asker.is(&Asker::of(call)) {
                return Code::JobUnknown.refuse();
            }
            return match (&self.sheet, job.state.open(), job.complete) {
                (_, false, _) => Err(order::ended(&job)),
                (_, _, true) => Err(invalid("the job has its last piece already")),
                (Some(sheet), ..) if names_of(sheet) != import.columns => {
                    Err(invalid("the header is another one than that of the first piece"))
                }
                _ => Ok((job, import)),
            };
        }
        let sheet = self.sheet.as_ref().ok_or_else(|| invalid("csv is missing"))?;
        let identity = identity(call, sheet)?.to_owned();
        let (update, activate) = (self.update, self.activate);
        let skip_unknown = self.skipunknown;
        let import = Import { columns: names_of(sheet), identity, update, activate, skip_unknown };
        for entry in import.entries() {
            access::may(&call.snapshot, &call.caller, entry, entry.class)?;
        }
        let data = Order::Import(import.clone()).text()?;
        let id = tx.add_job(call, &NewJob { data: &data, dry: self.dryrun, total: 0, owner: owner(call) })?;
        let job = tx.job(id)?.ok_or_else(|| Error::fault("the job was just made"))?;
        Ok((job, import))
    }
}

fn names_of(sheet: &Sheet) -> Vec<String> {
    sheet.columns.iter().map(|column| column.name().to_owned()).collect()
}

/// Adds the rows of a piece; their lines are counted on from those before, the header once.
fn add(call: &Call, tx: &Tx<'_>, job: &Job, import: &Import, sheet: &Sheet) -> Result<()> {
    let before = (job.lines - 1).max(0);
    let length = i64::try_from(sheet.length).unwrap_or(i64::MAX - before);
    let mut rows = Vec::with_capacity(sheet.lines.len());
    for (at, line) in sheet.lines.iter().enumerate() {
        rows.push(row(call, import, sheet, (job.id, number(job.counts.total, at)), before, line)?);
    }
    tx.add_rows(job, &rows, &import.identity, before + length)
}

fn row(
    call: &Call,
    import: &Import,
    sheet: &Sheet,
    (job, number): (i64, i64),
    before: i64,
    line: &Line,
) -> Result<NewRow> {
    let line_number = before + i64::try_from(line.number).unwrap_or(0);
    let wrong = |why: &str| NewRow {
        line: line_number,
        name: String::new(),
        key: String::new(),
        data: serde_json::Value::from(why).to_string(),
        sealed: None,
    };
    let cells = match &line.cells {
        Ok(cells) => cells,
        Err(why) => return Ok(wrong(why)),
    };
    let cell = |column: Column| {
        let at = sheet.columns.iter().position(|known| *known == column);
        at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
    };
    let sealed = match cell(Column::Password) {
        "" => None,
        password => {
            let random = call.random(&format!("password of row {number}"));
            let sealed = call.vault.seal(&place(job, number), password.as_bytes(), &random);
            Some(sealed.map_err(Error::Failed)?)
        }
    };
    let name = cell(import.by());
    // Names and addresses are the same in any case, references and ids are not.
    let key = match import.by() {
        Column::Username | Column::Email => names::key(name),
        _ => name.to_owned(),
    };
    let shown = sheet.columns.iter().zip(cells).map(|(column, cell)| match column {
        Column::Password => "",
        _ => cell.trim(),
    });
    let data = serde_json::to_string(&shown.collect::<Vec<_>>()).map_err(|e| Error::Failed(e.into()))?;
    // What has several lines may have swallowed a password, and a name is shown.
    let shows = |name: &&str| !name.is_empty() && !name.contains(['\n', '\r']);
    let name = [name, cell(Column::Username), cell(Column::Email)].into_iter().find(shows);
    Ok(NewRow { line: line_number, name: name.unwrap_or_default().to_owned(), key, data, sealed })
}
