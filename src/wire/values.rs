//! One given value as a serde deserialiser: truths, whole numbers, texts, choices, inner structs.
//!
//! The kinds and their messages are the protocol's, not serde's: `1` and `$TRUE` are truths, a
//! number out of range is called too large or too small. Errors are made without the field's name,
//! which the level puts in front, so that types with a `Deserialize` of their own need not know
//! what they are called.

use std::cell::Cell;

use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::fields::{Field, FieldError, Fields, Value, not_blank};
use super::list::List;
use super::read::Level;

/// A value that is not blank; its text is trimmed.
#[derive(Clone, Copy)]
pub(super) enum Content<'f> {
    Text(&'f str),
    Fields(&'f Fields<'f>),
}

impl<'f> Content<'f> {
    /// What was given, unless it is blank.
    pub fn of(value: &'f Value<'f>) -> Option<Self> {
        match value {
            Value::Text(text) => not_blank(text).map(Self::Text),
            Value::Fields(fields) => Some(Self::Fields(fields)).filter(|_| !fields.is_empty()),
        }
    }

    fn text(self, complaint: &'static str) -> Result<&'f str, FieldError> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Fields(_) => Err(FieldError::new(complaint)),
        }
    }
}

/// A value together with where it stands.
#[derive(Clone, Copy)]
pub(super) struct Given<'f> {
    content: Content<'f>,
    place: Place<'f>,
}

/// Where a value stands decides what a list and a struct make of it.
#[derive(Clone, Copy)]
enum Place<'f> {
    /// Under its name on a level; a list goes on with the fields of the same name after it.
    Among { name: &'f str, after: &'f [Field<'f>] },
    /// As an entry of a list.
    Entry,
    /// As an entry made from one field of an element: a struct takes the element as a whole, and
    /// says so.
    Part { element: &'f Fields<'f>, whole: &'f Cell<bool> },
}

impl<'f> Given<'f> {
    pub fn among(content: Content<'f>, name: &'f str, after: &'f [Field<'f>]) -> Self {
        Self { content, place: Place::Among { name, after } }
    }

    pub fn entry(content: Content<'f>) -> Self {
        Self { content, place: Place::Entry }
    }

    pub fn part(content: Content<'f>, element: &'f Fields<'f>, whole: &'f Cell<bool>) -> Self {
        Self { content, place: Place::Part { element, whole } }
    }

    fn truth(self) -> Result<bool, FieldError> {
        const COMPLAINT: &str = "must be true or false";
        let text = self.content.text(COMPLAINT)?;
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match () {
            () if is(["true", "$true", "1"]) => Ok(true),
            () if is(["false", "$false", "0"]) => Ok(false),
            () => Err(FieldError::new(COMPLAINT)),
        }
    }

    fn number<T: TryFrom<i128>>(self) -> Result<T, FieldError> {
        const COMPLAINT: &str = "must be a whole number";
        let text = self.content.text(COMPLAINT)?;
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FieldError::new(COMPLAINT));
        }
        let beyond = if text.starts_with('-') { "is too small" } else { "is too large" };
        let number = text.parse::<i128>().ok().and_then(|number| T::try_from(number).ok());
        number.ok_or(FieldError::new(beyond))
    }

    /// The level that a struct reads here.
    fn level(self) -> Result<Level<'f>, FieldError> {
        match (self.place, self.content) {
            (Place::Part { element, whole }, _) => {
                whole.set(true);
                Ok(Level(element))
            }
            (_, Content::Fields(fields)) => Ok(Level(fields)),
            (_, Content::Text(_)) => Err(FieldError::new("must have fields of its own")),
        }
    }

    fn list(self) -> List<'f> {
        match self.place {
            Place::Among { name, after } => List::new(self.content, name, after),
            Place::Entry | Place::Part { .. } => List::new(self.content, "", &[]),
        }
    }
}

