//! What is wanted of the rows.

use crate::load::Measured;

/// A figure that a row should reach, by itself or in proportion to another row's.
pub struct Goal {
    /// The row.
    pub row: &'static str,
    /// What of it.
    pub figure: Figure,
    /// What it is compared with.
    pub against: Against,
    /// The bound.
    pub wanted: Wanted,
}

/// What a figure is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Against {
    /// Nothing: it counts by itself.
    Nothing,
    /// It is divided by that row's.
    Row(&'static str),
    /// That of the first row is taken from it, and the rest divided by the second's: what the first row has in
    /// addition costs so much.
    Less(&'static str, &'static str),
}

impl Against {
    /// Whether that row is needed for it.
    pub fn needs(self, name: &str) -> bool {
        match self {
            Against::Nothing => false,
            Against::Row(row) => row == name,
            Against::Less(more, whole) => [more, whole].contains(&name),
        }
    }
}

/// A figure of a row.
#[derive(Debug, Clone, Copy)]
pub enum Figure {
    /// Replies a second.
    Rate,
    /// The middle time from request to reply, in milliseconds.
    Middle,
    /// The 99th percentile of that time, in milliseconds.
    Slowest,
    /// The server's own memory in MiB.
    Memory,
    /// What the API log grows by in a minute, in MiB.
    ApiLog,
    /// What the text log grows by in a minute, in MiB.
    TextLog,
}

/// A bound.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    /// No less.
    Least(f64),
    /// No more.
    Most(f64),
}

impl Figure {
    /// The figure of one measurement.
    pub fn of(self, measured: &Measured) -> Option<f64> {
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        match self {
            Figure::Rate => Some(measured.requests as f64 / measured.time.as_secs_f64()),
            Figure::Middle => measured.latency.map(|(middle, _)| millis(middle)),
            Figure::Slowest => measured.latency.map(|(_, slowest)| millis(slowest)),
            Figure::Memory => Some(measured.memory_kib? as f64 / 1024.0),
            Figure::ApiLog => Some(measured.api_log? as f64 / f64::from(1 << 20)),
            Figure::TextLog => Some(measured.text_log? as f64 / f64::from(1 << 20)),
        }
    }

    /// How it is called in a line about a goal.
    pub fn name(self) -> &'static str {
        match self {
            Figure::Rate => "rate",
            Figure::Middle => "median ms",
            Figure::Slowest => "p99 ms",
            Figure::Memory => "own MiB",
            Figure::ApiLog => "API log MiB/min",
            Figure::TextLog => "text log MiB/min",
        }
    }
}

impl Wanted {
    /// Whether a value keeps the bound.
    pub fn met(self, value: f64) -> bool {
        match self {
            Wanted::Least(bound) => value >= bound,
            Wanted::Most(bound) => value <= bound,
        }
    }

    /// The bound with its sign.
    pub fn shown(self) -> String {
        match self {
            Wanted::Least(bound) => format!(">= {bound:.2}"),
            Wanted::Most(bound) => format!("<= {bound:.2}"),
        }
    }
}

const fn ratio(row: &'static str, figure: Figure, against: &'static str, wanted: Wanted) -> Goal {
    Goal { row, figure, against: Against::Row(against), wanted }
}

const fn value(row: &'static str, figure: Figure, wanted: Wanted) -> Goal {
    Goal { row, figure, against: Against::Nothing, wanted }
}

/// What the rate loses by what another row has in addition, in proportion to a third one's.
const fn cost(row: &'static str, more: &'static str, whole: &'static str, most: f64) -> Goal {
    let against = Against::Less(more, whole);
    Goal { row, figure: Figure::Rate, against, wanted: Wanted::Most(most) }
}

/// A page of a search in milliseconds, among however many users.
const fn page(row: &'static str) -> Goal {
    value(row, Figure::Slowest, Wanted::Most(10.0))
}

