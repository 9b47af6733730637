//! `searchtemplate`: all mails and pages in all languages, and in which of them a provider's own differ.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::names;
use crate::domain::pattern::Pattern;
use crate::domain::time::Time;
use crate::error::{Code, Result, invalid};
use crate::mail::{self, Named};
use crate::store::Tx;

/// Lists the templates of the provider, in the languages that its users may have and those in which it has its own.
/// Everything given must hold, and nothing given lists all.
#[derive(Deserialize, JsonSchema)]
pub struct SearchTemplate {
    /// the name, at least 3 characters besides `*`, which stands for any run of characters at the start, the end or both
    template: Option<String>,
    /// only in that language
    language: Option<String>,
    /// only the provider's own
    #[serde(default)]
    own: bool,
    /// only what comes behind it: the `nextkey` of the page before
    startkey: Option<String>,
}

/// A page of templates.
#[derive(Serialize, JsonSchema)]
pub struct Found {
    /// how many there are
    searchresult: SearchResult,
    /// the templates, by name and language
    templatelist: TemplateList,
}

/// How many there are.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// templates on this page
    current: usize,
    /// the most on a page
    maximum: usize,
    /// all templates that match
    total: usize,
    /// there are more: the `startkey` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextkey: Option<String>,
}

/// The templates of a page.
#[derive(Serialize, JsonSchema)]
struct TemplateList {
    template: Vec<FoundTemplate>,
}

/// A template in one language.
#[derive(Serialize, JsonSchema)]
struct FoundTemplate {
    /// the name
    name: String,
    /// the language
    language: String,
    /// mail, page, or question: a page that asks before anything happens
    kind: &'static str,
    /// when it is used
    about: &'static str,
    /// the subject; of a page empty
    subject: String,
    /// the language in which it is: another one where there is none in this
    writtenin: String,
    /// whether it is the provider's own
    own: bool,
    /// when it was last written, UTC; empty: it is built in
    changed: Option<Time>,
    /// the parts of an own one that differ from the built-in one: subject, text, html
    differs: Vec<&'static str>,
}

impl Command for SearchTemplate {
    const NAME: &'static str = "searchtemplate";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "what the provider has written itself",
            given: &[
                "settemplate template=web-tmppassword language=de subject='Ihr Passwort' text='[[TMPPASSWORD]]'",
                "settemplate template=activated-web text='Location: https://www.example.com/welcome'",
            ],
            call: "own=true",
            reply: "<searchresult><current>2</current><maximum>50</maximum><total>2</total></searchresult>\
                <templatelist><template><name>activated-web</name><language>en</language><kind>page</kind>\
                <about>the page of somebody who has just activated the account, on that platform</about>\
                <subject></subject><writtenin>en</writtenin><own>true</own><changed>01/01/2026 \
                00:00:00.00</changed><differs>text</differs><differs>html</differs></template><template><name>\
                web-tmppassword</name><language>de</language><kind>mail</kind><about>a temporary \
                password</about><subject>Ihr Passwort</subject><writtenin>de</writtenin><own>true</own>\
                <changed>01/01/2026 00:00:00.00</changed><differs>subject</differs><differs>text</differs>\
                <differs>html</differs></template></templatelist>",
        },
        Example {
            shows: "one mail in one language",
            given: &[],
            call: "template=web-activation* language=de",
            reply: "<searchresult><current>2</current><maximum>50</maximum><total>2</total></searchresult>\
                <templatelist><template><name>web-activationlink</name><language>de</language><kind>mail</kind>\
                <about>a new user who has a password</about><subject>Bitte aktivieren Sie Ihr Konto bei \
                [[BRAND]]</subject><writtenin>de</writtenin><own>false</own><changed></changed></template>\
                <template><name>web-activationsetpassword</name><language>de</language><kind>mail</kind><about>\
                a new user who has no password yet</about><subject>Wählen Sie ein Passwort für Ihr Konto bei \
                [[BRAND]]</subject><writtenin>de</writtenin><own>false</own><changed></changed></template>\
                </templatelist>",
        },
        Example {
            shows: "too short a pattern",
            given: &[],
            call: "template=we*",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode><message>Invalid \
                Request: template needs at least 3 characters besides *</message></exception>",
        },
    ];
    type Reply = Found;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Found> {
        let all = self.matching(call)?;
        let maximum = usize::try_from(call.snapshot.server.page).unwrap_or(1);
        let start = self.startkey.as_deref().map(|start| start.split_once('/').unwrap_or((start, "")));
        let from = start.map_or(0, |start| all.partition_point(|one| one.place() <= start));
        let page = all.get(from..).unwrap_or_default();
        let shown = page.iter().take(maximum);
        let template: Vec<FoundTemplate> = shown.filter_map(|one| one.shown(call)).collect();
        let nextkey = (page.len() > maximum).then(|| page[maximum - 1].key());
        let searchresult = SearchResult { current: template.len(), maximum, total: all.len(), nextkey };
        Ok(Found { searchresult, templatelist: TemplateList { template } })
    }
}

/// A template in one language, by what it is called.
struct One {
    name: String,
    named: Named,
    language: String,
}

impl SearchTemplate {
    fn matching(&self, call: &Call) -> Result<Vec<One>> {
        let pattern = |text: &String| Pattern::read(text).map_err(|why| invalid(format!("template {why}")));
        let pattern = self.template.as_ref().map(pattern).transpose()?;
        let wanted = self.language.as_ref().map(|language| language.to_ascii_lowercase());
        let own = &call.provider.templates;
        let mut all = Vec::new();
        for named in Named::all() {
            let name = named.full();
            if pattern.as_ref().is_some_and(|pattern| !pattern.matches(&names::key(&name))) {
                continue;
            }
            let mut languages = own.languages(named);
            if !self.own {
                languages.extend(call.provider.settings.allowed_languages.iter().map(String::as_str));
            }
            languages.sort_unstable();
            languages.dedup();
            let shown = |one: &&str| mail::chosen(&call.provider, named, one).is_some();
            let languages = languages
                .into_iter()
                .filter(|one| wanted.as_ref().is_none_or(|wanted| wanted == one))
                .filter(shown);
            all.extend(languages.map(|language| One {
                name: name.clone(),
                named,
                language: language.to_owned(),
            }));
        }
        all.sort_unstable_by(|a: &One, b: &One| a.place().cmp(&b.place()));
        Ok(all)
    }
}

impl One {
    /// Where it stands in the list.
    fn place(&self) -> (&str, &str) {
        (&self.name, &self.language)
    }

    fn key(&self) -> String {
        format!("{}/{}", self.name, self.language)
    }

    fn shown(&self, call: &Call) -> Option<FoundTemplate> {
        let template = self.named.template;
        let found = mail::chosen(&call.provider, self.named, &self.language)?;
        Some(FoundTemplate {
            name: self.name.clone(),
            language: self.language.clone(),
            kind: named::kind(template.kind),
            about: template.about,
            subject: found.parts.subject.clone(),
            writtenin: found.language.to_owned(),
            own: found.own.is_some(),
            changed: found.own.map(|own| own.changed),
            differs: found.differs(template),
        })
    }
}
