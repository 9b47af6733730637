//! Users: registered, found, logged in, removed (`commands.md` §1).

pub mod activateuser;
mod defaults;
pub mod getuserdata;
pub mod loginuser;
pub mod registeruser;
pub mod removeuser;
pub mod searchuser;
pub mod sendpassword;
pub mod setpassword;
mod userdata;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<registeruser::RegisterUser>(),
    Entry::of::<activateuser::ActivateUser>(),
    Entry::of::<loginuser::LoginUser>(),
    Entry::of::<getuserdata::GetUserData>(),
    Entry::of::<searchuser::SearchUser>(),
    Entry::of::<sendpassword::SendPassword>(),
    Entry::of::<setpassword::SetPassword>(),
    Entry::of::<removeuser::RemoveUser>(),
];