/// A page of another list in milliseconds, where there are many rows.
const fn list(row: &'static str) -> Goal {
    value(row, Figure::Slowest, Wanted::Most(20.0))
}

/// All goals.
pub const GOALS: &[Goal] = &[
    ratio("getuserdata-10k", Figure::Rate, "yardstick", Wanted::Least(0.50)),
    ratio("getuserdata-many", Figure::Rate, "yardstick", Wanted::Least(0.30)),
    cost("getuserdata-uncounted", "getuserdata-10k", "yardstick", 0.03),
    ratio("getuserdata-key", Figure::Rate, "getuserdata-10k", Wanted::Least(0.80)),
    ratio("getuserdata-signed", Figure::Rate, "getuserdata-10k", Wanted::Least(0.80)),
    ratio("getuserdata-session", Figure::Rate, "getuserdata-10k", Wanted::Least(0.80)),
    ratio("getuserdata-tls", Figure::Rate, "getuserdata-10k", Wanted::Least(0.70)),
    ratio("getlicensedata-10k", Figure::Rate, "yardstick", Wanted::Least(0.42)),
    ratio("getdefaultdepotdata-10k", Figure::Rate, "yardstick", Wanted::Least(0.42)),
    value("failures", Figure::Memory, Wanted::Most(32.0)),
    ratio("paced-10k", Figure::Slowest, "paced-yardstick", Wanted::Most(1.5)),
    ratio("registeruser-64", Figure::Rate, "statements-grouped", Wanted::Least(0.60)),
    ratio("registeruser-64", Figure::Rate, "statements-single", Wanted::Least(2.5)),
    ratio("registeruser-64-mail", Figure::Rate, "registeruser-64", Wanted::Least(0.80)),
    ratio("registeruser-64-sent", Figure::Rate, "registeruser-64", Wanted::Least(0.80)),
    value("mails", Figure::Rate, Wanted::Least(500.0)),
    value("mails", Figure::Memory, Wanted::Most(4.0)),
    value("refused-flood", Figure::ApiLog, Wanted::Most(1.0)),
    value("refused-flood", Figure::TextLog, Wanted::Most(1.0)),
    ratio("assignusertolicense-64", Figure::Rate, "registeruser-64", Wanted::Least(0.65)),
    list("searchlicense-many"),
    list("searchgroup-many"),
    list("searchaudit-many"),
    ratio("import", Figure::Rate, "registeruser-64", Wanted::Least(0.80)),
    ratio("import-passwords", Figure::Rate, "argon2id", Wanted::Least(0.85)),
    page("search-exact-many"),
    page("search-exact-small"),
    page("search-one-many"),
    page("search-all-many"),
    page("search-all-small"),
    page("search-prefix-many"),
    page("search-prefix-small"),
    page("search-infix-many"),
    page("search-infix-small"),
    page("search-suffix-many"),
    page("search-suffix-small"),
    ratio("search-exact-many", Figure::Middle, "search-exact-10k", Wanted::Most(2.0)),
    ratio("search-one-many", Figure::Middle, "search-one-10k", Wanted::Most(2.0)),
    ratio("search-all-many", Figure::Middle, "search-all-10k", Wanted::Most(2.0)),
    ratio("loginuser-8", Figure::Rate, "argon2id", Wanted::Least(0.85)),
    ratio("loginuser-64", Figure::Rate, "argon2id", Wanted::Least(0.85)),
    value("loginuser-64", Figure::Memory, Wanted::Most(64.0)),
    ratio("loginuser-warm", Figure::Rate, "yardstick", Wanted::Least(0.35)),
    ratio("reads-by-logins", Figure::Rate, "getuserdata-10k", Wanted::Least(0.70)),
    value("reads-by-logins", Figure::Slowest, Wanted::Most(10.0)),
    value("start-many", Figure::Middle, Wanted::Most(50.0)),
    ratio("start-many", Figure::Middle, "start-empty", Wanted::Most(1.5)),
    value("start-many", Figure::Memory, Wanted::Most(24.0)),
];
