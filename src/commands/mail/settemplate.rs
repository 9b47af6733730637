//! `settemplate`: a provider's own mail or page, in place of the built-in one.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::mail::check;
use crate::store::Tx;

/// Writes a template of the provider. What is given is the whole template: a mail has a subject, a text and, if it
/// shall, an HTML part; a page has an HTML part, or `Location: https://…` as its text, which leads elsewhere. Everything
/// is checked first, and what is wrong is told with its part and line.
/// A mail that brings a code, a link or a password needs it in each of its parts.
/// In its HTML, what is secret stands between the tags; inside a tag only a link, as the whole value of a href in quotes.
#[derive(Deserialize, JsonSchema)]
pub struct SetTemplate {
    /// the template: `web-activationlink`, or `activated-already` for a page
    template: String,
    /// the language; left out: the provider's default
    language: Option<String>,
    /// the subject of a mail
    subject: Option<String>,
    /// the text part
    text: Option<String>,
    /// the HTML part; a mail without it is text alone
    html: Option<String>,
}

impl Command for SetTemplate {
    const NAME: &'static str = "settemplate";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::TemplateUnknown, Code::LanguageUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail of one's own",
            given: &[],
            call: "template=web-activationlink language=en subject='Welcome to [[BRAND]]' text='Dear [[USERNAME]], please open [[IF:ACTIVATIONLINK]][[ACTIVATIONLINK]][[ELSE:ACTIVATIONLINK]]our app and enter [[ACTIVATIONCODE]][[ENDIF:ACTIVATIONLINK]].'",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a page that leads elsewhere",
            given: &[],
            call: "template=activated-web text='Location: https://www.example.com/welcome'",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "what is wrong, with its part and line",
            given: &[],
            call: "template=web-activationlink subject=Welcome text='Dear [[USRNAME]], [[IF:SUPPORTEMAIL]]write to us'",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode><message>Invalid \
                Request: text, line 1: there is no variable USRNAME; did you mean USERNAME?; text, line 1: \
                [[IF:SUPPORTEMAIL]] has no [[ENDIF:SUPPORTEMAIL]]</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let named = named::the_template(&self.template)?;
        let language = named::the_language(call, named, self.language.as_deref())?;
        let parts = named::parts(self.subject.as_ref(), self.text.as_ref(), self.html.as_ref());
        check::kept(named.template, &parts).map_err(invalid)?;
        if tx.template(call.provider.id, named, &language)?.as_ref() != Some(&parts) {
            tx.set_template(call.provider.id, named, &language, &parts, call.now)?;
        }
        Ok(Done::default())
    }
}
