//! `setlanguage`: the language of a user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::rules;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::user_changes::TextField;

/// Sets the language of mails and pages.
#[derive(Deserialize, JsonSchema)]
pub struct SetLanguage {
    id: UserRef,
    /// the new language, one of those that the provider allows
    language: String,
}

impl Command for SetLanguage {
    const NAME: &'static str = "setlanguage";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::LanguageUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a new language",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol language=de",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a language that the provider does not allow",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol language=fr",
            reply: "<exception><primarycode>-30117</primarycode><secondarycode></secondarycode>\
                <message>Unknown language</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let user = tx.the_user(call, &self.id)?;
        let provider = call.snapshot.provider_by_id(user.provider_id).ok_or(Code::UserUnknown)?;
        let language = rules::language(provider, &self.language)?;
        tx.set_text(user.id, TextField::Language, &language)?;
        Ok(Done::default())
    }
}
