//! The values with which templates are filled, clean of what could break out of their place.
//!
//! A name comes from outside and ends in a subject, a line of text, an HTML page. Control characters are taken
//! out where a value is put in, once, and not where it is used, in many places: a value is one line, and of a
//! bounded length. The one exception is `TEXT`, which a person has written in as many lines as it takes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::catalogue::{self, Template, VARIABLES};
use super::{Named, letter};
use crate::snapshot::{Provider, Snapshot};

/// The longest value, in characters.
const LONGEST: usize = 1_000;
/// The longest `TEXT`.
const LONGEST_TEXT: usize = 4_000;
/// The longest subject.
pub const LONGEST_SUBJECT: usize = 250;

/// Values by the names of their variables. They may be secret, so they are not to be printed.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<Cow<'static, str>, String>);

impl Values {
    /// What every template of a provider can say.
    pub fn of(snapshot: &Snapshot, provider: &Provider) -> Values {
        let mut values = Values::default();
        let name = if provider.name.is_empty() { &provider.code } else { &provider.name };
        let settings = &provider.settings;
        values.set("BRAND", if settings.brand.is_empty() { name } else { &settings.brand });
        values.set("PROVIDER", name);
        values.set("SUPPORTEMAIL", &settings.support_email);
        values.set("SERVERURL", &snapshot.server.server_url);
        values
    }

    /// What a preview shows: made-up data of a user, with the provider's own names and addresses, and links as they
    /// would be.
    pub fn sample(snapshot: &Snapshot, provider: &Provider, named: Named, language: &str) -> Values {
        let mut values = Values::made_up(named.template, language);
        values.0.extend(Values::of(snapshot, provider).0);
        values.0.retain(|name, _| !name.ends_with("LINK"));
        letter::links(&mut values, named, &snapshot.server.server_url, Some(catalogue::CODE));
        values.complete(named.template);
        values
    }

    /// Made-up values of all variables of a template.
    pub fn made_up(template: &Template, language: &str) -> Values {
        let mut values = Values::default();
        for variable in VARIABLES.iter().filter(|variable| template.has(variable.name)) {
            values.set(variable.name, variable.sample(language));
        }
        values
    }

    /// Gives a variable its value; a name that is no variable is nothing.
    pub fn set(&mut self, name: &str, value: &str) {
        if let Some(variable) = catalogue::variable(name) {
            self.0.insert(variable.name.into(), clean(variable.name, value));
        }
    }

    /// Gives something a value that the request names and nothing else has given; what no template could name is
    /// nothing.
    pub fn give(&mut self, name: &str, value: &str) {
        if catalogue::argument(name) && !self.0.contains_key(name) {
            self.0.insert(name.to_owned().into(), clean(name, value));
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Makes blank what the template may leave blank and nobody has given.
    pub fn complete(&mut self, template: &Template) {
        for variable in VARIABLES.iter().filter(|variable| variable.optional && template.has(variable.name)) {
            self.0.entry(variable.name.into()).or_default();
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }
}

fn clean(name: &str, value: &str) -> String {
    match name {
        "TEXT" => cut(lines(value).trim(), LONGEST_TEXT),
        _ => cut(&one_line(value), LONGEST),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A text whose lines end as they do here.
pub fn lines(text: &str) -> String {
    let ended: Cow<'_, str> =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() };
    ended.chars().map(|c| if breaks(c) && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

/// A text as the subject of a mail: one line, not too long.
pub fn subject(text: &str) -> String {
    cut(&one_line(text), LONGEST_SUBJECT)
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
    line.trim().to_owned()
}

/// Whether a character ends a line somewhere, or does what nobody sees.
fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
