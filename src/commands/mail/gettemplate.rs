//! `gettemplate`: what stands in a mail or page, and whether it is the provider's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::mail;
use crate::store::Tx;

/// Shows the template that the provider's users of a language get: the provider's own one, or the built-in one; where
/// there is none in that language, the one in the provider's default language or in English.
#[derive(Deserialize, JsonSchema)]
pub struct GetTemplate {
    /// the template: `web-activationlink`, or `activated-already` for a page
    template: String,
    /// the language; left out: the provider's default
    language: Option<String>,
    /// the built-in one, even if the provider has its own
    #[serde(default)]
    builtin: bool,
}

/// A template.
#[derive(Serialize, JsonSchema)]
pub struct ShownTemplate {
    /// the name
    template: String,
    /// mail, page, or question: a page that asks before anything happens
    kind: &'static str,
    /// when it is used
    about: &'static str,
    /// the language that was asked for
    language: String,
    /// the language in which it is
    writtenin: String,
    /// whether it is the provider's own
    own: bool,
    /// when it was last written, UTC; empty: it is built in
    changed: Option<Time>,
    /// the parts of an own one that differ from the built-in one: subject, text, html
    differs: Vec<&'static str>,
    /// the variables that may stand in it
    variables: Vec<&'static str>,
    /// the subject; of a page empty
    subject: String,
    /// the text part; of a page empty, or where it leads
    text: String,
    /// the HTML part; of a mail that is text alone empty
    html: String,
}

impl Command for GetTemplate {
    const NAME: &'static str = "gettemplate";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::TemplateUnknown, Code::LanguageUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a provider's own mail, text alone",
            given: &[
                "settemplate template=web-passwd-changed language=en subject='A new password' text='Dear [[USERNAME]], your password is new.'",
            ],
            call: "template=web-passwd-changed",
            reply: "<template>web-passwd-changed</template><kind>mail</kind><about>a password that was \
                changed</about><language>en</language><writtenin>en</writtenin><own>true</own><changed>\
                01/01/2026 00:00:00.00</changed><differs>subject</differs><differs>text</differs><differs>\
                html</differs><variables>BRAND</variables><variables>PROVIDER</variables><variables>\
                SUPPORTEMAIL</variables><variables>SERVERURL</variables><variables>USERNAME</variables>\
                <variables>EMAIL</variables><subject>A new password</subject><text>Dear [[USERNAME]], your \
                password is new.</text><html></html>",
        },
        Example {
            shows: "an unknown template",
            given: &[],
            call: "template=web-activation",
            reply: "<exception><primarycode>-30130</primarycode><secondarycode></secondarycode><message>Template \
                not found; did you mean web-activationlink?</message></exception>",
        },
        Example {
            shows: "a language that no user of the provider may have",
            given: &[],
            call: "template=web-activationlink language=fr",
            reply: "<exception><primarycode>-30117</primarycode><secondarycode></secondarycode><message>Unknown \
                language</message></exception>",
        },
    ];
    type Reply = ShownTemplate;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<ShownTemplate> {
        let named = named::the_template(&self.template)?;
        let language = named::the_language(call, named, self.language.as_deref())?;
        let choose = if self.builtin { mail::chosen_built_in } else { mail::chosen };
        let found = choose(&call.provider, named, &language).ok_or_else(named::not_written)?;
        Ok(ShownTemplate {
            template: named.full(),
            kind: named::kind(named.template.kind),
            about: named.template.about,
            writtenin: found.language.to_owned(),
            own: found.own.is_some(),
            changed: found.own.map(|own| own.changed),
            differs: found.differs(named.template),
            variables: named.template.variables().collect(),
            subject: found.parts.subject.clone(),
            text: found.parts.text.clone(),
            html: found.parts.html.clone(),
            language: language.clone(),
        })
    }
}
