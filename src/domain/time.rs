//! Points in time, as the program keeps and prints them.
//!
//! One integer, microseconds since 1970 in UTC, both in memory and in the database: it sorts, it
//! subtracts, and no time zone can creep in. `chrono` only turns it into the protocol's text.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Serialize, Serializer};

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Whole seconds since 1970, as `requesttime` counts.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// That many microseconds later.
    pub fn plus(self, micros: i64) -> Time {
        Time(self.0.saturating_add(micros))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The protocol's timestamp: `MM/DD/YYYY hh:mm:ss.ff`, UTC `[C]`. Written digit by digit, because a
    /// format string costs more than finding the user that it belongs to.
    pub fn stamp(self) -> String {
        let utc = self.utc();
        let year = utc.year().clamp(0, 9999).unsigned_abs();
        let mut stamp = String::with_capacity(22);
        for (number, behind) in [
            (utc.month(), "/"),
            (utc.day(), "/"),
            (year / 100, ""),
            (year % 100, " "),
            (utc.hour(), ":"),
            (utc.minute(), ":"),
            (utc.second(), "."),
            (utc.timestamp_subsec_micros() / 10_000, ""),
        ] {
            stamp.extend(
                [number / 10, number % 10].map(|digit| char::from_digit(digit % 10, 10).unwrap_or('0')),
            );
            stamp.push_str(behind);
        }
        stamp
    }

    /// RFC 3339 with seconds, for configuration, log and command line.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// Reads RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Option<Time> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Time(t.timestamp_micros()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.stamp())
    }
}

impl schemars::JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "timestamp" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// Where the time comes from: the machine, or a test's hand.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_hundredths_and_american_order() {
        let time = Time::parse_rfc3339("2026-01-02T03:04:05.678901Z").unwrap();
        assert_eq!(time.stamp(), "01/02/2026 03:04:05.67");
        assert_eq!(time.rfc3339(), "2026-01-02T03:04:05Z");
    }
}
