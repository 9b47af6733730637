//! The tests of the whole program, in one crate: parties speak to it in process with real bytes, and
//! what they are told is compared to the byte.
//!
//! One crate rather than one for each file: it links once, and everybody shares [`world`], the
//! vocabulary in which the tests are written.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod attacks;
mod cli;
mod clients;
mod config;
mod crash;
mod exchanges;
mod first_start;
mod guards;
mod hotfolder;
mod http;
mod laws;
mod mails;
mod plans;
mod program;
mod properties;
mod protocol;
mod readme;
mod running;
mod schemas;
mod services;
mod source;
mod stories;
mod tidy;
mod tls;
mod world;
mod xml;
