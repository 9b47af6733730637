//! `searchgroup`: groups by parts of their names, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groupdata::ShownGroup;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::pattern::Pattern;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::group_search::FoundGroups;

/// Finds groups of the provider; `*` at the start, the end or both stands for any run of characters, and case does
/// not matter. Without a name all groups are listed.
#[derive(Deserialize, JsonSchema)]
pub struct SearchGroup {
    /// the name, at least 3 characters besides `*`
    groupname: Option<String>,
    /// only groups with a greater number: the last one of the page before
    #[serde(default)]
    startid: i64,
}

/// A page of groups.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    /// how many there are
    searchresult: SearchResult,
    /// the groups, by number
    grouplist: GroupList,
}

/// How many groups there are.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// groups on this page
    current: usize,
    /// the most on a page
    maximum: i64,
    /// all groups that match, exact up to 1000
    total: i64,
    /// there are more than `total`
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
    /// the search stopped before the page was full: the `startid` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
}

/// The groups of a page.
#[derive(Serialize, JsonSchema)]
struct GroupList {
    group: Vec<ShownGroup>,
}

impl Command for SearchGroup {
    const NAME: &'static str = "searchgroup";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "by the beginning of the name",
            given: &[
                "creategroup username=alice groupname='Sales North' groupreference=north",
                "creategroup username=alice groupname='Sales South'",
                "creategroup username=alice groupname=Support",
            ],
            call: "groupname=sales*",
            reply: "<searchresult><current>2</current><maximum>50</maximum><total>2</total></searchresult>\
                <grouplist><group><groupid>1</groupid><groupreference>north</groupreference><groupname>\
                Sales North</groupname><manager>alice</manager><membercount>0</membercount></group>\
                <group><groupid>2</groupid><groupreference></groupreference><groupname>Sales South\
                </groupname><manager>alice</manager><membercount>0</membercount></group></grouplist>",
        },
        Example {
            shows: "too short a pattern",
            given: &[],
            call: "groupname=*s*",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: groupname needs at least 3 characters besides *\
                </message></exception>",
        },
    ];
    type Reply = Page;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Page> {
        let name = self.groupname.as_deref().map(Pattern::read).transpose();
        let name = name.map_err(|why| invalid(format!("groupname {why}")))?;
        let maximum = call.snapshot.server.page;
        let FoundGroups { groups, total, at_least, next } =
            tx.search_groups(call.provider.id, name.as_ref(), self.startid.max(0), maximum)?;
        let shown = groups.iter().map(|group| ShownGroup::of(tx, group));
        let group = shown.collect::<Result<Vec<ShownGroup>>>()?;
        let (current, totalisminimum) = (group.len(), at_least.then_some(true));
        let searchresult = SearchResult { current, maximum, total, totalisminimum, nextid: next };
        Ok(Page { searchresult, grouplist: GroupList { group } })
    }
}
