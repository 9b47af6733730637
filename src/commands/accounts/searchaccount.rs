//! `searchaccount`: company accounts by name or key, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::pattern::Pattern;
use crate::domain::time::Time;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::account_search::{AccountSearch, FoundAccounts};
use crate::store::accounts::Account;

/// Finds company accounts of the provider; both given must hold, and nothing given finds all. `*` at the start, the end
/// or both stands for any run of characters, and case does not matter.
#[derive(Deserialize, JsonSchema)]
pub struct SearchAccount {
    /// the company's name, at least 3 characters besides `*`
    accountname: Option<String>,
    /// the account's key, likewise
    accountkey: Option<String>,
    /// only accounts with a greater number: the last one of the page before
    #[serde(default)]
    startid: i64,
}

/// A page of accounts.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    /// how many there are
    searchresult: SearchResult,
    /// the accounts, by number
    accountlist: AccountList,
}

/// How many accounts there are.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// accounts on this page
    current: usize,
    /// the most on a page
    maximum: i64,
    /// all accounts that match, exact up to 1000
    total: i64,
    /// there are more than `total`
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
    /// the search stopped before the page was full: the `startid` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
}

/// The accounts of a page.
#[derive(Serialize, JsonSchema)]
struct AccountList {
    account: Vec<FoundAccount>,
}

/// An account as the search shows it.
#[derive(Serialize, JsonSchema)]
struct FoundAccount {
    /// the account's number
    accountid: i64,
    /// the account's key
    accountkey: String,
    /// the company's name
    accountname: String,
    /// when it was made, UTC
    created: Time,
    /// how many users belong to it
    membercount: i64,
}

impl Command for SearchAccount {
    const NAME: &'static str = "searchaccount";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the companies whose name has trad in it",
            given: &[
                "createaccount accountname='Acme Trading' accountcode=SHOP",
                "createaccount accountname=Globex accountcode=GLOB",
            ],
            call: "accountname=*trad*",
            reply: "<searchresult><current>1</current><maximum>50</maximum><total>1</total><\
                /searchresult><accountlist><account><accountid>1</accountid><accountkey>\
                DEMO-SHOP-9029</accountkey><accountname>Acme Trading</accountname><creat\
                ed>01/01/2026 00:00:00.00</created><membercount>0</membercount></account\
                ></accountlist>",
        },
        Example {
            shows: "by the beginning of the key",
            given: &[
                "createaccount accountname='Acme Trading' accountcode=SHOP",
                "createaccount accountname=Globex accountcode=GLOB",
            ],
            call: "accountkey=demo-gl*",
            reply: "<searchresult><current>1</current><maximum>50</maximum><total>1</total><\
                /searchresult><accountlist><account><accountid>2</accountid><accountkey>\
                DEMO-GLOB-4680</accountkey><accountname>Globex</accountname><created>01/\
                01/2026 00:00:00.00</created><membercount>0</membercount></account></acc\
                ountlist>",
        },
        Example {
            shows: "too short a pattern",
            given: &[],
            call: "accountname=ac*",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: accountname needs at least 3 characters besides *\
                </message></exception>",
        },
    ];
    type Reply = Page;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Page> {
        let pattern = |name: &str, text: &Option<String>| -> Result<Option<Pattern>> {
            let Some(text) = text else { return Ok(None) };
            Pattern::read(text).map(Some).map_err(|why| invalid(format!("{name} {why}")))
        };
        let search = AccountSearch {
            provider: call.provider.id,
            name: pattern("accountname", &self.accountname)?,
            key: pattern("accountkey", &self.accountkey)?,
        };
        let maximum = call.snapshot.server.page;
        let FoundAccounts { accounts, total, at_least, next } =
            tx.search_accounts(&search, self.startid.max(0), maximum)?;
        let account: Vec<FoundAccount> = accounts.into_iter().map(FoundAccount::of).collect();
        let (current, totalisminimum) = (account.len(), at_least.then_some(true));
        let searchresult = SearchResult { current, maximum, total, totalisminimum, nextid: next };
        Ok(Page { searchresult, accountlist: AccountList { account } })
    }
}

impl FoundAccount {
    fn of(account: Account) -> FoundAccount {
        FoundAccount {
            accountid: account.id,
            accountkey: account.key,
            accountname: account.name,
            created: account.created,
            membercount: account.members,
        }
    }
}
