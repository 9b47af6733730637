//! Providers, their settings and services (`commands.md` §7).

pub mod createprovider;
pub mod createservice;
pub mod deleteservice;
pub mod doubles;
pub mod endservicekey;
pub mod getproviderdata;
pub mod getprovidersettings;
pub mod getserversettings;
pub mod getsettings;
mod provider;
pub mod rotateservicekey;
pub mod searchprovider;
pub mod searchservice;
pub mod service;
pub mod setprovidersetting;
pub mod setserversetting;
mod setting;
pub mod showservicekey;
pub mod updateprovider;
pub mod updateservice;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<getsettings::GetSettings>(),
    Entry::of::<createprovider::CreateProvider>(),
    Entry::of::<updateprovider::UpdateProvider>(),
    Entry::of::<getproviderdata::GetProviderData>(),
    Entry::of::<searchprovider::SearchProvider>(),
    Entry::of::<getprovidersettings::GetProviderSettings>(),
    Entry::of::<setprovidersetting::SetProviderSetting>(),
    Entry::of::<getserversettings::GetServerSettings>(),
    Entry::of::<setserversetting::SetServerSetting>(),
    Entry::of::<createservice::CreateService>(),
    Entry::of::<updateservice::UpdateService>(),
    Entry::of::<deleteservice::DeleteService>(),
    Entry::of::<searchservice::SearchService>(),
    Entry::of::<showservicekey::ShowServiceKey>(),
    Entry::of::<rotateservicekey::RotateServiceKey>(),
    Entry::of::<endservicekey::EndServiceKey>(),
];
