//! Devices: the client installations of users, registered by a service (`commands.md` §2).

pub mod activateclient;
pub mod deletedevice;
pub mod devicelist;
pub mod getdevices;
pub mod registerdevice;
pub mod touchdevice;
pub mod wipeoutdevice;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<registerdevice::RegisterDevice>(),
    Entry::of::<activateclient::ActivateClient>(),
    Entry::of::<getdevices::GetDevices>(),
    Entry::of::<touchdevice::TouchDevice>(),
    Entry::of::<wipeoutdevice::WipeOutDevice>(),
    Entry::of::<deletedevice::DeleteDevice>(),
];
