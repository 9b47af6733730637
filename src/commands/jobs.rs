//! Long work (`commands.md` §8): users imported and exported, a command for many users, and how far each is.

mod beside;
pub mod canceljob;
pub mod exportusers;
pub mod getjob;
pub mod import;
pub mod importusers;
mod jobdata;
pub mod many;
pub mod order;
mod room;
pub mod runbulk;
pub mod searchjob;
pub mod task;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<importusers::ImportUsers>(),
    Entry::of::<exportusers::ExportUsers>(),
    Entry::of::<runbulk::RunBulk>(),
    Entry::of::<getjob::GetJob>(),
    Entry::of::<searchjob::SearchJob>(),
    Entry::of::<canceljob::CancelJob>(),
];
