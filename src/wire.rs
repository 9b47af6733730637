//! The wire: bytes become [`fields::Fields`], a reply becomes text; the wire's habits live here and
//! nowhere else.
//!
//! Every form of request is first brought into the same flat fields, and one deserialiser reads the
//! request structs from them. The alternative, a serde format per wire, would give each wire its
//! own idea of blank elements, truths and lists, and a command would have to know which wire it
//! came by.

pub mod fields;
mod list;
mod read;
mod values;
pub mod xml;
