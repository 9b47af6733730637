//! The kinds of settings: what a value may be, and its one written form.
//!
//! Each kind reads generously and writes in one way only, so that `true`, `1` and `True` are one value in the database
//! and a comparison of texts is a comparison of values. An enum was preferred to a trait with one type per kind: the
//! table of settings is a constant, and the console asks for the kind to draw a field.

use super::{addresses, places};
use crate::domain::licenses;

/// What a setting's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text, at most 1,000 characters; may be blank.
    Text,
    /// Lines of the form `key=value`, as the clients read them; may be blank.
    Lines,
    /// `True` or `False`.
    Truth,
    /// A whole number between two bounds, in a unit (`""` where there is none).
    Number {
        /// The lowest value.
        min: i64,
        /// The highest value.
        max: i64,
        /// What is counted: seconds, minutes, days, bytes, characters.
        unit: &'static str,
    },
    /// One of these words; each row begins with the written form, other spellings follow it.
    OneOf(&'static [&'static [&'static str]]),
    /// Comma-separated addresses and ranges; may be blank.
    Addresses,
    /// A provider code: four of A-Z and 0-9.
    Provider,
    /// Comma-separated language tags, at least one.
    Languages,
    /// One language tag.
    Language,
    /// An address that begins with `http://` or `https://`; may be blank.
    Url,
    /// One e-mail address without a display name; may be blank.
    Email,
    /// The name or address of a host; may be blank.
    Host {
        /// Whether a port may follow.
        port: bool,
    },
    /// Licence features: words joined by `,` or `+`, or their number.
    Feature,
    /// A version: numbers joined by dots.
    Version,
    /// A key of at least 16 characters without white space; never blank.
    Salt,
}

impl Kind {
    /// The word in a list of settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Lines => "lines",
            Self::Truth => "truth",
            Self::Number { .. } => "number",
            Self::OneOf(_) => "choice",
            Self::Addresses => "addresses",
            Self::Provider => "provider",
            Self::Languages => "languages",
            Self::Language => "language",
            Self::Url => "url",
            Self::Email => "email",
            Self::Host { .. } => "host",
            Self::Feature => "features",
            Self::Version => "version",
            Self::Salt => "key",
        }
    }

    /// The values there are to choose from, where they are counted.
    #[must_use]
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Self::Truth => vec!["True", "False"],
            Self::OneOf(words) => words.iter().filter_map(|row| row.first().copied()).collect(),
            Self::Feature => licenses::FEATURES.iter().map(|(word, _)| *word).collect(),
            _ => Vec::new(),
        }
    }

    /// Reads `value` as this kind and gives it in its one written form.
    ///
    /// # Errors
    /// What the value must be, as the end of a sentence. The value itself is not repeated: it may be a secret.
    pub fn check(self, value: &str) -> Result<String, String> {
        let trimmed = value.trim();
        match self {
            Self::Text => text(trimmed),
            Self::Lines => lines(trimmed),
            Self::Truth => truth(trimmed),
            Self::Number { min, max, unit } => number(trimmed, min, max, unit),
            Self::OneOf(words) => one_of(trimmed, words),
            Self::Addresses => ranges(trimmed),
            Self::Provider => provider(trimmed),
            Self::Languages => languages(trimmed),
            Self::Language => language(trimmed),
            Self::Url => places::url(trimmed),
            Self::Email => places::email(trimmed),
            Self::Host { port } => places::host(trimmed, port),
            Self::Feature => feature(trimmed),
            Self::Version => version(trimmed),
            // Not trimmed: a key that lost a character would verify nothing, and nobody would see why.
            Self::Salt => salt(value),
        }
    }
}

/// The value if `holds`, else what it must be.
pub(super) fn only_if(holds: bool, value: &str, must: &str) -> Result<String, String> {
    if holds { Ok(value.to_owned()) } else { Err(format!("must be {must}")) }
}

fn text(value: &str) -> Result<String, String> {
    let fits = value.chars().count() <= 1000 && !value.chars().any(char::is_control);
    only_if(fits, value, "one line of at most 1000 characters")
}

fn lines(value: &str) -> Result<String, String> {
    let kept: Vec<&str> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let well_formed = |line: &&str| line.split_once('=').is_some_and(|(key, _)| is_key(key.trim()));
    let fits = value.len() <= 65_536 && kept.iter().all(well_formed);
    only_if(fits, &kept.join("\n"), "lines of the form key=value")
}

fn is_key(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !key.is_empty() && key.chars().all(plain)
}

fn truth(value: &str) -> Result<String, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "$true" | "1" => Ok("True".to_owned()),
        "false" | "$false" | "0" => Ok("False".to_owned()),
        _ => Err("must be True or False".to_owned()),
    }
}

fn number(value: &str, min: i64, max: i64, unit: &str) -> Result<String, String> {
    match value.parse::<i64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(number.to_string()),
        _ if unit.is_empty() => Err(format!("must be a whole number from {min} to {max}")),
        _ => Err(format!("must be a whole number of {unit} from {min} to {max}")),
    }
}

