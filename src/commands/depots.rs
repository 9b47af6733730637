//! Depots: where users keep their files, on a host server, and how much of it (`commands.md` §4).

pub mod activatedepot;
pub mod createdepot;
pub mod deactivatedepot;
pub mod deletedepot;
pub mod depotdata;
pub mod getdefaultdepotdata;
pub mod getdepotdata;
mod named;
pub mod removedepotfromuser;
pub mod setdepot;
pub mod setdepotforuser;
pub mod setdepotusage;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<getdefaultdepotdata::GetDefaultDepotData>(),
    Entry::of::<getdepotdata::GetDepotData>(),
    Entry::of::<createdepot::CreateDepot>(),
    Entry::of::<setdepot::SetDepot>(),
    Entry::of::<setdepotforuser::SetDepotForUser>(),
    Entry::of::<removedepotfromuser::RemoveDepotFromUser>(),
    Entry::of::<setdepotusage::SetDepotUsage>(),
    Entry::of::<activatedepot::ActivateDepot>(),
    Entry::of::<deactivatedepot::DeactivateDepot>(),
    Entry::of::<deletedepot::DeleteDepot>(),
];
