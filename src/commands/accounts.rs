//! Company accounts: who belongs to a company, who manages it, and what it has (`commands.md` §6).

pub mod addaccountmanager;
pub mod addusertoaccount;
pub mod createaccount;
pub mod deleteaccount;
pub mod getaccountdata;
mod listed;
mod named;
pub mod removeaccountdepot;
pub mod removeaccountlicense;
pub mod removeaccountmanager;
pub mod removeuserfromaccount;
pub mod searchaccount;
pub mod setaccountdepot;
pub mod setaccountlicense;
pub mod updateaccount;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<createaccount::CreateAccount>(),
    Entry::of::<updateaccount::UpdateAccount>(),
    Entry::of::<deleteaccount::DeleteAccount>(),
    Entry::of::<getaccountdata::GetAccountData>(),
    Entry::of::<searchaccount::SearchAccount>(),
    Entry::of::<addusertoaccount::AddUserToAccount>(),
    Entry::of::<removeuserfromaccount::RemoveUserFromAccount>(),
    Entry::of::<addaccountmanager::AddAccountManager>(),
    Entry::of::<removeaccountmanager::RemoveAccountManager>(),
    Entry::of::<setaccountlicense::SetAccountLicense>(),
    Entry::of::<removeaccountlicense::RemoveAccountLicense>(),
    Entry::of::<setaccountdepot::SetAccountDepot>(),
    Entry::of::<removeaccountdepot::RemoveAccountDepot>(),
];
