//! `getstatistics`: how much a provider has, and how often it was called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::domain::time::{DAY, Time};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::api_log::DAYS;
use crate::store::statistics::{COUNTED, Holdings};

/// For how many days calls are shown where nothing is said `[O]`.
const USUAL: i64 = 30;

/// Counts what the provider that the call is for has, and its calls day by day. Of each kind the newest
/// 10000 are counted; a reply with `totalisminimum` has a number that may be greater in truth. Of calls, those
/// count that the API log keeps (setting APIRequestLogging), and all that are refused.
#[derive(Deserialize, JsonSchema)]
pub struct GetStatistics {
    /// for how many days calls are shown, 0 to 90; left out: 30
    days: Option<i64>,
}

/// The numbers.
#[derive(Serialize, JsonSchema)]
pub struct Statistics {
    /// the users, by state
    users: Users,
    /// devices of these users
    devices: i64,
    /// licences
    licenses: i64,
    /// depots
    depots: i64,
    /// services
    services: i64,
    /// some number is the most that is counted
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
    /// days with calls, the newest first
    daylist: DayList,
}

/// Users by state.
#[derive(Serialize, JsonSchema)]
pub(super) struct Users {
    /// all of them
    total: i64,
    /// those who may log in
    activated: i64,
    /// those who have not activated yet
    inactive: i64,
    /// those who are locked out
    disabled: i64,
    /// those who are to be deleted
    todelete: i64,
}

/// The days of the list.
#[derive(Serialize, JsonSchema)]
struct DayList {
    day: Vec<Day>,
}

/// A day's calls.
#[derive(Serialize, JsonSchema)]
struct Day {
    /// the day, UTC
    #[schemars(with = "Date")]
    date: String,
    /// calls that were done
    done: i64,
    /// calls that were refused
    refused: i64,
}

impl Command for GetStatistics {
    const NAME: &'static str = "getstatistics";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "what the provider has, without its calls",
            given: &[],
            call: "days=0",
            reply: "<users><total>2</total><activated>1</activated><inactive>1</inactive><disabled>0</disabled>\
                <todelete>0</todelete></users><devices>0</devices><licenses>2</licenses><depots>0</depots>\
                <services>6</services><daylist></daylist>",
        },
        Example {
            shows: "a day with a registration",
            given: &["registeruser username=carol useremail=carol@example.com"],
            call: "days=7",
            reply: "<users><total>3</total><activated>1</activated><inactive>2</inactive><disabled>0</disabled>\
                <todelete>0</todelete></users><devices>0</devices><licenses>3</licenses><depots>0</depots>\
                <services>6</services><daylist><day><date>01/01/2026</date><done>1</done>\
                <refused>0</refused></day></daylist>",
        },
        Example {
            shows: "too many days",
            given: &[],
            call: "days=91",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: days must be a whole number from 0 to 90</message></exception>",
        },
    ];
    type Reply = Statistics;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Statistics> {
        let days = self.days.unwrap_or(USUAL);
        if !(0..=DAYS).contains(&days) {
            return Err(invalid(format!("days must be a whole number from 0 to {DAYS}")));
        }
        let holdings = tx.holdings(call.provider.id, COUNTED)?;
        let first_day = call.now.0.div_euclid(DAY) - days + 1;
        let rows = call.program.log().read(|log| log.calls_by_day(call.provider.id, first_day))?;
        let totalisminimum = holdings.at_least().then_some(true);
        Ok(Statistics {
            users: Users::of(&holdings),
            devices: holdings.devices,
            licenses: holdings.licenses,
            depots: holdings.depots,
            services: holdings.services,
            totalisminimum,
            daylist: DayList { day: by_day(&rows) },
        })
    }
}

impl Users {
    pub(super) fn of(holdings: &Holdings) -> Users {
        Users {
            total: holdings.users(None),
            activated: holdings.users(Some("activated")),
            inactive: holdings.users(Some("inactive")),
            disabled: holdings.users(Some("disabled")),
            todelete: holdings.users(Some("todelete")),
        }
    }
}

/// One row for each day, from one for each day and outcome.
fn by_day(rows: &[(i64, bool, i64)]) -> Vec<Day> {
    let count = |of: &[(i64, bool, i64)], refused: bool| {
        of.iter().filter(|(_, outcome, _)| *outcome == refused).map(|(.., count)| count).sum()
    };
    let days = rows.chunk_by(|a, b| a.0 == b.0);
    days.map(|of| {
        let stamp = of.first().map(|(day, ..)| Time(day.saturating_mul(DAY)).stamp()).unwrap_or_default();
        let date = stamp.split(' ').next().unwrap_or_default().to_owned();
        Day { date, done: count(of, false), refused: count(of, true) }
    })
    .collect()
}
