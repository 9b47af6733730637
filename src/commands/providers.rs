//! Providers, their settings and services (`commands.md` §7).

pub mod createservice;
pub mod setserversetting;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] =
    &[Entry::of::<createservice::CreateService>(), Entry::of::<setserversetting::SetServerSetting>()];
