//! The server itself (`commands.md` §8).

pub mod getversion;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[Entry::of::<getversion::GetVersion>()];
