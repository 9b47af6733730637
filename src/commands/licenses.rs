//! Licences: what users may use, how many of them, and until when (`commands.md` §3).

pub mod activatelicense;
pub mod assignlicensetoclient;
pub mod assignusertolicense;
pub mod cancellicense;
pub mod createlicense;
pub mod createlicensewithoutuser;
pub mod deactivatelicense;
pub mod deletelicense;
pub mod downgradedefaultlicense;
pub mod downgradelicense;
mod draft;
pub mod getdefaultlicense;
pub mod getlicensechanges;
pub mod getlicensedata;
pub mod licensedata;
mod named;
pub mod removeuserfromlicense;
pub mod searchlicense;
pub mod setdefaultlicense;
pub mod setlicenseholder;
pub mod setlicensereference;
pub mod setlicensevalidity;
mod terms;
pub mod upgradedefaultlicense;
pub mod upgradelicense;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<getlicensedata::GetLicenseData>(),
    Entry::of::<getdefaultlicense::GetDefaultLicense>(),
    Entry::of::<setdefaultlicense::SetDefaultLicense>(),
    Entry::of::<createlicense::CreateLicense>(),
    Entry::of::<createlicensewithoutuser::CreateLicenseWithoutUser>(),
    Entry::of::<assignusertolicense::AssignUserToLicense>(),
    Entry::of::<removeuserfromlicense::RemoveUserFromLicense>(),
    Entry::of::<assignlicensetoclient::AssignLicenseToClient>(),
    Entry::of::<setlicenseholder::SetLicenseHolder>(),
    Entry::of::<upgradelicense::UpgradeLicense>(),
    Entry::of::<downgradelicense::DowngradeLicense>(),
    Entry::of::<upgradedefaultlicense::UpgradeDefaultLicense>(),
    Entry::of::<downgradedefaultlicense::DowngradeDefaultLicense>(),
    Entry::of::<setlicensereference::SetLicenseReference>(),
    Entry::of::<setlicensevalidity::SetLicenseValidity>(),
    Entry::of::<activatelicense::ActivateLicense>(),
    Entry::of::<deactivatelicense::DeactivateLicense>(),
    Entry::of::<cancellicense::CancelLicense>(),
    Entry::of::<deletelicense::DeleteLicense>(),
    Entry::of::<searchlicense::SearchLicense>(),
    Entry::of::<getlicensechanges::GetLicenseChanges>(),
];
