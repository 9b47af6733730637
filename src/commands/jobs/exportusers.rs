//! `exportusers`: the provider's users as CSV, page by page, as an import takes them back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::sheet::{self, Column};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// The most users on a page `[O]`: as many as an import takes in one piece.
const MOST: i64 = 1_000;

/// Exports the users of the provider as CSV, 1000 on a page, each page with a header. There is no password, nor
/// anything made from one. A cell that a spreadsheet would take for a formula begins with an apostrophe, which an
/// import takes off again.
#[derive(Deserialize, JsonSchema)]
pub struct ExportUsers {
    /// the columns: username, email, language, reference, department, authid, licensekey, groupreference, accountkey,
    /// status; left out, all of these. The key of a license that new users get by themselves stays blank
    #[serde(default)]
    columns: Vec<String>,
    /// only users with a greater number: `nextid` of the page before
    #[serde(default)]
    startid: i64,
}

/// A page.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    /// the header and a line for each user
    csv: String,
    /// users on this page
    current: usize,
    /// there may be more: the `startid` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
}

impl Command for ExportUsers {
    const NAME: &'static str = "exportusers";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the first page",
            given: &[],
            call: "columns=username,email,language",
            reply: "<csv>username,email,language\nalice,alice@example.com,en\nedgar,edgar@example.com,en\n</csv>\
                <current>2</current>",
        },
        Example {
            shows: "a column that is not exported",
            given: &[],
            call: "columns=username,password",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: columns must be some of username, email, language, reference, department, \
                authid, licensekey, groupreference, accountkey, status, each once</message></exception>",
        },
    ];
    type Reply = Page;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Page> {
        let columns = self.columns()?;
        let users = tx.exported_users(&call.provider, self.startid, MOST)?;
        let nextid = users.last().map(|user| user.id).filter(|_| users.len() as i64 == MOST);
        let rows = users.iter().map(|user| columns.iter().map(|at| user.texts[*at].as_str()).collect());
        let header: Vec<Column> = columns.iter().map(|at| Column::EXPORTED[*at]).collect();
        Ok(Page { csv: sheet::written(&header, rows), current: users.len(), nextid })
    }
}

impl ExportUsers {
    /// The columns, by their places among those that are exported.
    fn columns(&self) -> Result<Vec<usize>> {
        let all = Column::EXPORTED;
        if self.columns.is_empty() {
            return Ok((0..all.len()).collect());
        }
        let place = |name: &String| {
            let wanted = Column::named(name);
            all.iter().position(|column| Some(*column) == wanted)
        };
        let places: Option<Vec<usize>> = self.columns.iter().map(place).collect();
        let once = |places: &Vec<usize>| (1..places.len()).all(|at| !places[..at].contains(&places[at]));
        places.filter(once).ok_or_else(|| {
            let names = all.map(Column::name).join(", ");
            invalid(format!("columns must be some of {names}, each once"))
        })
    }
}
