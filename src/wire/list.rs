//! The three ways in which clients send a list, read as one.
//!
//! Repeated fields, one text with commas, or one inner level. Which of them it is can be seen from
//! the fields, save for one case: an element with inner fields may be a level of entries or a
//! single entry that is a struct. Only the entry's type tells, and serde names it when the first
//! entry is already being read; so that entry then takes the element as a whole and notes it here.

use std::cell::Cell;
use std::slice;
use std::str;

use serde::de::{DeserializeSeed, SeqAccess};

use super::fields::{Field, FieldError, Fields, not_blank};
use super::values::{Content, Given};

/// More entries than any command takes; bounds the work that one request can ask for.
const MOST: usize = 1_000;

/// The entries of one list.
pub(super) struct List<'f> {
    entries: Entries<'f>,
    taken: usize,
    whole: Cell<bool>,
}

enum Entries<'f> {
    Repeated { first: Option<Content<'f>>, name: &'f str, after: slice::Iter<'f, Field<'f>> },
    Commas(str::Split<'f, char>),
    Level { fields: slice::Iter<'f, Field<'f>> },
    Parts { element: &'f Fields<'f>, fields: slice::Iter<'f, Field<'f>> },
}

impl<'f> List<'f> {
    /// The list that begins with that value and goes on with the fields of the same name.
    pub fn new(first: Content<'f>, name: &'f str, after: &'f [Field<'f>]) -> Self {
        let mut others = named(name, after.iter());
        let entries = match first {
            _ if others.next().is_some() => {
                Entries::Repeated { first: Some(first), name, after: after.iter() }
            }
            Content::Text("[]") => Entries::Commas("".split(',')),
            Content::Text(text) => Entries::Commas(text.split(',')),
            Content::Fields(level) if holds_only_fields(level) => {
                Entries::Level { fields: level.as_slice().iter() }
            }
            Content::Fields(element) => Entries::Parts { element, fields: element.as_slice().iter() },
        };
        Self { entries, taken: 0, whole: Cell::new(false) }
    }

    fn next_given(&mut self) -> Option<Given<'_>> {
        match &mut self.entries {
            Entries::Repeated { first, name, after } => {
                first.take().or_else(|| named(name, after.by_ref()).next()).map(Given::entry)
            }
            Entries::Commas(parts) => parts.find_map(not_blank).map(|text| Given::entry(Content::Text(text))),
            Entries::Level { fields } => fields.find_map(|(_, value)| Content::of(value)).map(Given::entry),
            Entries::Parts { element, fields } => {
                let content = fields.find_map(|(_, value)| Content::of(value))?;
                Some(Given::part(content, element, &self.whole))
            }
        }
    }
}

/// What stands under that name and is not blank.
fn named<'f, I>(name: &str, fields: I) -> impl Iterator<Item = Content<'f>>
where
    I: Iterator<Item = &'f Field<'f>>,
{
    fields.filter(move |(given, _)| given == name).filter_map(|(_, value)| Content::of(value))
}

/// Whether an element can only be a level of structs, never a struct itself.
fn holds_only_fields(element: &Fields<'_>) -> bool {
    let mut given = element.iter().filter_map(|(_, value)| Content::of(value));
    given.all(|content| matches!(content, Content::Fields(_)))
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = FieldError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, FieldError> {
        if self.whole.get() {
            return Ok(None);
        }
        let full = self.taken == MOST;
        self.taken += 1;
        match self.next_given() {
            None => Ok(None),
            Some(_) if full => Err(FieldError::new("has too many values")),
            Some(given) => seed.deserialize(given).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::wire::xml;

    #[derive(Deserialize)]
    struct Request<T> {
        x: T,
    }

    fn read<T: DeserializeOwned>(members: &str) -> Result<T, String> {
        let body = format!("<teamdrive>{members}</teamdrive>");
        let fields = xml::read(body.as_bytes()).map_err(|why| why.0.to_owned())?;
        fields.read::<Request<T>>().map(|request| request.x).map_err(|error| error.to_string())
    }

    #[test]
    fn the_three_ways_are_one() {
        for members in [
            "<x>1</x><y>9</y><x> 2 </x><x/><x>3</x>",
            "<x>1,2 ,,\n3,</x>",
            "<x><a>1</a><b/><a> 2</a><c>3</c></x>",
            "<x/><x>1,2,3</x>",
        ] {
            assert_eq!(read(members), Ok(vec![1u32, 2, 3]), "{members}");
        }
        assert_eq!(read("<x>1</x>"), Ok(vec![1u32]));
        assert_eq!(read("<x>[]</x>"), Ok(Vec::<u32>::new()));
        assert_eq!(read("<x><a/></x>"), Ok(Vec::<u32>::new()));
        assert_eq!(read("<x>,</x>"), Ok(Vec::<u32>::new()));
        assert_eq!(read("<x/>"), Ok(None::<Vec<u32>>));
        assert_eq!(read("<x>1,2</x>"), Ok((1u8, 2u8)));
        assert_eq!(read::<Vec<u32>>(""), Err("x is missing".into()));
    }

    #[test]
    fn only_a_single_text_is_split() {
        assert_eq!(read("<x>a,b</x><x>c</x>"), Ok(vec!["a,b".to_owned(), "c".to_owned()]));
        assert_eq!(read("<x><a>a,b</a></x>"), Ok(vec!["a,b".to_owned()]));
    }

    #[test]
    fn complaints() {
        for members in ["<x>1,b</x>", "<x>1</x><x>b</x>", "<x><a>b</a></x>", "<x>1</x><x><a>1</a></x>"] {
            assert_eq!(read::<Vec<u32>>(members), Err("x must be a whole number".into()), "{members}");
        }
        let many = |count| format!("<x>{}</x>", vec!["1"; count].join(","));
        assert_eq!(read::<Vec<u8>>(&many(1_000)).map(|list| list.len()), Ok(1_000));
        assert_eq!(read::<Vec<u8>>(&many(1_001)), Err("x has too many values".into()));
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Parameter {
        name: String,
        value: Option<String>,
    }

    fn parameter(name: &str, value: Option<&str>) -> Parameter {
        Parameter { name: name.into(), value: value.map(str::to_owned) }
    }

    #[test]
    fn entries_that_are_structs() {
        let one = "<name>a</name><value>1,2</value>";
        let a = || parameter("a", Some("1,2"));
        for (members, expected) in [
            (format!("<x>{one}</x>"), vec![a()]),
            (format!("<x>{one}</x><x><name>b</name></x>"), vec![a(), parameter("b", None)]),
            (format!("<x><p>{one}</p><p><name>b</name></p></x>"), vec![a(), parameter("b", None)]),
            ("<x><name/><name>c</name></x>".to_owned(), vec![parameter("c", None)]),
        ] {
            assert_eq!(read(&members), Ok(expected), "{members}");
        }
        assert_eq!(read::<Vec<Parameter>>("<x>a</x>"), Err("x must have fields of its own".into()));
        assert_eq!(read::<Vec<Parameter>>("<x><value>1</value></x>"), Err("x name is missing".into()));
    }
}
