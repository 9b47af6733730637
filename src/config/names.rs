//! The names of a struct's fields, as serde knows them.
//!
//! Which keys a section may hold is said once, by the struct that reads it. A list of names beside the struct would be
//! forgotten with the next key, and serde's own `deny_unknown_fields` stops at the first stranger and knows no nearest
//! name.

use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;

/// The keys that `T` can hold, by their names in the file; none if `T` is no struct.
pub(super) fn of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &[&str] = &[];
    // The reading always ends in an error: nothing is read, the question alone is what we are after.
    drop(T::deserialize(Asked(&mut names)));
    names
}

struct Asked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("asked for its names only"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
