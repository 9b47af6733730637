//! The tests of the whole program, in one crate: parties speak to it in process with real bytes, and
//! what they are told is compared to the byte.
//!
//! One crate rather than one for each file: it links once, and everybody shares [`world`], the
//! vocabulary in which the tests are written.

mod config;
mod crash;
mod first_start;
mod http;
mod exchanges;
mod guards;
mod laws;
mod program;
mod protocol;
mod stories;
mod world;
mod xml;
