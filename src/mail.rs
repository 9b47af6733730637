//! Mails and pages: which there are, what stands in them, and how they are filled.
//!
//! A provider may replace each one for itself. What it writes is in the documented syntax, `[[NAME]]` and
//! `[[IF:NAME]]`; it is read here and checked here, and only its structure reaches the template engine, so no
//! text can say anything to the engine. Every template is built in for English and German, and whatever a
//! provider's own one does, the built-in one stands behind it: a person who waits for a password gets a mail.
//!
//! [`letter`] fills what waits in the outbox, and [`send`] hands it over to a mail server. When, and what becomes of
//! it, is `api`'s.

pub mod built_in;
pub mod catalogue;
pub mod check;
mod engine;
pub mod letter;
pub mod links;
mod secrecy;
pub mod send;
pub mod syntax;
pub mod target;
pub mod values;

use std::collections::HashMap;

use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::snapshot::Provider;
pub use catalogue::{Kind, Template};
use engine::Form;
pub use values::Values;

/// For whom a template speaks `[D]`: mails of calls of services, mails of all others, and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Mails that a service has caused by itself.
    Web,
    /// Mails that a person has caused, at a client, a portal or the console.
    Reg,
    /// Pages behind the links in mails.
    Page,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 3] = [Family::Web, Family::Reg, Family::Page];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Family::Web => "web",
            Family::Reg => "reg",
            Family::Page => "page",
        }
    }

    /// The family of that word.
    pub fn parse(text: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.name() == text)
    }

    /// Whether templates of that kind belong to it.
    pub fn has(self, kind: Kind) -> bool {
        (kind == Kind::Mail) == (self != Family::Page)
    }
}

/// A template of one family: what calls name `web-activationlink`, or `activated-win` for a page.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// The family.
    pub family: Family,
    /// What it is.
    pub template: &'static Template,
}

impl Named {
    /// Every one, mails first.
    pub fn all() -> impl Iterator<Item = Named> {
        Family::ALL.into_iter().flat_map(|family| {
            let own = catalogue::TEMPLATES.iter().filter(move |template| family.has(template.kind));
            own.map(move |template| Named { family, template })
        })
    }

    /// The template of that full name.
    pub fn find(name: &str) -> Option<Named> {
        let begun = [Family::Web, Family::Reg]
            .into_iter()
            .find_map(|family| Some((family, name.strip_prefix(family.name())?.strip_prefix('-')?)));
        let (family, name) = begun.unwrap_or((Family::Page, name));
        Named::of(family, name)
    }

    /// The template of that family and name.
    pub fn of(family: Family, name: &str) -> Option<Named> {
        let template = catalogue::find(name).filter(|template| family.has(template.kind))?;
        Some(Named { family, template })
    }

    /// The full name.
    pub fn full(self) -> String {
        match self.family {
            Family::Page => self.template.name.to_owned(),
            family => format!("{}-{}", family.name(), self.template.name),
        }
    }
}

/// What stands in a template. Pages have no subject; without an HTML part a mail is text alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The subject.
    pub subject: String,
    /// The text part; of a page blank, or `Location:` and where it leads.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Parts {
    /// The names of the parts in which two differ.
    pub fn differ(&self, other: &Parts) -> Vec<&'static str> {
        let pairs = [
            ("subject", &self.subject, &other.subject),
            ("text", &self.text, &other.text),
            ("html", &self.html, &other.html),
        ];
        pairs.into_iter().filter(|(_, own, other)| own != other).map(|(name, ..)| name).collect()
    }
}

/// A provider's own template.
#[derive(Debug, Clone)]
pub struct Own {
    /// What stands in it.
    pub parts: Parts,
    /// When it was last written.
    pub changed: Time,
}

/// All templates that a provider has for itself.
#[derive(Debug, Default)]
pub struct Owns(HashMap<(Family, &'static str), HashMap<String, Own>>);

impl Owns {
    /// Adds one; one that this version has no use for is left out.
    pub fn add(&mut self, family: &str, name: &str, language: String, own: Own) {
        if let Some(named) = Family::parse(family).and_then(|family| Named::of(family, name)) {
            self.0.entry((named.family, named.template.name)).or_default().insert(language, own);
        }
    }

    /// The one in exactly that language.
    pub fn get(&self, named: Named, language: &str) -> Option<&Own> {
        self.0.get(&(named.family, named.template.name))?.get(language)
    }

    /// The languages in which there is one, in their order.
    pub fn languages(&self, named: Named) -> Vec<&str> {
        let own = self.0.get(&(named.family, named.template.name));
        let mut languages: Vec<&str> =
            own.into_iter().flat_map(|own| own.keys()).map(String::as_str).collect();
        languages.sort_unstable();
        languages
    }
}

/// The template that is used for somebody of a language.
pub struct Chosen<'a> {
    /// Its language, which may be another one.
    pub language: &'a str,
    /// What stands in it.
    pub parts: &'a Parts,
    /// The provider's own one; none: built in.
    pub own: Option<&'a Own>,
}

impl Chosen<'_> {
    /// The parts in which a provider's own template differs from the built-in one, of its language or in English.
    pub fn differs(&self, template: &Template) -> Vec<&'static str> {
        let behind =
            built_in::find(template, self.language).or_else(|| built_in::find(template, built_in::LAST));
        match (self.own, behind) {
            (Some(_), Some(behind)) => self.parts.differ(behind),
            _ => Vec::new(),
        }
    }
}

