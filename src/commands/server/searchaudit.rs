//! `searchaudit`: who changed what, about whom, and what it was before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::page::{self, SearchResult};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::moment::Moment;
use crate::domain::time::Time;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::audit_search::{AuditRow, AuditSearch};

/// Lists changes from the audit log, the newest first: of all providers for services of the default one,
/// else of the provider alone. Everything given must hold.
#[derive(Deserialize, JsonSchema)]
pub struct SearchAudit {
    /// only changes about the user of that name
    username: Option<String>,
    /// only changes about the user of that number, who may be removed
    userid: Option<i64>,
    /// only changes by that command
    commandname: Option<String>,
    /// only changes by that caller, as the log names it: `service:shop`
    caller: Option<String>,
    /// only from that time or day on, UTC
    from: Option<Moment>,
    /// only before that time, or until the end of that day, UTC
    until: Option<Moment>,
    /// only the change by the request of that id
    requestid: Option<String>,
    /// only rows with a greater number
    #[serde(default)]
    startid: i64,
    /// only rows with a smaller number: `nextid` of the page before
    beforeid: Option<i64>,
}

/// A page of changes.
#[derive(Serialize, JsonSchema)]
pub struct Changes {
    /// how far the page reaches
    searchresult: SearchResult,
    /// the changes, the newest first
    changelist: ChangeList,
}

/// The changes of the list.
#[derive(Serialize, JsonSchema)]
struct ChangeList {
    change: Vec<ListedChange>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
struct ListedChange {
    /// the row's number
    changeid: i64,
    /// when it was made, UTC
    #[schemars(with = "Time")]
    time: String,
    /// the code of the provider for which it was made
    distributor: String,
    /// who made it
    caller: String,
    /// where the call came from, as the caller says
    origin: String,
    /// the command
    command: String,
    /// the number of the user concerned; empty: none
    userid: Option<i64>,
    /// the fields of the call as JSON, secrets masked and long ones cut
    fields: String,
    /// what is different now, as it was before, as JSON; what was blank is left out
    before: String,
    /// the same as it is now; of a secret, only that it was changed
    after: String,
    /// the id of the request
    requestid: String,
}

impl ListedChange {
    fn of(call: &Call, row: AuditRow) -> ListedChange {
        ListedChange {
            changeid: row.id,
            time: row.time.stamp(),
            distributor: page::code(call, row.provider),
            caller: row.caller,
            origin: row.origin,
            command: row.command,
            userid: row.user,
            fields: row.fields,
            before: row.before,
            after: row.after,
            requestid: row.request,
        }
    }
}

impl Command for SearchAudit {
    const NAME: &'static str = "searchaudit";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "no such change",
            given: &[],
            call: "requestid=ffffffffffffffff",
            reply: "<searchresult><current>0</current><maximum>50</maximum></searchresult>\
                <changelist></changelist>",
        },
        Example {
            shows: "what became of a user",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
                "setdepartment username=carol department=Sales",
            ],
            call: "username=carol",
            reply: "<searchresult><current>2</current><maximum>50</maximum></searchresult><changelist><change>\
                <changeid>6</changeid><time>01/01/2026 00:00:00.00</time><distributor>DEMO</distributor>\
                <caller>service:portal</caller><origin>API-CALL</origin><command>setdepartment</command>\
                <userid>5</userid><fields>{\"username\":\"carol\",\"department\":\"Sales\"}</fields>\
                <before>{}</before><after>{\"department\":\"Sales\"}</after>\
                <requestid>0000000000000002</requestid></change><change><changeid>5</changeid>\
                <time>01/01/2026 00:00:00.00</time><distributor>DEMO</distributor>\
                <caller>service:portal</caller><origin>API-CALL</origin><command>registeruser</command>\
                <userid>5</userid><fields>{\"username\":\"carol\",\"useremail\":\"carol@example.com\",\
                \"password\":\"•••\",\"activate\":\"true\"}</fields><before>{}</before>\
                <after>{\"username\":\"carol\",\"email\":\"carol@example.com\",\
                \"status\":\"activated\",\"language\":\"en\",\"password\":\"changed\",\
                \"licenseid\":5}</after><requestid>0000000000000001</requestid></change></changelist>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Changes;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changes> {
        let search = AuditSearch {
            provider: page::provider(call),
            user: self.user(call, tx)?,
            command: self.commandname.clone(),
            caller: self.caller.clone(),
            request: self.requestid.clone(),
        };
        let page = page::page(call, self.startid, self.beforeid, self.from, self.until);
        let found = tx.search_audit(&search, &page)?;
        let searchresult = SearchResult::of(&found, &page);
        let change = found.rows.into_iter().map(|row| ListedChange::of(call, row)).collect();
        Ok(Changes { searchresult, changelist: ChangeList { change } })
    }
}

impl SearchAudit {
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<i64>> {
        match (&self.username, self.userid) {
            (Some(_), Some(_)) => Err(invalid("only one of username, userid may be given")),
            (None, userid) => Ok(userid),
            (Some(name), None) => Ok(Some(tx.the_user(call, &UserRef::Username(name.clone()))?.id)),
        }
    }
}
