//! `getoverview`: what an administrator wants to see first.
//!
//! Everything on it is bounded: numbers are counted as far as counting is cheap, lists have a few rows, and each is
//! found by an index. A page that is opened every morning must not be slower for whoever has more.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::getstatistics::Users;
use super::page::{code, provider};
use super::searchrefused::ListedRefusal;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::providers::service::sees_all;
use crate::domain::time::{DAY, Time};
use crate::error::{Code, Result, forbidden, invalid};
use crate::store::Tx;
use crate::store::audit_search::{AuditRow, AuditSearch};
use crate::store::newest::Page;
use crate::store::statistics::COUNTED;

/// So many of a kind are counted for each provider, where there are several `[O]`.
const FEWER: i64 = 1_000;
/// Providers of one call `[O]`.
const PROVIDERS: usize = 20;
/// The most rows of a list `[O]`.
const MOST: i64 = 20;

/// Shows the numbers of the provider that the call is for, the licenses that end next, old keys of services that are still used, and
/// what was refused and changed last. Of each kind the newest 10000 are counted, of several providers 1000 each; a provider with
/// `totalisminimum` has a number that may be greater in truth.
#[derive(Deserialize, JsonSchema)]
pub struct GetOverview {
    /// the numbers of all providers, 20 in a call; for services of the default provider
    #[serde(default)]
    allproviders: bool,
    /// with allproviders: go on with the providers behind that code, the last one of the call before
    aftercode: Option<String>,
    /// licenses that end within so many days are shown, 1 to 366; left out: 30
    days: Option<i64>,
    /// how many refused calls and changes are shown, 0 to 20; left out: 5
    recent: Option<i64>,
}

/// The overview.
#[derive(Serialize, JsonSchema)]
pub struct Overview {
    /// the name of the server
    servername: String,
    /// the line about it
    description: String,
    /// the numbers
    providerlist: ProviderList,
    /// licenses of the provider that end next, 20 at most
    endinglist: EndingList,
    /// old keys of services of the provider with which somebody has signed in the last day, those that end first first,
    /// 20 at most
    oldkeylist: OldKeyList,
    /// calls that were refused last because their caller was not proved
    refusedlist: RefusedList,
    /// changes that were made last
    changelist: ChangeList,
}

/// The providers of the list.
#[derive(Serialize, JsonSchema)]
struct ProviderList {
    provider: Vec<Numbers>,
}

/// What a provider has.
#[derive(Serialize, JsonSchema)]
struct Numbers {
    /// its code
    code: String,
    /// the users, by state
    users: Users,
    /// the licenses, by state
    licenses: Licenses,
    /// devices of these users
    devices: i64,
    /// depots
    depots: i64,
    /// services
    services: i64,
    /// mails that wait to be sent
    mailswaiting: i64,
    /// some number is the most that is counted
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
}

/// Licenses by state.
#[derive(Default, Serialize, JsonSchema)]
struct Licenses {
    /// all of them
    total: i64,
    /// those in force
    active: i64,
    /// those that take no new users
    inactive: i64,
    /// those that were cancelled
    cancelled: i64,
    /// those whose time is over
    expired: i64,
}

/// The licenses of the list.
#[derive(Serialize, JsonSchema)]
struct EndingList {
    license: Vec<EndingLicense>,
}

/// A license that ends soon.
#[derive(Serialize, JsonSchema)]
struct EndingLicense {
    /// its key
    licensekey: String,
    /// when it ends, UTC
    ends: Time,
    /// how many may use it
    limit: i64,
    /// how many do
    used: i64,
}

/// The old keys of the list.
#[derive(Serialize, JsonSchema)]
struct OldKeyList {
    oldkey: Vec<OldKey>,
}

/// A key that ends, of a program that has not been given the new one.
#[derive(Serialize, JsonSchema)]
struct OldKey {
    /// the name of the service
    servicename: String,
    /// when the key ends, UTC
    #[schemars(with = "Time")]
    oldkeyends: String,
    /// when somebody last signed with it, UTC, at most two minutes late
    #[schemars(with = "Option<Time>")]
    oldkeylastused: String,
}

/// The refused calls of the list.
#[derive(Serialize, JsonSchema)]
struct RefusedList {
    refused: Vec<ListedRefusal>,
}