/// The template that is built in for that language, else for the provider's, else the English one.
pub fn chosen_built_in<'a>(provider: &'a Provider, named: Named, language: &'a str) -> Option<Chosen<'a>> {
    languages(provider, language).into_iter().find_map(|language| {
        let parts = built_in::find(named.template, language)?;
        Some(Chosen { language, parts, own: None })
    })
}

/// The languages in which somebody is addressed, the best first.
fn languages<'a>(provider: &'a Provider, language: &'a str) -> [&'a str; 3] {
    [language, &provider.settings.default_language, built_in::LAST]
}

/// The template that a provider uses: in that language, else in the provider's, else in English; the provider's
/// own one before the built-in one.
pub fn chosen<'a>(provider: &'a Provider, named: Named, language: &'a str) -> Option<Chosen<'a>> {
    languages(provider, language).into_iter().find_map(|language| {
        let own = provider.templates.get(named, language);
        let parts = own.map(|own| &own.parts).or_else(|| built_in::find(named.template, language))?;
        Some(Chosen { language, parts, own })
    })
}

/// A mail, ready to be sent. It may hold codes, so it prints its subject alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: one line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part, if there is one.
    pub html: Option<String>,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "mail {:?}", self.subject)
    }
}

/// A page, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// Somewhere else.
    Elsewhere(String),
    /// This HTML.
    Html(String),
}

/// A provider's mail in a language.
pub fn render(provider: &Provider, named: Named, language: &str, values: &Values) -> Result<Rendered> {
    standing_behind(provider, named, language, &|parts| filled(named.template, parts, values))
}

/// A provider's page in a language.
pub fn page(provider: &Provider, named: Named, language: &str, values: &Values) -> Result<Page> {
    standing_behind(provider, named, language, &|parts| shown(named.template, parts, values))
}

/// From the provider's own template; where that fails, from the built-in one.
fn standing_behind<T>(
    provider: &Provider,
    named: Named,
    language: &str,
    make: &dyn Fn(&Parts) -> Result<T, String>,
) -> Result<T> {
    let missing = || Error::fault(format!("there is no template {}", named.full()));
    let chosen = chosen(provider, named, language).ok_or_else(missing)?;
    // It may have been kept before there was a rule that it breaks.
    let sound = chosen.own.map_or(Ok(()), |own| check::kept(named.template, &own.parts));
    let why = match sound.and_then(|()| make(chosen.parts)) {
        Ok(made) => return Ok(made),
        Err(why) => why,
    };
    let name = named.full();
    if chosen.own.is_none() {
        return Err(Error::fault(format!("the built-in template {name} cannot be filled: {why}")));
    }
    let code = &provider.code;
    let written = chosen.language;
    log::error!("the template {name} ({written}) of {code} cannot be used, the built-in one is: {why}");
    let behind = chosen_built_in(provider, named, language).ok_or_else(missing)?;
    make(behind.parts)
        .map_err(|why| Error::fault(format!("the built-in template {name} cannot be filled: {why}")))
}

/// Fills a mail.
pub fn filled(template: &Template, parts: &Parts, values: &Values) -> Result<Rendered, String> {
    let subject = values::subject(&part(template, &parts.subject, values, Form::Text)?);
    let text = part(template, &parts.text, values, Form::Text)?;
    let html = match parts.html.as_str() {
        "" => None,
        html => Some(part(template, html, values, Form::Html)?),
    };
    Ok(Rendered { subject, text, html })
}

/// Fills a page.
pub fn shown(template: &Template, parts: &Parts, values: &Values) -> Result<Page, String> {
    match check::redirect(&parts.text) {
        Some(target) => target.map(|url| Page::Elsewhere(url.to_owned())),
        None => part(template, &parts.html, values, Form::Html).map(Page::Html),
    }
}

fn part(template: &Template, text: &str, values: &Values, form: Form) -> Result<String, String> {
    let pieces = syntax::read(text, template).map_err(|faults| syntax::sentences(&faults))?;
    if template.kind != Kind::Redirect {
        return engine::fill(&pieces, values, form);
    }
    // What the address does not say is blank.
    let mut values = values.clone();
    pieces.iter().filter_map(syntax::Piece::name).for_each(|name| values.give(name, ""));
    engine::fill(&pieces, &values, form)
}
