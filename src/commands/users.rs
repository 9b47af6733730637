//! Users: registered, found, logged in, removed (`commands.md` §1).

pub mod activateuser;
pub mod attempt;
pub mod confirmemail;
pub mod confirmuserdeletion;
pub mod current;
pub mod deactivateuser;
pub mod defaults;
pub mod disableuser;
pub mod enableuser;
pub mod getuserdata;
pub mod getusers;
pub mod loginuser;
pub mod registeruser;
pub mod removeuser;
pub mod requestuserdeletion;
pub mod resendactivation;
pub mod resetpassword;
pub(super) mod rules;
pub mod searchuser;
pub mod second_factor;
pub mod sendpassword;
pub mod setauthid;
pub mod setcapability;
pub mod setdepartment;
pub mod setdistributor;
pub mod setemail;
pub mod setlanguage;
pub mod setpassword;
pub mod setreference;
pub mod setusername;
pub mod unlockuser;
pub(super) mod userdata;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<registeruser::RegisterUser>(),
    Entry::of::<activateuser::ActivateUser>(),
    Entry::of::<resendactivation::ResendActivation>(),
    Entry::of::<loginuser::LoginUser>(),
    Entry::of::<getuserdata::GetUserData>(),
    Entry::of::<getusers::GetUsers>(),
    Entry::of::<searchuser::SearchUser>(),
    Entry::of::<sendpassword::SendPassword>(),
    Entry::of::<setpassword::SetPassword>(),
    Entry::of::<resetpassword::ResetPassword>(),
    Entry::of::<setemail::SetEmail>(),
    Entry::of::<confirmemail::ConfirmEmail>(),
    Entry::of::<setusername::SetUsername>(),
    Entry::of::<setreference::SetReference>(),
    Entry::of::<setdepartment::SetDepartment>(),
    Entry::of::<setlanguage::SetLanguage>(),
    Entry::of::<setauthid::SetAuthId>(),
    Entry::of::<setcapability::SetCapability>(),
    Entry::of::<setdistributor::SetDistributor>(),
    Entry::of::<deactivateuser::DeactivateUser>(),
    Entry::of::<disableuser::DisableUser>(),
    Entry::of::<enableuser::EnableUser>(),
    Entry::of::<unlockuser::UnlockUser>(),
    Entry::of::<requestuserdeletion::RequestUserDeletion>(),
    Entry::of::<confirmuserdeletion::ConfirmUserDeletion>(),
    Entry::of::<removeuser::RemoveUser>(),
];
