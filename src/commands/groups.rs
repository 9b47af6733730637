//! Groups: users who share a licence, a depot and the settings of their clients (`commands.md` §5).

pub mod creategroup;
pub mod deletegroup;
pub mod getgroupdata;
pub mod groupdata;
pub mod inviteusertogroup;
mod named;
pub mod removegroupdepot;
pub mod removegrouplicense;
pub mod removeuserfromgroup;
pub mod searchgroup;
pub mod setgroupclientsettings;
pub mod setgroupdepot;
pub mod setgrouplicense;
pub mod updategroup;
pub mod userjoinedgroup;
pub mod userrejectedgroup;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<creategroup::CreateGroup>(),
    Entry::of::<updategroup::UpdateGroup>(),
    Entry::of::<deletegroup::DeleteGroup>(),
    Entry::of::<inviteusertogroup::InviteUserToGroup>(),
    Entry::of::<userjoinedgroup::UserJoinedGroup>(),
    Entry::of::<userrejectedgroup::UserRejectedGroup>(),
    Entry::of::<removeuserfromgroup::RemoveUserFromGroup>(),
    Entry::of::<setgrouplicense::SetGroupLicense>(),
    Entry::of::<removegrouplicense::RemoveGroupLicense>(),
    Entry::of::<setgroupdepot::SetGroupDepot>(),
    Entry::of::<removegroupdepot::RemoveGroupDepot>(),
    Entry::of::<setgroupclientsettings::SetGroupClientSettings>(),
    Entry::of::<getgroupdata::GetGroupData>(),
    Entry::of::<searchgroup::SearchGroup>(),
];
