//! Providers, their settings and services (`commands.md` §7).

pub mod createprovider;
pub mod createservice;
pub mod rotateservicekey;
pub mod searchprovider;
pub mod searchservice;
pub mod service;
pub mod setserversetting;
pub mod showservicekey;
pub mod updateservice;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<createprovider::CreateProvider>(),
    Entry::of::<searchprovider::SearchProvider>(),
    Entry::of::<createservice::CreateService>(),
    Entry::of::<updateservice::UpdateService>(),
    Entry::of::<searchservice::SearchService>(),
    Entry::of::<showservicekey::ShowServiceKey>(),
    Entry::of::<rotateservicekey::RotateServiceKey>(),
    Entry::of::<setserversetting::SetServerSetting>(),
];
