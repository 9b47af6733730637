//! The document while it is being read: which elements are open, what they hold, and all that it
//! may not be.
//!
//! A stack of at most four open elements, not a function that calls itself: the depth is checked
//! before anything is pushed, so no body can make the stack or the memory grow.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use super::super::fields::{Fields, Value, WHITE};
use super::super::limits::{DEEPEST, MOST_ELEMENTS, is_too_long};
use super::{NotXml, attributes, chars};

/// The name of the one root.
const ROOT: &str = "teamdrive";

/// The document so far; it is told of every token in turn.
pub(super) struct Document<'a> {
    text: &'a str,
    open: Vec<Element<'a>>,
    elements: usize,
    root: Option<Fields<'a>>,
}

/// An element that is not closed yet. It has a text or fields, never both.
struct Element<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    fields: Fields<'a>,
}

impl<'a> Document<'a> {
    pub fn new(text: &'a str) -> Self {
        let open = Vec::with_capacity(DEEPEST);
        Self { text, open, elements: 0, root: None }
    }

    pub fn open(&mut self, start: &BytesStart<'_>, from: u64) -> Result<(), NotXml> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(NotXml("too many elements"));
        }
        attributes::check(start.attributes_raw())?;
        let name = self.name(start, from)?;
        let fields = match self.open.last_mut() {
            Some(parent) => {
                parent.take_child()?;
                Fields::new()
            }
            None if self.root.is_some() => return Err(NotXml("a second root")),
            None if name != ROOT => return Err(NotXml("another root than teamdrive")),
            None => Fields::roomy(),
        };
        if self.open.len() == DEEPEST {
            return Err(NotXml("elements too deep"));
        }
        self.open.push(Element { name, text: Cow::Borrowed(""), fields });
        Ok(())
    }

    /// The name, cut from the document itself: the token lends it only for as long as it lives.
    fn name(&self, start: &BytesStart<'_>, from: u64) -> Result<&'a str, NotXml> {
        let from = usize::try_from(from).map_or(usize::MAX, |from| from.saturating_add(1));
        let to = from.saturating_add(start.name().as_ref().len());
        let name = self.text.get(from..to).unwrap_or_default();
        if chars::is_name(name) { Ok(name) } else { Err(NotXml("an element name")) }
    }

    pub fn close(&mut self) -> Result<(), NotXml> {
        let Some(element) = self.open.pop() else {
            return Err(NotXml("an end without a start"));
        };
        match self.open.last_mut() {
            Some(parent) => parent.fields.push(element.name, element.value()?),
            None => self.root = Some(element.fields),
        }
        Ok(())
    }

    pub fn text(&mut self, text: Cow<'a, str>) -> Result<(), NotXml> {
        if text.contains('>') && text.contains("]]>") {
            return Err(NotXml("]]> in text"));
        }
        match self.open.last_mut() {
            Some(element) => element.add(with_line_feeds(text)),
            None if is_white(&text) => Ok(()),
            None => Err(NotXml("text outside the root")),
        }
    }

    pub fn section(&mut self, text: Cow<'a, str>) -> Result<(), NotXml> {
        let element = self.open.last_mut().ok_or(NotXml("a section outside the root"))?;
        element.add(with_line_feeds(text))
    }

    pub fn reference(&mut self, name: &str) -> Result<(), NotXml> {
        let element = self.open.last_mut().ok_or(NotXml("a reference outside the root"))?;
        let character = chars::referred(name).ok_or(NotXml("a reference"))?;
        element.add_one(character)
    }

    pub fn finish(self) -> Result<Fields<'a>, NotXml> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            Some(_) | None => Err(NotXml("no root, or one that is not closed")),
        }
    }
}

impl<'a> Element<'a> {
    /// Adds a piece of text; the first one stays borrowed as long as it is the only one.
    fn add(&mut self, piece: Cow<'a, str>) -> Result<(), NotXml> {
        if !self.fields.is_empty() {
            return if is_white(&piece) { Ok(()) } else { Err(NotXml("text beside elements")) };
        }
        if self.text.is_empty() {
            self.text = piece;
        } else {
            self.text.to_mut().push_str(&piece);
        }
        Ok(())
    }

    fn add_one(&mut self, character: char) -> Result<(), NotXml> {
        match (self.fields.is_empty(), WHITE.contains(&character)) {
            (true, _) => self.text.to_mut().push(character),
            (false, true) => {}
            (false, false) => return Err(NotXml("text beside elements")),
        }
        Ok(())
    }

    /// Gets ready for a child: what was text so far must have been white space between tags.
    fn take_child(&mut self) -> Result<(), NotXml> {
        if !is_white(&self.text) {
            return Err(NotXml("text beside elements"));
        }
        self.text = Cow::Borrowed("");
        Ok(())
    }

    fn value(self) -> Result<Value<'a>, NotXml> {
        if !self.fields.is_empty() {
            return Ok(Value::Fields(self.fields));
        }
        if is_too_long(self.name, &self.text) {
            return Err(NotXml("a text too long"));
        }
        Ok(Value::Text(self.text))
    }
}

fn is_white(text: &str) -> bool {
    text.trim_start_matches(WHITE).is_empty()
}

/// Line ends as XML hands them on, which is as line feeds.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text;
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use super::super::super::limits::{LONG_FIELDS, LONGEST};
    use super::super::read;
    use super::*;

    fn refused(members: &str) -> bool {
        read(format!("<teamdrive>{members}</teamdrive>").as_bytes()).is_err()
    }

    #[test]
    fn inside_the_root() {
        for members in [
            "<a>",
            "</a>",
            "<a></b>",
            "<a><b></a></b>",
            "<a></A>",
            "<a></ a>",
            "<a></a b=''>",
            "<a b></a>",
            "<a b='1' b='2'/>",
            "<a b='<'/>",
            "<1/>",
            "< a/>",
            "<a/ >",
            "<a/b/>",
            "<>",
            "<a",
            "<a b='>",
            "<a'/>",
            "</>",
            "<!a>",
            "<!>",
            "<?p?>",
            "<a>&nbsp;</a>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>",
            "<a>& </a>",
            "<a>&lt</a>",
            "<a>&;</a>",
            "<a>]]></a>",
            "<a>\u{ffff}</a>",
            "<a>\0</a>",
            "<a><!-- -- --></a>",
            "<a><!-- ---></a>",
            "<a><!--></a>",
            "<a><![CDATA[</a>",
            "<a><![cdata[]]></a>",
            "<a>x<b/></a>",
            "<a><b/>x</a>",
            "<a><b/>&#120;</a>",
            "<a><b/><![CDATA[x]]></a>",
            "<a/>x",
            "<!DOCTYPE a>",
        ] {
            assert!(refused(members), "{members:?}");
        }
    }

    #[test]
    fn limits() {
        assert!(!refused("<a><b><c>1</c></b></a>"));
        assert!(refused("<a><b><c><d/></c></b></a>"));
        assert!(!refused(&"<a/>".repeat(MOST_ELEMENTS - 1)));
        assert!(refused(&"<a/>".repeat(MOST_ELEMENTS)));
        let long = |name: &str, length| format!("<{name}>{}</{name}>", "x".repeat(length));
        assert!(!refused(&long("a", LONGEST)));
        assert!(refused(&long("a", LONGEST + 1)));
        assert!(refused(&format!("<a>{}</a>", "&amp;".repeat(LONGEST + 1))));
        for name in LONG_FIELDS {
            assert!(!refused(&long(name, 1_000_000)));
        }
    }
}
