//! A level of fields as a serde deserialiser: presents to a struct those of its own fields that
//! were sent.
//!
//! serde hands over the struct's field names, aliases included, so the walk goes by the struct and
//! not by the request: what is unknown costs nothing, and nothing the client sent can end up in a
//! message. The alternative for the two shared groups, `#[serde(flatten)]`, buffers every field (12
//! allocations against 1) and knows only strings; here a struct in a field called `id` or `lic`
//! simply reads the same level.
//!
//! A field whose name and alias were both sent is refused as given twice: the aliases of a field
//! cannot be told from other fields' names, so there is no first one to prefer.

use std::slice;

use serde::de::value::SeqDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::fields::{Field, FieldError, Fields};
use super::values::{Content, Given};

/// Field names under which a struct reads the level it stands on: who is meant, which licence, which group, every
/// text there is, for a command that passes on what it does not know, and the names of what was sent blank, for a
/// command to which that is not the same as nothing.
const SHARED: [&str; 5] = ["id", "lic", "gid", "rest", "blanks"];

/// One level of fields, to be read as a struct.
#[derive(Clone, Copy)]
pub(super) struct Level<'f>(pub &'f Fields<'f>);

impl<'f> Level<'f> {
    /// The first field of that name that is not blank, with the fields after it.
    fn given(self, name: &str) -> Option<Given<'f>> {
        let fields = self.0.as_slice();
        fields.iter().enumerate().filter(|(_, (given, _))| given == name).find_map(|(at, (given, value))| {
            let content = Content::of(value)?;
            Some(Given::among(content, given, fields.get(at + 1..)?))
        })
    }
}

impl<'de> Deserializer<'de> for Level<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, FieldError> {
        Err(FieldError::new("can only be read as a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_map(Members { level: self, names: names.iter(), found: None })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_map(Texts { fields: self.0.as_slice().iter(), value: "" })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let blank = self.0.iter().filter(|(_, value)| Content::of(value).is_none());
        visitor.visit_seq(SeqDeserializer::new(blank.map(|(name, _)| name)))
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

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        tuple tuple_struct enum identifier ignored_any
    }
}

/// All texts of a level, whatever they are called.
struct Texts<'f> {
    fields: slice::Iter<'f, Field<'f>>,
    value: &'f str,
}

impl<'de> MapAccess<'de> for Texts<'_> {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        for (name, value) in self.fields.by_ref() {
            let Some(Content::Text(text)) = Content::of(value) else { continue };
            self.value = text;
            return seed.deserialize((&**name).into_deserializer()).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, FieldError> {
        seed.deserialize(self.value.into_deserializer())
    }
}

/// The walk over a struct's field names.
struct Members<'f> {
    level: Level<'f>,
    names: slice::Iter<'static, &'static str>,
    found: Option<(&'static str, Member<'f>)>,
}

#[derive(Clone, Copy)]
enum Member<'f> {
    Shared,
    Own(Given<'f>),
}

