//! A reply read back as a tree, for the command line, which shows it in other forms.
//!
//! The reader of requests has limits that protect a server and knows four levels; a reply comes from a
//! server that was asked and is as long and as deep as what was asked for.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{NotXml, chars, why};

/// An element with its text or its members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its text; empty where it has members.
    pub text: String,
    /// The elements inside.
    pub members: Vec<Element>,
}

/// Reads a document and gives its root.
pub fn tree(text: &str) -> Result<Element, NotXml> {
    let mut reader = Reader::from_str(text.trim_start());
    reader.config_mut().enable_all_checks(true);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(why)?;
        let Some(last) = open.last_mut() else { return Err(NotXml("an end without a start")) };
        match event {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                open.push(Element { name: name.to_string(), ..Element::default() });
            }
            Event::End(_) => close(&mut open)?,
            Event::Text(text) => last.text.push_str(&text.into_inner()),
            Event::CData(text) => last.text.push_str(&text.into_inner()),
            Event::GeneralRef(name) => last.text.push(chars::referred(&name).ok_or(NotXml("a reference"))?),
            Event::Eof => break,
            _ => {}
        }
    }
    match (open.len(), open.pop().and_then(|document| document.members.into_iter().next())) {
        (1, Some(root)) => Ok(root),
        _ => Err(NotXml("no root, or one that is not closed")),
    }
}

fn close(open: &mut Vec<Element>) -> Result<(), NotXml> {
    let (Some(mut element), Some(parent)) = (open.pop(), open.last_mut()) else {
        return Err(NotXml("an end without a start"));
    };
    if !element.members.is_empty() {
        element.text.clear();
    }
    parent.members.push(element);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_with_its_levels_and_references() {
        let root = tree("<?xml version='1.0' ?>\n<a><b>x &lt;&#65;</b><c><d></d><d>2</d></c></a>").unwrap();
        assert_eq!(root.name, "a");
        assert_eq!((root.members[0].name.as_str(), root.members[0].text.as_str()), ("b", "x <A"));
        assert_eq!(root.members[1].members.len(), 2);
        assert!(tree("<a><b></a>").is_err() && tree("x").is_err() && tree("<a>").is_err());
    }
}
