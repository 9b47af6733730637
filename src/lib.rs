//! regserver: a registration server that speaks the XML command API of the TeamDrive Registration
//! Server, and the same commands as JSON.
//!
//! # Map
//!
//! ```text
//! http      bytes, headers, peer address in; bytes out. The only async code, the only HTTP;
//!           beside the calls: signals, health, numbers, redirects,
//!           the pages behind the links in mails
//!   gate      address → service → checksum; pure functions over the snapshot in memory
//!   wire      bytes → flat fields, reply → bytes
//!   api       the one path: gate, fields, table, access, run, reply
//!     commands/   one file a command; the request struct is the command
//!       store/      the SQL, split by noun; one writer commits for many
//!     domain      rules without I/O
//!   mail      templates of mails and pages, checked and filled
//! cli       the program's sub-commands; config, the file they read
//! ```
//!
//! # A walk with one request
//!
//! `http::endpoint` takes the body and asks [`api::Api::begin`]. There `admit` goes through the steps
//! of the protocol in their order: the gate finds the service by the address and proves the checksum, or
//! `prove` looks up the API key or the session that was shown,
//! `wire` reads the fields, from XML or JSON, the table names the command, time, provider and right are checked,
//! and the command's struct is read from the fields. A quick read then runs on the worker's own
//! [`store::Reader`] and the answer goes back at once. A search goes to the pool. A change looks first,
//! may hash a password on a hash thread, and then waits in the writer's queue for the commit that
//! makes it durable; only after that is it answered.
//!
//! # What holds everywhere
//!
//! * Nothing below `http` is async; `domain` imports nothing from the other rooms; only `store` has
//!   SQL, and only `store::backend` and the writer know the database.
//! * What was answered is on the disk. A refusal changes nothing, unless it counts a failure.
//! * Time and chance come from [`call::Call`]; secrets are [`domain::secret::Secret`]s.
//! * Every queue is bounded, and whoever finds it full is told so at once.

pub mod access;
pub mod api;
pub mod call;
pub mod cli;
pub mod command;
pub mod commands;
pub mod config;
pub mod domain;
pub mod error;
pub mod gate;
pub mod http;
pub mod mail;
pub mod snapshot;
pub mod store;
pub mod wire;
