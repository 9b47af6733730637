//! The XML wire: a strict reader of requests and the writer of replies.
//!
//! The tokeniser is `quick-xml`: it cuts the body up and matches end tags. What it lets through is
//! checked here: that there is one root, that everything is closed, names, attributes, references,
//! characters, `]]>` in text. Its own serde reader is not used: it accepts two roots and unclosed
//! elements. A reader that builds a tree with namespaces and entities does more than the protocol
//! has, and each of those is a way in.
//!
//! Text beside child elements is refused as well. That is our choice: no client mixes the two,
//! there is nothing such a text could mean, and dropping it in silence would hide a slip in the
//! tags around it.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;

use self::document::Document;
use super::fields::Fields;

mod attributes;
pub(super) mod chars;
mod document;
mod elements;
mod envelope;
mod prolog;
mod tree;
mod write;

pub use self::envelope::{END, begin, refuse};
pub use self::tree::{Element, tree};
pub use self::write::{escape, write, write_kept};

/// Why a body is not the XML of this protocol; for the log only, never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotXml(pub &'static str);

/// Reads a request's fields: one well-formed document with the root `teamdrive`, elements and text
/// only.
///
/// Everything in it borrows from the body, unless a text had to be put together or the encoding is
/// not UTF-8. Texts of the fields `csv`, `subject`, `text` and `html` may be as long as the body,
/// others at most 64 KiB.
pub fn read(body: &[u8]) -> Result<Fields<'_>, NotXml> {
    match prolog::decode(body)? {
        Cow::Borrowed(text) => read_text(text),
        Cow::Owned(text) => read_text(&text).map(Fields::into_owned),
    }
}

/// Reads what follows the declaration; its characters have been checked.
fn read_text(text: &str) -> Result<Fields<'_>, NotXml> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut document = Document::new(text);
    loop {
        let from = reader.buffer_position();
        match reader.read_event().map_err(why)? {
            Event::Start(start) => document.open(&start, from)?,
            Event::Empty(start) => {
                document.open(&start, from)?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            Event::Text(text) => document.text(text.into_inner())?,
            Event::CData(text) => document.section(text.into_inner())?,
            Event::GeneralRef(name) => document.reference(&name)?,
            Event::Comment(_) => {}
            Event::Decl(_) => return Err(NotXml("a declaration that is not at the very start")),
            Event::PI(_) => return Err(NotXml("a processing instruction")),
            Event::DocType(_) => return Err(NotXml("a document type")),
            Event::Eof => return document.finish(),
        }
    }
}

/// The tokeniser's refusals in a word.
fn why(error: Error) -> NotXml {
    NotXml(match error {
        Error::IllFormed(_) => "an end tag, comment or reference that does not fit",
        Error::Syntax(SyntaxError::InvalidBangMarkup) => "unknown markup",
        Error::Syntax(_) => "markup that does not end",
        _ => "something the tokeniser does not take",
    })
}

#[cfg(test)]
mod tests {
    use super::super::fields::Value;
    use super::*;

    fn text(body: &[u8], name: &str) -> Option<String> {
        read(body).unwrap().text(name).map(str::to_owned)
    }

    #[test]
    fn a_common_request_is_borrowed_as_a_whole() {
        let body = b"<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>removeuser</command>\n\
            <username> foo </username><reference/><x y='1'>[]</x></teamdrive>\n";
        let fields = read(body).unwrap();
        let given: Vec<_> = fields.iter().collect();
        let text = |text: &'static str| Value::Text(Cow::Borrowed(text));
        let expected = [
            ("command", text("removeuser")),
            ("username", text(" foo ")),
            ("reference", text("")),
            ("x", text("[]")),
        ];
        assert_eq!(given, expected.iter().map(|(name, value)| (*name, value)).collect::<Vec<_>>());
        for (_, value) in given {
            assert!(matches!(value, Value::Text(Cow::Borrowed(_))));
        }
    }

    #[test]
    fn levels_are_kept_apart() {
        let body = b"<teamdrive> <a>\n<b> <c>1</c> </b>&#32;<!-- x --><![CDATA[ ]]>\
            <b>2</b></a> </teamdrive>";
        let mut inner = Fields::new();
        inner.push("c", Value::Text("1".into()));
        let mut outer = Fields::new();
        outer.push("b", Value::Fields(inner));
        outer.push("b", Value::Text("2".into()));
        let mut expected = Fields::new();
        expected.push("a", Value::Fields(outer));
        assert_eq!(read(body), Ok(expected));
        assert_eq!(read(b"<teamdrive/>"), Ok(Fields::new()));
        assert_eq!(read(b"<teamdrive>no fields</teamdrive>"), Ok(Fields::new()));
    }

    #[test]
    fn texts_are_put_together() {
        for (inside, expected) in [
            ("a&lt;&#98;&#x63;&amp;amp;", "a<bc&amp;"),
            ("a<!-- - -->b<![CDATA[<&amp;>]]>c", "ab<&amp;>c"),
            ("<![CDATA[]]]]><![CDATA[>]]>", "]]>"),
            ("]]&gt;", "]]>"),
            ("]] >", "]] >"),
            ("a\r\nb\rc\r\r\nd<![CDATA[\r\n]]>e&#13;f", "a\nb\nc\n\nd\ne\rf"),
            ("&apos;&quot;&gt;", "'\">"),
        ] {
            let body = format!("<teamdrive><x>{inside}</x></teamdrive>");
            assert_eq!(text(body.as_bytes(), "x").as_deref(), Some(expected), "{inside:?}");
        }
    }

    #[test]
    fn around_the_root() {
        for body in [
            " \n<teamdrive></teamdrive> ",
            "<!-- a --><teamdrive/><!-- b -->\n",
            "\u{feff}<teamdrive />",
            "<teamdrive></teamdrive\r\n>",
            "<?xml version='1.0'?>\n\n<teamdrive xmlns='urn:x'/>",
        ] {
            assert_eq!(read(body.as_bytes()), Ok(Fields::new()), "{body}");
        }
        for body in [
            "",
            " ",
            "x",
            "<!-- -->",
            "<?xml version='1.0'?>",
            "<teamdrive>",
            "</teamdrive>",
            "<Teamdrive/>",
            "<a/>",
            "<teamdrive/><teamdrive/>",
            "<teamdrive/>x",
            "x<teamdrive/>",
            "<teamdrive/>&#32;",
            "<teamdrive/><![CDATA[]]>",
            "<teamdrive/></teamdrive>",
            " <?xml version='1.0'?><teamdrive/>",
            "<?xml version='1.0'?><?xml version='1.0'?><teamdrive/>",
            "<?a?><teamdrive/>",
            "<teamdrive/><?a b?>",
            "<!DOCTYPE teamdrive><teamdrive/>",
            "<teamdrive/><!-- a -- b -->",
            "<!doctype teamdrive><teamdrive/>",
            "<teamdrive/><!-- a",
            "<teamdrive/>\u{feff}",
            "\u{a0}<teamdrive/>",
            "{}",
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn other_encodings() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><teamdrive><x>M\xfcller</x></teamdrive>";
        assert_eq!(text(latin, "x").as_deref(), Some("Müller"));
        assert!(read(b"<teamdrive><x>M\xfcller</x></teamdrive>").is_err());
        assert!(
            read(b"<?xml version='1.0' encoding='US-ASCII'?><teamdrive><x>\xc3\xa4</x></teamdrive>").is_err()
        );
    }
}
