//! Flat fields: an ordered list of names with a text or inner fields, the one form in which
//! requests travel inward.
//!
//! A list, not a map: a request has about five fields, repeated names are how lists are sent, and a
//! scan over five names is faster than one hash. Names and texts are borrowed from the body
//! wherever nothing had to be unescaped, so a small request costs one allocation here.
//!
//! Texts are kept as they were sent; trimming happens when they are asked for, because a reader
//! that trims would have to know where a text ends before comments, references and sections have
//! been put together.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::read::Level;

/// The white space of XML, which is the white space of the protocol on every wire.
pub const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];

/// An ordered list of name → text or inner fields, borrowed from the body where possible.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields<'a>(Vec<Field<'a>>);

/// One name with what stands under it.
pub(super) type Field<'a> = (Cow<'a, str>, Value<'a>);

/// What stands under a name.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// A text, as it was sent.
    Text(Cow<'a, str>),
    /// A level of its own.
    Fields(Fields<'a>),
}

impl<'a> Fields<'a> {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields yet, with room for as many as a usual request has.
    pub(super) fn roomy() -> Self {
        Self(Vec::with_capacity(16))
    }

    /// Adds a field at the end; a name that is there already is repeated.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) {
        self.0.push((name.into(), value));
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All fields in the order in which they were sent, blank ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The first text of that name that is not blank, trimmed.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(given, value)| match value {
            Value::Text(text) if given == name => not_blank(text),
            _ => None,
        })
    }

    /// Reads a request struct: walks the struct's own field names, and ignores what it does not
    /// name.
    ///
    /// A blank field is the same as an absent one, and the first of several counts; a list called `blanks`
    /// holds the names of the blank ones. Two names are special: a struct in a field called `id` or `lic` reads the same level, and is always there.
    /// A list takes repeated fields, one text with commas, or the values of one inner level, which
    /// are not split again.
    pub fn read<T: de::DeserializeOwned>(&self) -> Result<T, FieldError> {
        T::deserialize(Level(self))
    }

    /// The same fields, borrowing nothing.
    pub fn into_owned(self) -> Fields<'static> {
        let own = |(name, value): Field<'a>| (Cow::Owned(name.into_owned()), value.into_owned());
        Fields(self.0.into_iter().map(own).collect())
    }

    pub(super) fn as_slice(&self) -> &[Field<'a>] {
        &self.0
    }
}

impl Value<'_> {
    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Fields(fields) => Value::Fields(fields.into_owned()),
        }
    }
}

/// The text without the white space around it, unless nothing is left.
pub(super) fn not_blank(text: &str) -> Option<&str> {
    Some(text.trim_matches(WHITE)).filter(|text| !text.is_empty())
}

/// The detail that goes after `Invalid Request: `, for example `limit must be a whole number`.
///
/// It never repeats what the client sent: names are the struct's own, and serde's messages that
/// quote the value are replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError(pub Cow<'static, str>);

impl FieldError {
    pub(super) const fn new(message: &'static str) -> Self {
        Self(Cow::Borrowed(message))
    }

    /// The same complaint, about the field of that name.
    pub(super) fn about(self, name: &str) -> Self {
        Self(Cow::Owned(format!("{name} {}", self.0)))
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for FieldError {}

impl de::Error for FieldError {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self(Cow::Owned(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(Cow::Owned(format!("must be {expected}")))
    }

    fn invalid_value(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(given, expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self(Cow::Owned(format!("must be {expected}")))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(Cow::Owned(format!("must be one of {}", expected.join(", "))))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new("is missing").about(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new("is given twice").about(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    fn sample<'a>() -> Fields<'a> {
        let mut inner = Fields::new();
        inner.push("name", text("deep"));
        let mut fields = Fields::new();
        fields.push("blank", text(" \n"));
        fields.push("name", text("\t"));
        fields.push("name", Value::Fields(inner));
        fields.push("name", text("  first\r\n"));
        fields.push("name", text("second"));
        fields.push("nbsp", text("\u{a0}"));
        fields
    }

    #[test]
    fn the_first_text_that_is_not_blank_counts() {
        let fields = sample();
        assert_eq!(fields.text("name"), Some("first"));
        assert_eq!(fields.text("blank"), None);
        assert_eq!(fields.text("Name"), None);
        assert_eq!(fields.text("nbsp"), Some("\u{a0}"), "only XML's own white space is trimmed");
    }

    #[test]
    fn order_and_blanks_are_kept() {
        let names: Vec<_> = sample().iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["blank", "name", "name", "name", "name", "nbsp"]);
        assert!(Fields::new().is_empty());
    }

    #[test]
    fn owned_fields_are_the_same_fields() {
        let owned: Fields<'static> = sample().into_owned();
        assert_eq!(owned, sample());
    }

    #[test]
    fn messages_never_repeat_the_value() {
        use de::Error as _;
        let quoted = Unexpected::Str("<secret>");
        for error in [
            FieldError::invalid_type(quoted, &"a date"),
            FieldError::invalid_value(quoted, &"a date"),
            FieldError::invalid_length(3, &"a date"),
        ] {
            assert_eq!(error.to_string(), "must be a date");
        }
        let error = FieldError::unknown_variant("<secret>", &["a", "b"]).about("kind");
        assert_eq!(error, FieldError("kind must be one of a, b".into()));
    }
}
