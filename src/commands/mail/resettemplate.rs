//! `resettemplate`: the built-in mail or page again.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Forgets a template of the provider in one language; from now on the built-in one is used again.
#[derive(Deserialize, JsonSchema)]
pub struct ResetTemplate {
    /// the template: `web-activationlink`, or `activated-already` for a page
    template: String,
    /// the language; left out: the provider's default
    language: Option<String>,
}

impl Command for ResetTemplate {
    const NAME: &'static str = "resettemplate";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::TemplateUnknown, Code::LanguageUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "back to the built-in page",
            given: &["settemplate template=activated-web text='Location: https://www.example.com/welcome'"],
            call: "template=activated-web",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown template",
            given: &[],
            call: "template=web-activated-web",
            reply: "<exception><primarycode>-30130</primarycode><secondarycode></secondarycode><message>Template \
                not found; did you mean activated-web?</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let named = named::the_template(&self.template)?;
        let language = named::the_language(call, named, self.language.as_deref())?;
        if tx.template(call.provider.id, named, &language)?.is_some() {
            tx.drop_template(call.provider.id, named, &language)?;
        }
        Ok(Done::default())
    }
}