impl<'de> Deserializer<'de> for Given<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_str(self.content.text("must be text")?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_i8(self.number()?)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_i16(self.number()?)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_i32(self.number()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_i64(self.number()?)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_i128(self.number()?)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_u8(self.number()?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_u16(self.number()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_u32(self.number()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_u64(self.number()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_seq(self.list())
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, FieldError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.level()?.deserialize_struct(name, names, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_enum(self.content.text("must be text")?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct map identifier
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;

    #[derive(Deserialize)]
    struct One<T> {
        x: T,
    }

    fn read_value<T: DeserializeOwned>(value: Value<'_>) -> Result<T, String> {
        let mut fields = Fields::new();
        fields.push("x", value);
        fields.read::<One<T>>().map(|one| one.x).map_err(|error| error.to_string())
    }

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        read_value(Value::Text(text.into()))
    }

    fn inner() -> Value<'static> {
        let mut fields = Fields::new();
        fields.push("y", Value::Text("1".into()));
        Value::Fields(fields)
    }

    fn refuses<T: DeserializeOwned + Debug + PartialEq>(texts: &[&str], complaint: &str) {
        for text in texts {
            assert_eq!(read::<T>(text), Err(format!("x {complaint}")), "{text:?}");
        }
    }

    #[test]
    fn truths() {
        for (texts, truth) in [(["true", " $True\n", "1"], true), (["FALSE", "$false", "0"], false)] {
            for text in texts {
                assert_eq!(read(text), Ok(truth), "{text:?}");
            }
        }
        refuses::<bool>(&["yes", "$1", "2", "01", "truee", "$"], "must be true or false");
        assert_eq!(read_value::<bool>(inner()), Err("x must be true or false".into()));
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(read(" +5 "), Ok(5u8));
        assert_eq!(read("-0"), Ok(0u64));
        assert_eq!(read("007"), Ok(7i16));
        assert_eq!(read("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(read("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(read("-128"), Ok(i8::MIN));
        assert_eq!(read("12"), Ok((12i32, 12u32).0));
        refuses::<i64>(
            &["x", "1.0", "1e3", "+", "-", "+-1", "1 2", "0x1", "٣", "1_000"],
            "must be a whole number",
        );
        refuses::<u8>(&["256", "99999999999999999999999999999999999999999999"], "is too large");
        refuses::<u64>(&["-1"], "is too small");
        refuses::<i32>(&["-2147483649", "-99999999999999999999999999999999999999999999"], "is too small");
        assert_eq!(read_value::<i64>(inner()), Err("x must be a whole number".into()));
        refuses::<std::num::NonZeroU32>(&["0"], "must be a nonzero u32");
    }

    #[test]
    fn texts() {
        assert_eq!(read(" a b "), Ok("a b".to_owned()));
        assert_eq!(read("a"), Ok('a'));
        assert_eq!(read::<String>(" \t\r\n"), Err("x is missing".into()));
        assert_eq!(read_value::<String>(inner()), Err("x must be text".into()));
        assert_eq!(read_value::<Option<String>>(Value::Fields(Fields::new())), Ok(None));
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Api,
        Shop,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Key(u32);

    #[test]
    fn choices_and_wrapped_values() {
        assert_eq!(read(" shop "), Ok(Kind::Shop));
        refuses::<Kind>(&["Shop", "<b>"], "must be one of api, shop");
        assert_eq!(read_value::<Kind>(inner()), Err("x must be text".into()));
        assert_eq!(read("7"), Ok(Some(Key(7))));
        refuses::<Key>(&["seven"], "must be a whole number");
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Inner {
        y: u8,
        z: Option<u8>,
    }

    #[test]
    fn inner_structs() {
        assert_eq!(read_value(inner()), Ok(Inner { y: 1, z: None }));
        refuses::<Inner>(&["1"], "must have fields of its own");
        let mut fields = Fields::new();
        fields.push("z", Value::Text("1".into()));
        assert_eq!(read_value::<Inner>(Value::Fields(fields)), Err("x y is missing".into()));
    }
}
