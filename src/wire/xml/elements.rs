//! A serde serialiser for replies: structs of texts, numbers, truths, lists and structs, and nothing
//! else.
//!
//! The serialiser of quick-xml writes much more and checks every name; it took a tenth of the time of
//! a whole call. Most of the methods here only say that replies have no such thing.

use std::fmt::{Display, Write};

use serde::ser::{self, Impossible, Serialize};

use super::super::Unwritable;
use super::write::{close, escape, open};

/// Writes one value under a name, or the members of the reply where there is no name yet.
pub(super) struct Element<'a> {
    /// Where it is written.
    pub out: &'a mut String,
    /// The element's name.
    pub name: Option<&'static str>,
}

impl Element<'_> {
    fn text(self, text: &str) -> Result<(), Unwritable> {
        let name = self.name.ok_or_else(nameless)?;
        open(self.out, name);
        escape(self.out, text);
        close(self.out, name);
        Ok(())
    }

    fn number(self, number: impl Display) -> Result<(), Unwritable> {
        let name = self.name.ok_or_else(nameless)?;
        open(self.out, name);
        // Writing to a text does not fail.
        let _ = write!(self.out, "{number}");
        close(self.out, name);
        Ok(())
    }

    fn nothing(self) -> Result<(), Unwritable> {
        if let Some(name) = self.name {
            open(self.out, name);
            close(self.out, name);
        }
        Ok(())
    }
}

fn nameless() -> Unwritable {
    Unwritable("it is not a list of named members".to_owned())
}

fn unused<T>(what: &str) -> Result<T, Unwritable> {
    Err(Unwritable(format!("replies have no {what}")))
}

impl<'a> ser::Serializer for Element<'a> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Repeated<'a>;
    type SerializeTuple = Repeated<'a>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Impossible<(), Unwritable>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, truth: bool) -> Result<(), Unwritable> {
        self.text(if truth { "true" } else { "false" })
    }

    fn serialize_i8(self, number: i8) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_i16(self, number: i16) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_i32(self, number: i32) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_i64(self, number: i64) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_u8(self, number: u8) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_u16(self, number: u16) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_u32(self, number: u32) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_u64(self, number: u64) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_f32(self, number: f32) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_f64(self, number: f64) -> Result<(), Unwritable> {
        self.number(number)
    }

    fn serialize_char(self, character: char) -> Result<(), Unwritable> {
        self.text(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwritable> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        unused("bytes")
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.nothing()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.nothing()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.nothing()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unwritable> {
        unused("variants with values")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Repeated<'a>, Unwritable> {
        let name = self.name.ok_or_else(nameless)?;
        Ok(Repeated { out: self.out, name })
    }

    fn serialize_tuple(self, length: usize) -> Result<Repeated<'a>, Unwritable> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwritable> {
        unused("tuples with names")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        unused("variants with values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwritable> {
        unused("maps")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Unwritable> {
        if let Some(name) = self.name {
            open(self.out, name);
        }
        Ok(Members { out: self.out, name: self.name })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        unused("variants with values")
    }
}

/// The values of a list: an element of the same name for each.
pub(super) struct Repeated<'a> {
    out: &'a mut String,
    name: &'static str,
}

impl ser::SerializeSeq for Repeated<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(Element { out: self.out, name: Some(self.name) })
    }

    fn end(self) -> Result<(), Unwritable> {
        Ok(())
    }
}

impl ser::SerializeTuple for Repeated<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Unwritable> {
        Ok(())
    }
}

/// The members of a struct, and its own end tag where it has a name.
pub(super) struct Members<'a> {
    out: &'a mut String,
    name: Option<&'static str>,
}

impl ser::SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(Element { out: self.out, name: Some(name) })
    }

    fn end(self) -> Result<(), Unwritable> {
        if let Some(name) = self.name {
            close(self.out, name);
        }
        Ok(())
    }
}