/// The changes of the list.
#[derive(Serialize, JsonSchema)]
struct ChangeList {
    change: Vec<RecentChange>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
struct RecentChange {
    /// its number, of which `searchaudit` shows more
    changeid: i64,
    /// when it was made, UTC
    time: Time,
    /// the code of the provider for which it was made
    distributor: String,
    /// who made it
    caller: String,
    /// the command
    command: String,
    /// the number of the user concerned; empty: none
    userid: Option<i64>,
}

impl Command for GetOverview {
    const NAME: &'static str = "getoverview";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that ends in January",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=10 \
                 validuntil=01/15/2026",
            ],
            call: "days=30 recent=0",
            reply: "<servername>regserver</servername><description></description><providerlist><provider>\
                <code>DEMO</code><users><total>2</total><activated>1</activated><inactive>1</inactive>\
                <disabled>0</disabled><todelete>0</todelete></users><licenses><total>3</total>\
                <active>3</active><inactive>0</inactive><cancelled>0</cancelled><expired>0</expired>\
                </licenses><devices>0</devices><depots>0</depots><services>6</services>\
                <mailswaiting>0</mailswaiting></provider></providerlist><endinglist><license>\
                <licensekey>DEMO-2322-8118-9271</licensekey><ends>01/16/2026 00:00:00.00</ends>\
                <limit>10</limit><used>0</used></license></endinglist><oldkeylist></oldkeylist><refusedlist></refusedlist><changelist>\
                </changelist>",
        },
        Example {
            shows: "too many rows",
            given: &[],
            call: "recent=21",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: recent must be a whole number from 0 to 20</message></exception>",
        },
    ];
    type Reply = Overview;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Overview> {
        let recent = within("recent", self.recent.unwrap_or(5), 0, MOST)?;
        let days = within("days", self.days.unwrap_or(30), 1, 366)?;
        let ending = tx.ending_licenses(call.provider.id, call.now, call.now.plus(days * DAY), MOST)?;
        let ending = ending.into_iter().map(|license| EndingLicense {
            licensekey: license.key,
            ends: license.end,
            limit: license.limit,
            used: license.used,
        });
        let page = Page { before: None, after: 0, from: None, until: None, size: recent };
        let (refused, changes) = match recent {
            0 => (Vec::new(), Vec::new()),
            _ => (refusals(call, &page)?, changes(call, tx, &page)?),
        };
        Ok(Overview {
            servername: call.snapshot.server.name.clone(),
            description: call.snapshot.server.description.clone(),
            providerlist: ProviderList { provider: self.numbers(call, tx)? },
            endinglist: EndingList { license: ending.collect() },
            oldkeylist: OldKeyList { oldkey: old_keys(call, tx)? },
            refusedlist: RefusedList { refused },
            changelist: ChangeList { change: changes },
        })
    }
}

fn within(name: &str, number: i64, least: i64, most: i64) -> Result<i64> {
    match (least..=most).contains(&number) {
        true => Ok(number),
        false => Err(invalid(format!("{name} must be a whole number from {least} to {most}"))),
    }
}

/// Whoever signs with a key that ends is to be told before it does.
fn old_keys(call: &Call, tx: &Tx<'_>) -> Result<Vec<OldKey>> {
    let mut keys = Vec::new();
    for row in tx.services()?.into_iter().filter(|row| row.provider_id == call.provider.id) {
        let lives = tx.service_key_lives(row.id)?;
        keys.extend(lives.iter().find_map(|key| key.still_used(call.now)).map(|used| (used, row.name)));
    }
    keys.sort_unstable();
    keys.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let shown = |((ends, used), servicename): ((Time, Time), String)| OldKey {
        servicename,
        oldkeyends: ends.stamp(),
        oldkeylastused: used.stamp(),
    };
    Ok(keys.into_iter().map(shown).collect())
}

fn refusals(call: &Call, page: &Page) -> Result<Vec<ListedRefusal>> {
    let found = call.program.log().read(|log| log.search_refusals(provider(call), None, page))?;
    Ok(found.rows.into_iter().map(ListedRefusal::from).collect())
}

fn changes(call: &Call, tx: &Tx<'_>, page: &Page) -> Result<Vec<RecentChange>> {
    let search = AuditSearch { provider: provider(call), ..AuditSearch::default() };
    let shown = |row: AuditRow| RecentChange {
        changeid: row.id,
        time: row.time,
        distributor: code(call, row.provider),
        caller: row.caller,
        command: row.command,
        userid: row.user,
    };
    Ok(tx.search_audit(&search, page)?.rows.into_iter().map(shown).collect())
}

impl GetOverview {
    fn numbers(&self, call: &Call, tx: &Tx<'_>) -> Result<Vec<Numbers>> {
        if !self.allproviders {
            return Ok(vec![numbers(call, tx, call.provider.id, COUNTED)?]);
        }
        if !sees_all(call) {
            return Err(forbidden(format!(
                "Access denied: the numbers of all providers are for services of the default provider {} and for \
                 people with the right SUPER-USER, which its services can grant",
                call.snapshot.server.default_provider
            )));
        }
        let mut providers: Vec<(&str, i64)> =
            call.snapshot.providers().map(|provider| (provider.code.as_str(), provider.id)).collect();
        providers.sort_unstable();
        let after = self.aftercode.as_deref().unwrap_or_default();
        let page = providers.into_iter().filter(|(code, _)| *code > after).take(PROVIDERS);
        page.map(|(_, id)| numbers(call, tx, id, FEWER)).collect()
    }
}

fn numbers(call: &Call, tx: &Tx<'_>, provider: i64, most: i64) -> Result<Numbers> {
    let holdings = tx.holdings(provider, most)?;
    let states = tx.license_states(provider, call.now, most)?;
    let mails = tx.mails_waiting(provider, most)?;
    Ok(Numbers {
        code: code(call, provider),
        users: Users::of(&holdings),
        licenses: Licenses::of(call, provider, &states),
        devices: holdings.devices,
        depots: holdings.depots,
        services: holdings.services,
        mailswaiting: mails,
        totalisminimum: (holdings.at_least() || mails == most).then_some(true),
    })
}

impl Licenses {
    fn of(call: &Call, provider: i64, states: &[(String, bool, i64)]) -> Licenses {
        let provider = call.snapshot.provider_by_id(provider);
        let expiry = provider.is_none_or(|provider| provider.settings.license_expiry);
        let mut licenses = Licenses::default();
        for (state, ended, count) in states {
            licenses.total += count;
            let place = match state.as_str() {
                "cancelled" => &mut licenses.cancelled,
                "inactive" => &mut licenses.inactive,
                _ if *ended && expiry => &mut licenses.expired,
                _ => &mut licenses.active,
            };
            *place += count;
        }
        licenses
    }
}
