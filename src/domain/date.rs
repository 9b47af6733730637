//! Days without a time: the protocol's American form, and the two that people write by mistake.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::Time;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(NaiveDate);

impl Date {
    /// Reads `MM/DD/YYYY`, `DD.MM.YYYY` or `YYYY-MM-DD`; the separator tells which.
    pub fn parse(text: &str) -> Option<Date> {
        let forms = [('/', "%m/%d/%Y"), ('.', "%d.%m.%Y"), ('-', "%Y-%m-%d")];
        let (separator, form) = forms.into_iter().find(|(separator, _)| text.contains(*separator))?;
        // chrono would also take one digit for two, signs and white space.
        let widths: Vec<usize> = text.split(separator).map(str::len).collect();
        let expected: &[usize] = if separator == '-' { &[4, 2, 2] } else { &[2, 2, 4] };
        let digits = text.chars().all(|c| c.is_ascii_digit() || c == separator);
        if widths != expected || !digits {
            return None;
        }
        NaiveDate::parse_from_str(text, form).ok().map(Date)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%m/%d/%Y"))
    }
}

impl Date {
    /// The day that ends at that moment, UTC.
    pub fn ending(end: Time) -> Date {
        let last = DateTime::from_timestamp_micros(end.0.saturating_sub(1)).unwrap_or_default();
        Date(last.date_naive())
    }

    /// The moment at which the day begins, UTC.
    pub fn start(self) -> Time {
        Time(self.0.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
    }

    /// The moment after the day, UTC.
    pub fn end(self) -> Time {
        let next = self.0.succ_opt().unwrap_or(self.0).and_time(NaiveTime::MIN);
        Time(next.and_utc().timestamp_micros())
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        Date::parse(&text)
            .ok_or_else(|| D::Error::custom("must be a date: MM/DD/YYYY, DD.MM.YYYY or YYYY-MM-DD"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl schemars::JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "date".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read_and_one_is_written() {
        for text in ["02/29/2028", "29.02.2028", "2028-02-29"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), "02/29/2028", "{text}");
        }
        let date = Date::parse("2028-02-29").unwrap();
        assert_eq!(Date::ending(date.end()), date);
        assert_eq!(date.start().plus(super::super::time::DAY), date.end());
        for bad in [
            "02/29/2027",
            "29/02/2028",
            "2/9/2028",
            "",
            "today",
            "2028-02-29T00:00",
            "+2/29/2028",
            "02/29/28",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }
}
