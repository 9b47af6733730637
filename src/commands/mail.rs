//! Mails and pages (`commands.md` §8): their templates, and what is on its way.

pub mod deletemail;
pub mod gettemplate;
mod named;
pub mod previewtemplate;
pub mod resendmail;
pub mod resettemplate;
pub mod searchmail;
pub mod searchtemplate;
pub mod sendtemplatemail;
pub mod settemplate;

use crate::command::Entry;

/// The commands of this noun.
pub static ALL: &[Entry] = &[
    Entry::of::<searchtemplate::SearchTemplate>(),
    Entry::of::<gettemplate::GetTemplate>(),
    Entry::of::<settemplate::SetTemplate>(),
    Entry::of::<resettemplate::ResetTemplate>(),
    Entry::of::<previewtemplate::PreviewTemplate>(),
    Entry::of::<sendtemplatemail::SendTemplateMail>(),
    Entry::of::<searchmail::SearchMail>(),
    Entry::of::<resendmail::ResendMail>(),
    Entry::of::<deletemail::DeleteMail>(),
];
