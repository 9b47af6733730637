//! A moment that a person names to narrow a search: a time, or a day as a whole.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::date::Date;
use super::time::{DAY, HOUR, MINUTE, SECOND, Time};

/// A time, or a day from its first moment to the one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    begin: Time,
    end: Time,
}

impl Moment {
    /// Reads RFC 3339, `MM/DD/YYYY hh:mm:ss` with or without fractions of a second, or a day.
    pub fn parse(text: &str) -> Option<Moment> {
        if let Some(time) = Time::parse_rfc3339(text) {
            return Some(Moment { begin: time, end: time });
        }
        let (day, clock) = match text.split_once(' ') {
            Some((day, clock)) => (day, Some(clock)),
            None => (text, None),
        };
        let end = Date::parse(day)?.end();
        let begin = end.plus(-DAY);
        match clock {
            None => Some(Moment { begin, end }),
            Some(clock) => {
                let time = begin.plus(of_day(clock)?);
                Some(Moment { begin: time, end: time })
            }
        }
    }

    /// Its first moment.
    pub fn begin(self) -> Time {
        self.begin
    }

    /// The moment itself, or the one after the day.
    pub fn end(self) -> Time {
        self.end
    }
}

/// Microseconds since midnight; of a second's fraction the first two digits count, as stamps have them.
fn of_day(clock: &str) -> Option<i64> {
    let (clock, hundredths) = clock.split_once('.').unwrap_or((clock, "0"));
    let digits = |text: &str, most: i64| {
        let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| fits && *number < most)
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let whole = digits(hours, 24)? * HOUR + digits(minutes, 60)? * MINUTE + digits(seconds, 60)? * SECOND;
    Some(whole + digits(hundredths, 100)? * (SECOND / 100))
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(from)?;
        Moment::parse(&text).ok_or_else(|| {
            D::Error::custom(
                "must be a day or a time: MM/DD/YYYY, MM/DD/YYYY hh:mm:ss or YYYY-MM-DDThh:mm:ssZ",
            )
        })
    }
}

impl schemars::JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "moment".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "timestamp" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read() {
        let at = |text: &str| Time::parse_rfc3339(text).unwrap();
        let day = Moment::parse("01/02/2026").unwrap();
        assert_eq!((day.begin(), day.end()), (at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z")));
        let time = Moment::parse("01/02/2026 03:04:05.67").unwrap();
        assert_eq!(
            (time.begin(), time.end()),
            (at("2026-01-02T03:04:05.67Z"), at("2026-01-02T03:04:05.67Z"))
        );
        assert_eq!(Moment::parse("2026-01-02T03:04:05.67Z"), Some(time));
        for bad in
            ["", "today", "01/02/2026 ", "01/02/2026 25:00:00", "01/02/2026 1:2", "01/02/2026 -1:00:00"]
        {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }
}
