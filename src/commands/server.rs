//! The server itself (`commands.md` §8): its version, who gets in besides services, and what its logs tell.

pub mod authorisesite;
pub mod createapikey;
pub mod createsession;
pub mod createsite;
pub mod deletesite;
pub mod endsession;
pub mod getcommands;
pub mod gethealth;
pub mod getoverview;
pub mod getrights;
pub mod getstatistics;
pub mod gettasks;
pub mod getversion;
pub mod grantright;
pub(super) mod page;
pub mod previewconfig;
pub mod revokeapikey;
pub mod revokeright;
pub mod revokesite;
pub mod rotatesitekey;
pub mod runtask;
pub mod searchapikey;
pub mod searchapilog;
pub mod searchaudit;
pub mod searchbackup;
pub mod searchrefused;
pub mod searchsession;
pub mod searchsite;
pub mod settask;
pub mod settotp;
pub mod showsitekey;
pub(super) mod site;
pub mod updatesite;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<getversion::GetVersion>(),
    Entry::of::<getcommands::GetCommands>(),
    Entry::of::<grantright::GrantRight>(),
    Entry::of::<revokeright::RevokeRight>(),
    Entry::of::<getrights::GetRights>(),
    Entry::of::<createapikey::CreateApiKey>(),
    Entry::of::<searchapikey::SearchApiKey>(),
    Entry::of::<revokeapikey::RevokeApiKey>(),
    Entry::of::<createsession::CreateSession>(),
    Entry::of::<searchsession::SearchSession>(),
    Entry::of::<endsession::EndSession>(),
    Entry::of::<settotp::SetTotp>(),
    Entry::of::<getoverview::GetOverview>(),
    Entry::of::<previewconfig::PreviewConfig>(),
    Entry::of::<gethealth::GetHealth>(),
    Entry::of::<getstatistics::GetStatistics>(),
    Entry::of::<searchapilog::SearchApiLog>(),
    Entry::of::<searchaudit::SearchAudit>(),
    Entry::of::<searchrefused::SearchRefused>(),
    Entry::of::<gettasks::GetTasks>(),
    Entry::of::<runtask::RunTask>(),
    Entry::of::<settask::SetTask>(),
    Entry::of::<searchbackup::SearchBackup>(),
    Entry::of::<createsite::CreateSite>(),
    Entry::of::<updatesite::UpdateSite>(),
    Entry::of::<deletesite::DeleteSite>(),
    Entry::of::<searchsite::SearchSite>(),
    Entry::of::<showsitekey::ShowSiteKey>(),
    Entry::of::<rotatesitekey::RotateSiteKey>(),
    Entry::of::<authorisesite::AuthoriseSite>(),
    Entry::of::<revokesite::RevokeSite>(),
];
