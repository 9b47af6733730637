//! `searchrefused`: who was turned away at the gate, and why - what an integrator asks first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::page::{self, SearchResult};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::moment::Moment;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::api_log::search::RefusalRow;

/// Lists refused calls whose caller was not proved, the newest first, with the reason that the caller does
/// not learn. Calls from one address for one reason are a row for each minute. Those that match no service
/// are shown to services of the default provider alone.
#[derive(Deserialize, JsonSchema)]
pub struct SearchRefused {
    /// only calls from that address
    address: Option<String>,
    /// only from that time or day on, UTC
    from: Option<Moment>,
    /// only before that time, or until the end of that day, UTC
    until: Option<Moment>,
    /// only rows with a greater number
    #[serde(default)]
    startid: i64,
    /// only rows with a smaller number: `nextid` of the page before
    beforeid: Option<i64>,
}

/// A page of refused calls.
#[derive(Serialize, JsonSchema)]
pub struct Refusals {
    /// how far the page reaches
    searchresult: SearchResult,
    /// the refused calls, the newest first
    refusedlist: RefusedList,
}

/// The refused calls of the list.
#[derive(Serialize, JsonSchema)]
struct RefusedList {
    refused: Vec<ListedRefusal>,
}

/// Refused calls from one address, for one reason, within one minute.
#[derive(Serialize, JsonSchema)]
pub(super) struct ListedRefusal {
    /// the row's number
    refusedid: i64,
    /// the first of them, UTC
    #[schemars(with = "Time")]
    firsttime: String,
    /// the last of them, UTC
    #[schemars(with = "Time")]
    lasttime: String,
    /// how many there were; of more than ten the number comes when the minute is over
    count: i64,
    /// the address seen
    address: String,
    /// the service to which it belongs; empty: none
    servicename: String,
    /// the primary code that they were told
    code: i64,
    /// why
    reason: String,
    /// the ids of the first ten requests
    requestid: Vec<String>,
}

impl From<RefusalRow> for ListedRefusal {
    fn from(row: RefusalRow) -> ListedRefusal {
        ListedRefusal {
            refusedid: row.id,
            firsttime: row.first.stamp(),
            lasttime: row.last.stamp(),
            count: row.count,
            address: row.address,
            servicename: row.service,
            code: row.code,
            reason: row.reason,
            requestid: row.requests.lines().map(str::to_owned).collect(),
        }
    }
}

impl Command for SearchRefused {
    const NAME: &'static str = "searchrefused";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "nobody was turned away",
            given: &[],
            call: "address=192.0.2.99",
            reply: "<searchresult><current>0</current><maximum>50</maximum></searchresult>\
                <refusedlist></refusedlist>",
        },
        Example {
            shows: "what is no time",
            given: &[],
            call: "until=32/01/2026",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: until must be a day or a time: MM/DD/YYYY, MM/DD/YYYY hh:mm:ss or \
                YYYY-MM-DDThh:mm:ssZ</message></exception>",
        },
    ];
    type Reply = Refusals;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Refusals> {
        let page = page::page(call, self.startid, self.beforeid, self.from, self.until);
        let (provider, address) = (page::provider(call), self.address.as_deref());
        let found = call.program.log().read(|log| log.search_refusals(provider, address, &page))?;
        let searchresult = SearchResult::of(&found, &page);
        let refused = found.rows.into_iter().map(ListedRefusal::from).collect();
        Ok(Refusals { searchresult, refusedlist: RefusedList { refused } })
    }
}
