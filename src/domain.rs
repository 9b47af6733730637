//! The rules of the field without any I/O: names, addresses, dates, features, secrets.
//!
//! Nothing here knows a database, a wire or a clock, and nothing here imports from the other rooms.
//! So each rule can be read, tested and reused on its own, by a command, the console or an import.

pub mod accounts;
pub mod date;
pub mod depots;
pub mod email;
pub mod groups;
pub mod licenses;
pub mod logins;
pub mod moment;
pub mod names;
pub mod passwords;
pub mod pattern;
pub mod rights;
pub mod secret;
pub mod service;
pub mod settings;
pub mod sheet;
pub mod tasks;
pub mod time;
pub mod totp;
pub mod user;
pub mod warm;