fn one_of(value: &str, words: &[&[&str]]) -> Result<String, String> {
    let written = |row: &&[&str]| row.first().map(ToString::to_string);
    let spelled = |row: &&&[&str]| row.iter().any(|word| word.eq_ignore_ascii_case(value));
    words.iter().find(spelled).and_then(written).ok_or_else(|| {
        let all: Vec<String> = words.iter().filter_map(written).collect();
        format!("must be one of {}", all.join(", "))
    })
}

fn ranges(value: &str) -> Result<String, String> {
    let ranges = addresses::networks(value)
        .map_err(|fault| format!("must be a comma-separated list of addresses and ranges: {fault}"))?;
    let written: Vec<String> = ranges.iter().map(addresses::written).collect();
    Ok(written.join(","))
}

fn provider(value: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let fits = value.len() == 4 && value.chars().all(plain);
    only_if(fits, value, "a provider code: four of A-Z and 0-9")
}

fn languages(value: &str) -> Result<String, String> {
    let must = "a comma-separated list of language tags such as en,de";
    let tags = value.split(',').map(|tag| language(tag.trim())).collect::<Result<Vec<_>, _>>();
    tags.map(|tags| tags.join(",")).map_err(|_| format!("must be {must}"))
}

fn language(value: &str) -> Result<String, String> {
    let tag = value.to_ascii_lowercase();
    let fits = (2..=3).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_lowercase());
    only_if(fits, &tag, "a language tag of two or three letters such as en")
}

fn feature(value: &str) -> Result<String, String> {
    let bits = licenses::features(value).unwrap_or(0);
    let named = licenses::FEATURES.iter().filter(|(_, bit)| bits & bit != 0);
    let words: Vec<&str> = named.map(|(word, _)| *word).collect();
    if words.is_empty() {
        let all: Vec<&str> = licenses::FEATURES.iter().map(|(word, _)| *word).collect();
        return Err(format!("must be features joined by commas, out of {}", all.join(", ")));
    }
    Ok(words.join(","))
}

fn version(value: &str) -> Result<String, String> {
    let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let fits = value.len() <= 20 && value.split('.').all(number);
    only_if(fits, value, "a version such as 4.7.1")
}

fn salt(value: &str) -> Result<String, String> {
    let broken = |c: char| c.is_whitespace() || c.is_control();
    let fits = (16..=1000).contains(&value.chars().count()) && !value.contains(broken);
    only_if(fits, value, "at least 16 characters without white space")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each case is a value and what it is written as; `None` stands for a refusal.
    fn written(kind: Kind, cases: &[(&str, Option<&str>)]) {
        for (value, expected) in cases {
            assert_eq!(kind.check(value).ok().as_deref(), *expected, "{kind:?}: {value}");
        }
    }

    #[test]
    fn truths_and_numbers_have_one_form() {
        let seconds = Kind::Number { min: -1, max: 60, unit: "seconds" };
        written(Kind::Truth, &[("$TRUE", Some("True")), ("0", Some("False")), ("yes", None)]);
        written(
            seconds,
            &[(" +007 ", Some("7")), ("-1", Some("-1")), ("61", None), ("1.5", None), ("", None)],
        );
        assert_eq!(seconds.check("61"), Err("must be a whole number of seconds from -1 to 60".to_owned()));
    }

    #[test]
    fn words_are_written_as_the_first_spelling() {
        let kind = Kind::OneOf(&[&["all", "True"], &["off", "False"]]);
        written(kind, &[("true", Some("all")), ("OFF", Some("off")), ("some", None)]);
        assert_eq!(kind.check("some"), Err("must be one of all, off".to_owned()));
    }

    #[test]
    fn lists_are_written_without_spaces() {
        written(Kind::Languages, &[("EN, de", Some("en,de")), ("", None), ("english", None)]);
        written(
            Kind::Addresses,
            &[("", Some("")), ("::ffff:10.0.0.1 , fd00::/8", Some("10.0.0.1,fd00::/8")), ("home", None)],
        );
        written(
            Kind::Feature,
            &[
                ("inbox+Banner", Some("banner,inbox")),
                ("9", Some("banner,professional")),
                ("", None),
                ("128", None),
            ],
        );
    }

    #[test]
    fn texts_keep_to_their_form() {
        written(Kind::Text, &[(" a b ", Some("a b")), ("a\nb", None)]);
        written(Kind::Lines, &[("a=1\n\n b-c = 2 ", Some("a=1\nb-c = 2")), ("a", None), ("=1", None)]);
        written(Kind::Provider, &[("AB12", Some("AB12")), ("ab12", None), ("ABCDE", None)]);
        written(Kind::Version, &[("4.7.1", Some("4.7.1")), ("4.7.", None), ("v4", None)]);
        written(Kind::Salt, &[("0123456789abcdef", Some("0123456789abcdef")), (" 0123456789abcdef", None)]);
    }
}
