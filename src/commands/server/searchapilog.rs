//! `searchapilog`: which calls were made, and what became of them.

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
use crate::store::api_log::search::{CallRow, CallSearch};

/// Lists calls from the API log, the newest first: of all providers for services of the default one, else
/// of the provider alone. Which calls are there depends on the setting APIRequestLogging. Everything given
/// must hold.
#[derive(Deserialize, JsonSchema)]
pub struct SearchApiLog {
    /// only calls of that command
    commandname: Option<String>,
    /// only calls by that caller, as the log names it: `service:shop`
    caller: Option<String>,
    /// only calls by that service
    servicename: Option<String>,
    /// only calls with that primary code; 0: without a refusal
    code: Option<i64>,
    /// only calls from that time or day on, UTC
    from: Option<Moment>,
    /// only calls before that time, or until the end of that day, UTC
    until: Option<Moment>,
    /// only calls from that address
    address: Option<String>,
    /// only the call with that id
    requestid: Option<String>,
    /// only calls that were refused
    #[serde(default)]
    onlyrefused: bool,
    /// only rows with a greater number
    #[serde(default)]
    startid: i64,
    /// only rows with a smaller number: `nextid` of the page before
    beforeid: Option<i64>,
}

/// A page of calls.
#[derive(Serialize, JsonSchema)]
pub struct Calls {
    /// how far the page reaches
    searchresult: SearchResult,
    /// the calls, the newest first
    calllist: CallList,
}

/// The calls of the list.
#[derive(Serialize, JsonSchema)]
struct CallList {
    call: Vec<ListedCall>,
}

/// A call.
#[derive(Serialize, JsonSchema)]
struct ListedCall {
    /// the row's number
    callid: i64,
    /// when it began, UTC
    #[schemars(with = "Time")]
    time: String,
    /// the code of the provider that it was for
    distributor: String,
    /// who called
    caller: String,
    /// the command; empty: none was recognised
    command: String,
    /// the number of the user that it was about; empty: none is known
    userid: Option<i64>,
    /// 0, or the primary code of the refusal
    code: i64,
    /// how long it took
    microseconds: i64,
    /// the address seen
    address: String,
    /// the id of the request
    requestid: String,
    /// its fields as JSON, secrets masked and long ones cut
    fields: String,
}

impl ListedCall {
    fn of(call: &Call, row: CallRow) -> ListedCall {
        ListedCall {
            callid: row.id,
            time: row.time.stamp(),
            distributor: page::code(call, row.provider),
            caller: row.caller,
            command: row.command,
            userid: row.user,
            code: row.code,
            microseconds: row.micros,
            address: row.address,
            requestid: row.request,
            fields: row.fields,
        }
    }
}

impl Command for SearchApiLog {
    const NAME: &'static str = "searchapilog";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "no such call",
            given: &[],
            call: "requestid=ffffffffffffffff",
            reply: "<searchresult><current>0</current><maximum>50</maximum></searchresult><calllist></calllist>",
        },
        Example {
            shows: "what became of registrations",
            given: &["registeruser username=carol useremail=carol@example.com password=sekret-1234"],
            call: "commandname=registeruser",
            reply: "<searchresult><current>1</current><maximum>50</maximum></searchresult><calllist><call>\
                <callid>1</callid><time>01/01/2026 00:00:00.00</time><distributor>DEMO</distributor>\
                <caller>service:portal</caller><command>registeruser</command><userid>5</userid>\
                <code>0</code><microseconds>0</microseconds><address>198.51.100.1</address>\
                <requestid>0000000000000001</requestid><fields>{\"username\":\"carol\",\
                \"useremail\":\"carol@example.com\",\"password\":\"•••\"}</fields></call></calllist>",
        },
        Example {
            shows: "what is no time",
            given: &[],
            call: "from=yesterday",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: from must be a day or a time: MM/DD/YYYY, MM/DD/YYYY hh:mm:ss or \
                YYYY-MM-DDThh:mm:ssZ</message></exception>",
        },
    ];
    type Reply = Calls;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Calls> {
        let search = CallSearch {
            provider: page::provider(call),
            command: self.commandname.clone(),
            caller: self.caller.clone(),
            service: self.servicename.clone(),
            code: self.code,
            address: self.address.clone(),
            request: self.requestid.clone(),
            refused: self.onlyrefused,
        };
        let page = page::page(call, self.startid, self.beforeid, self.from, self.until);
        let found = call.program.log().read(|log| log.search_calls(&search, &page))?;
        let searchresult = SearchResult::of(&found, &page);
        let listed = found.rows.into_iter().map(|row| ListedCall::of(call, row)).collect();
        Ok(Calls { searchresult, calllist: CallList { call: listed } })
    }
}
