//! The wire: bytes become [`fields::Fields`], a reply becomes text; the wire's habits live here and
//! nowhere else.
//!
//! Every form of request is first brought into the same flat fields, and one deserialiser reads the
//! request structs from them. The alternative, a serde format per wire, would give each wire its
//! own idea of blank elements, truths and lists, and a command would have to know which wire it
//! came by.
//!
//! [`Wire`] is an enum and no trait object: which wire a call came by is known at its endpoint, and
//! the XML one is on the path where every allocation is counted.

pub mod fields;
pub mod json;
mod limits;
mod list;
mod read;
mod values;
pub mod xml;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use self::fields::Fields;
pub use self::json::form;

/// The wire by which a call came, and by which it is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wire {
    /// One XML document, as clients of the protocol send it `[D]`.
    #[default]
    Xml,
    /// One JSON object, alone or in a form.
    Json,
}

impl Wire {
    /// Reads a request's fields; else the reason for the log, which is never sent.
    pub fn read(self, body: &[u8]) -> Result<Fields<'_>, &'static str> {
        match self {
            Wire::Xml => xml::read(body).map_err(|why| why.0),
            Wire::Json => json::read(body).map_err(|why| why.0),
        }
    }

    /// What of a body is signed by a key; a form that cannot be read has nothing.
    pub fn signed(self, body: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self {
            Wire::Xml => Some(Cow::Borrowed(body)),
            Wire::Json => form::signed(body),
        }
    }

    /// Begins a reply in that text: everything before the reply's own members.
    pub fn begin(self, out: &mut String, reg_version: &str, api_version: Option<&str>) {
        match self {
            Wire::Xml => xml::begin(out, reg_version, api_version),
            Wire::Json => json::begin(out, reg_version, api_version),
        }
    }

    /// Appends a reply's members; if that fails, the text is as it was.
    pub fn write<T: Serialize + ?Sized>(self, out: &mut String, reply: &T) -> Result<(), Unwritable> {
        match self {
            Wire::Xml => xml::write(out, reply),
            Wire::Json => json::write(out, reply),
        }
    }

    /// The same for a reply that was kept.
    pub fn write_kept(self, out: &mut String, reply: &serde_json::Value) -> Result<(), Unwritable> {
        match self {
            Wire::Xml => {
                xml::write_kept(out, reply);
                Ok(())
            }
            Wire::Json => json::write(out, reply),
        }
    }

    /// Appends the exception that stands in place of a reply's members.
    pub fn refuse(self, out: &mut String, code: i64, secondary: Option<i64>, message: &str) {
        match self {
            Wire::Xml => xml::refuse(out, code, secondary, message),
            Wire::Json => json::refuse(out, code, secondary, message),
        }
    }

    /// Ends a reply.
    pub fn end(self, out: &mut String) {
        out.push_str(match self {
            Wire::Xml => xml::END,
            Wire::Json => json::END,
        });
    }
}

/// Why a reply cannot be written. A mistake in the reply's type, never in its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwritable(pub String);

impl fmt::Display for Unwritable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the reply cannot be written: {}", self.0)
    }
}

impl std::error::Error for Unwritable {}

impl serde::ser::Error for Unwritable {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Unwritable(what.to_string())
    }
}
