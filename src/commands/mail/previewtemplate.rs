//! `previewtemplate`: a mail or page as people would see it, before anybody does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::mail::{self, Kind, Page, Parts, Values, check};
use crate::store::Tx;

/// Shows a template filled with made-up values of a user and the provider's own name and addresses. With a subject, a
/// text or an HTML part in the call it is that draft, checked as `settemplate` would; else what is in use.
#[derive(Deserialize, JsonSchema)]
pub struct PreviewTemplate {
    /// the template: `web-activationlink`, or `activated-already` for a page
    template: String,
    /// the language; left out: the provider's default
    language: Option<String>,
    /// the subject of a draft
    subject: Option<String>,
    /// the text part of a draft
    text: Option<String>,
    /// the HTML part of a draft
    html: Option<String>,
}

/// A template, filled.
#[derive(Serialize, JsonSchema)]
pub struct Preview {
    /// the template's name
    template: String,
    /// the language that was asked for
    language: String,
    /// whether it is the draft of the call
    draft: bool,
    /// the subject; of a page empty
    subject: String,
    /// the text part; of a page empty
    text: String,
    /// the HTML part
    html: String,
    /// where a page leads; empty: it shows its HTML
    location: String,
}

impl Command for PreviewTemplate {
    const NAME: &'static str = "previewtemplate";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::TemplateUnknown, Code::LanguageUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a draft",
            given: &[],
            call: "template=reg-group-invitation language=de subject='Einladung: [[GROUPNAME]]' text='[[INVITER]] wartet.' html='<p>[[GROUPNAME]]</p>'",
            reply: "<template>reg-group-invitation</template><language>de</language><draft>true</draft><subject>\
                Einladung: Forschung &amp; Reisen</subject><text>sam.muster wartet.</text><html>\
                &lt;p&gt;Forschung &amp;amp; Reisen&lt;/p&gt;</html><location></location>",
        },
        Example {
            shows: "a draft that cannot be kept",
            given: &[],
            call: "template=web-activationlink subject=Welcome text='[[TMPPASSWORD]]'",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode><message>Invalid \
                Request: text, line 1: TMPPASSWORD is no variable of activationlink; it has BRAND, PROVIDER, \
                SUPPORTEMAIL, SERVERURL, USERNAME, EMAIL, ACTIVATIONCODE, ACTIVATIONLINK</message></exception>",
        },
    ];
    type Reply = Preview;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Preview> {
        let named = named::the_template(&self.template)?;
        let language = named::the_language(call, named, self.language.as_deref())?;
        let draft = self.draft();
        if let Some(parts) = &draft {
            check::check(named.template, parts).map_err(invalid)?;
        }
        let in_use = mail::chosen(&call.provider, named, &language).map(|chosen| chosen.parts);
        let parts = draft.as_ref().or(in_use).ok_or_else(named::not_written)?;
        let values = Values::sample(&call.snapshot, &call.provider, named, &language);
        let mut preview = Preview {
            template: named.full(),
            draft: draft.is_some(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            location: String::new(),
            language: language.clone(),
        };
        match named.template.kind {
            Kind::Mail => {
                let mail = mail::filled(named.template, parts, &values).map_err(invalid)?;
                (preview.subject, preview.text) = (mail.subject, mail.text);
                preview.html = mail.html.unwrap_or_default();
            }
            Kind::Page | Kind::Question | Kind::Redirect => {
                match mail::shown(named.template, parts, &values).map_err(invalid)? {
                    Page::Elsewhere(url) => preview.location = url,
                    Page::Html(html) => preview.html = html,
                }
            }
        }
        Ok(preview)
    }
}

impl PreviewTemplate {
    fn draft(&self) -> Option<Parts> {
        let given = self.subject.is_some() || self.text.is_some() || self.html.is_some();
        given.then(|| named::parts(self.subject.as_ref(), self.text.as_ref(), self.html.as_ref()))
    }
}