impl<'f> Members<'f> {
    fn next_found(&mut self) -> Option<(&'static str, Member<'f>)> {
        let level = self.level;
        self.names.find_map(|&name| {
            if SHARED.contains(&name) {
                return Some((name, Member::Shared));
            }
            Some((name, Member::Own(level.given(name)?)))
        })
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FieldError> {
        self.found = self.next_found();
        match self.found {
            Some((name, _)) => seed.deserialize(name.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, FieldError> {
        match self.found.take() {
            Some((_, Member::Shared)) => seed.deserialize(self.level),
            Some((name, Member::Own(given))) => seed.deserialize(given).map_err(|error| error.about(name)),
            None => Err(FieldError::new("a value was asked for before its name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::{DeserializeOwned, Error as _};

    use super::super::fields::Value;
    use super::*;

    fn read<T: DeserializeOwned>(given: &[(&str, &str)]) -> Result<T, String> {
        let mut fields = Fields::new();
        for &(name, text) in given {
            fields.push(name.to_owned(), Value::Text(text.to_owned().into()));
        }
        fields.read().map_err(|error| error.to_string())
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Plain {
        name: String,
        #[serde(alias = "max")]
        limit: Option<u8>,
        #[serde(default)]
        start: i64,
        #[serde(skip)]
        found: bool,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Clearing {
        value: Option<String>,
        blanks: Vec<String>,
    }

    #[test]
    fn who_wants_to_know_is_told_what_was_sent_blank() {
        let clearing = |value: Option<&str>, blanks: &[&str]| Clearing {
            value: value.map(str::to_owned),
            blanks: blanks.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(read(&[]), Ok(clearing(None, &[])));
        assert_eq!(read(&[("value", " "), ("x", "1")]), Ok(clearing(None, &["value"])));
        assert_eq!(read(&[("value", "1"), ("blanks", "2")]), Ok(clearing(Some("1"), &[])));
    }

    #[test]
    fn a_struct_reads_its_own_names() {
        let plain = Plain { name: "bob".into(), limit: Some(5), start: 0, found: false };
        let given =
            [("x", "1"), ("name", " "), ("name", " bob "), ("name", "eve"), ("max", "5"), ("found", "true")];
        assert_eq!(read(&given), Ok(plain));
        let plain = Plain { name: "b".into(), limit: None, start: -3, found: false };
        assert_eq!(read(&[("name", "b"), ("limit", "\n"), ("start", "-3")]), Ok(plain));
    }

    #[test]
    fn complaints_name_the_field() {
        for (given, expected) in [
            (&[][..], "name is missing"),
            (&[("name", "")], "name is missing"),
            (&[("name", "b"), ("limit", "x")], "limit must be a whole number"),
            (&[("name", "b"), ("max", "300")], "max is too large"),
            (&[("name", "b"), ("max", "1"), ("limit", "2")], "limit is given twice"),
        ] {
            assert_eq!(read::<Plain>(given), Err(expected.to_owned()));
        }
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Raw {
        username: Option<String>,
        authid: Option<u8>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(try_from = "Raw")]
    struct UserRef(String);

    impl TryFrom<Raw> for UserRef {
        type Error = &'static str;

        fn try_from(raw: Raw) -> Result<Self, &'static str> {
            raw.username.map(UserRef).ok_or("exactly one of username, authid is needed")
        }
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Shared {
        id: UserRef,
        lic: Option<Raw>,
        email: String,
    }

    #[test]
    fn shared_groups_read_the_same_level() {
        let given = [("username", "bob"), ("email", "b@x"), ("id", "ignored")];
        let lic = Some(Raw { username: Some("bob".into()), authid: None });
        assert_eq!(read(&given), Ok(Shared { id: UserRef("bob".into()), lic, email: "b@x".into() }));
        for (given, expected) in [
            (&[("email", "b")][..], "exactly one of username, authid is needed"),
            (&[("username", "b"), ("authid", "x")], "authid must be a whole number"),
            (&[("username", "b")], "email is missing"),
        ] {
            assert_eq!(read::<Shared>(given), Err(expected.to_owned()));
        }
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Nothing {}
    #[derive(Deserialize, Debug, PartialEq)]
    struct Unit;
    #[derive(Deserialize, Debug, PartialEq)]
    struct Wrapped(Plain);

    #[test]
    fn requests_without_fields_and_wrapped_ones() {
        assert_eq!(read(&[("a", "b")]), Ok(Nothing {}));
        assert_eq!(read(&[]), Ok(Unit));
        assert_eq!(read::<Wrapped>(&[("name", "b")]).map(|wrapped| wrapped.0.name), Ok("b".to_owned()));
        assert_eq!(read::<Option<Nothing>>(&[]), Ok(Some(Nothing {})));
    }

    #[derive(Debug, PartialEq)]
    struct Date(String);

    impl<'de> Deserialize<'de> for Date {
        fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
            let text = String::deserialize(given)?;
            if text.len() == 10 {
                Ok(Date(text))
            } else {
                Err(D::Error::custom("must be a date, MM/DD/YYYY"))
            }
        }
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Dated {
        validuntil: Option<Date>,
    }

    #[test]
    fn complaints_of_own_types_get_the_name() {
        assert_eq!(read(&[]), Ok(Dated { validuntil: None }));
        let wrong = read::<Dated>(&[("validuntil", "soon")]);
        assert_eq!(wrong, Err("validuntil must be a date, MM/DD/YYYY".to_owned()));
    }
}
