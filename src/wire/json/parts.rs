//! One level of a JSON text, cut up by `serde_json`: members or entries, each still in its own text.
//!
//! Level by level and not all at once, so that this program goes into nothing that calls itself
//! before it has looked at the depth, and so that a number is kept as it was written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::limits::MOST_ELEMENTS;

/// The members of an object, or the entries of a list.
pub(super) enum Parts<'a> {
    Members(Vec<(Cow<'a, str>, &'a str)>),
    Entries(Vec<&'a str>),
}

/// A text or a name, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Cut)
    }
}

struct Cut;

impl<'de> Visitor<'de> for Cut {
    type Value = Parts<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Parts<'de>, M::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some(Text(name)) = map.next_key()? {
            bounded(members.len())?;
            members.push((name, map.next_value::<&'de RawValue>()?.get()));
        }
        Ok(Parts::Members(members))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Parts<'de>, S::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element::<&'de RawValue>()? {
            bounded(entries.len())?;
            entries.push(entry.get());
        }
        Ok(Parts::Entries(entries))
    }
}

/// No level has more parts than the whole request may have.
fn bounded<E: Error>(parts: usize) -> Result<(), E> {
    if parts < MOST_ELEMENTS { Ok(()) } else { Err(E::custom("too many")) }
}
