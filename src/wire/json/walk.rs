//! The walk through a JSON object that makes flat fields of it.
//!
//! Members become fields, lists repeated fields, objects levels. A list of one entry is the one case
//! in which that would lose something: the fields cannot tell it from a single value, which a list
//! splits at its commas. Where that matters, and for the empty list, the entries stand on a level of
//! their own, the third way to send a list.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::fields::{Fields, Value, WHITE};
use super::super::limits::{DEEPEST, MOST_ELEMENTS, is_too_long};
use super::super::xml::chars;
use super::NotJson;
use super::parts::{Parts, Text};

/// What an entry on a level of its own is called; nobody looks at it.
const ENTRY: &str = "entry";

/// Reads the text of one object.
pub(super) fn read(text: &str) -> Result<Fields<'_>, NotJson> {
    // The object itself counts as the root element does.
    Walk { elements: 1 }.object(text, 1)
}

struct Walk {
    elements: usize,
}

impl Walk {
    fn object<'a>(&mut self, text: &'a str, depth: usize) -> Result<Fields<'a>, NotJson> {
        let Parts::Members(members) = cut(text)? else { return Err(NotJson("not an object")) };
        let mut names = HashSet::with_capacity(members.len());
        if let Some((name, _)) = members.iter().find(|(name, _)| !names.insert(&**name)) {
            return Err(NotJson(if name.is_empty() { "a nameless member" } else { "a repeated member" }));
        }
        let mut fields = if depth == 1 { Fields::roomy() } else { Fields::new() };
        for (name, text) in members {
            if !chars::is_name(&name) {
                return Err(NotJson("a member's name"));
            }
            self.member(&mut fields, name, text, depth + 1)?;
        }
        Ok(fields)
    }

    fn member<'a>(
        &mut self,
        fields: &mut Fields<'a>,
        name: Cow<'a, str>,
        text: &'a str,
        depth: usize,
    ) -> Result<(), NotJson> {
        if !text.starts_with('[') {
            if let Some(value) = self.value(&name, text, depth)? {
                fields.push(name, value);
            }
            return Ok(());
        }
        let Parts::Entries(entries) = cut(text)? else { return Err(NotJson("not a list")) };
        let mut values = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.starts_with('[') {
                return Err(NotJson("a list in a list"));
            }
            values.extend(self.value(&name, entry, depth)?);
        }
        if values.is_empty() {
            self.count(depth)?;
        }
        match as_level(&mut values) {
            Some(level) => fields.push(name, Value::Fields(level)),
            None => values.into_iter().for_each(|value| fields.push(name.clone(), value)),
        }
        Ok(())
    }

    /// What is no list; nothing for `null`.
    fn value<'a>(&mut self, name: &str, text: &'a str, depth: usize) -> Result<Option<Value<'a>>, NotJson> {
        self.count(depth)?;
        let text = match text.as_bytes().first() {
            Some(b'n') => return Ok(None),
            Some(b'{') => return self.object(text, depth).map(Value::Fields).map(Some),
            Some(b'"') => unescaped(text)?,
            // A truth or a number: what it is worth is seen where it is read, as on the XML wire.
            _ => Cow::Borrowed(text),
        };
        if is_too_long(name, &text) {
            return Err(NotJson("a text too long"));
        }
        Ok(Some(Value::Text(text)))
    }

    /// Counts what would be an element.
    fn count(&mut self, depth: usize) -> Result<(), NotJson> {
        self.elements += 1;
        match () {
            () if depth > DEEPEST => Err(NotJson("members too deep")),
            () if self.elements > MOST_ELEMENTS => Err(NotJson("too many members")),
            () => Ok(()),
        }
    }
}

fn cut(text: &str) -> Result<Parts<'_>, NotJson> {
    serde_json::from_str(text)
        .map_err(|error| NotJson(if error.is_data() { "too many members" } else { "not JSON" }))
}

/// The text of a JSON text, if XML could hold it too.
fn unescaped(text: &str) -> Result<Cow<'_, str>, NotJson> {
    let Text(text) = serde_json::from_str(text).map_err(|_| NotJson("half a surrogate pair in a text"))?;
    if chars::are_legal(&text) { Ok(text) } else { Err(NotJson("an illegal character")) }
}

/// The entries of a list as a level, where repeated fields would say something else.
fn as_level<'a>(values: &mut Vec<Value<'a>>) -> Option<Fields<'a>> {
    let entry = match &values[..] {
        [] => Value::Text(Cow::Borrowed("")),
        [Value::Text(text)] if !text.contains(',') && text.trim_matches(WHITE) != "[]" => return None,
        [_] => values.pop()?,
        _ => return None,
    };
    let mut level = Fields::new();
    level.push(ENTRY, entry);
    Some(level)
}
