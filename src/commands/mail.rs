//! Mails and pages (`commands.md` §8): their templates.

pub mod gettemplate;
mod named;
pub mod previewtemplate;
pub mod resettemplate;
pub mod searchtemplate;
pub mod settemplate;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<searchtemplate::SearchTemplate>(),
    Entry::of::<gettemplate::GetTemplate>(),
    Entry::of::<settemplate::SetTemplate>(),
    Entry::of::<resettemplate::ResetTemplate>(),
    Entry::of::<previewtemplate::PreviewTemplate>(),
];
