//! Filling: the pieces of a template, handed to the template engine.
//!
//! The engine never sees a text. Every text, and every value that a variable is compared with, is handed over
//! beside the variables under a name of its own, and what the engine reads is made here from those names alone;
//! so neither a template nor a value can say anything in its language. Escaping the brackets of that language
//! would have done too, until somebody forgets one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, UndefinedBehavior};

use super::syntax::{Piece, Test};
use super::values::Values;

/// The most work for one part, in steps of the engine.
const FUEL: u64 = 200_000;
/// The longest that a filled part may become, in bytes.
const LONGEST: usize = 1024 * 1024;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Plain text: values stand as they are.
    Text,
    /// HTML: values are escaped, and a line break in one stays one.
    Html,
}

/// Fills a part; the error says what is missing.
pub(super) fn fill(pieces: &[Piece<'_>], values: &Values, form: Form) -> Result<String, String> {
    let (source, context) = translate(pieces, values);
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let left = AtomicUsize::new(LONGEST);
    environment.set_formatter(move |out, _, value| put(out, value, form, &left));
    environment.render_str(&source, context).map_err(|error| reason(&error))
}

/// The template for the engine, and everything that it speaks of.
fn translate(pieces: &[Piece<'_>], values: &Values) -> (String, BTreeMap<String, Value>) {
    let (mut source, mut context) = (String::new(), BTreeMap::new());
    for (name, value) in values.iter() {
        context.insert(name.to_owned(), Value::from(value));
    }
    for (number, piece) in pieces.iter().enumerate() {
        let _ = match piece {
            Piece::Text(text) => {
                context.insert(format!("text{number}"), Value::from_safe_string((*text).to_owned()));
                write!(source, "{{{{\ntext{number} }}}}")
            }
            Piece::Variable(name) => write!(source, "{{{{\n{name} }}}}"),
            Piece::If(test) => write!(source, "{{%\nif {} %}}", asked(test, number, &mut context)),
            Piece::ElseIf(test) => write!(source, "{{%\nelif {} %}}", asked(test, number, &mut context)),
            Piece::Else => write!(source, "{{%\nelse %}}"),
            Piece::EndIf => write!(source, "{{%\nendif %}}"),
        };
    }
    (source, context)
}

fn asked(test: &Test<'_>, number: usize, context: &mut BTreeMap<String, Value>) -> String {
    let name = test.name;
    match (test.value, test.not) {
        (None, false) => name.to_owned(),
        (None, true) => format!("not {name}"),
        (Some(value), not) => {
            context.insert(format!("value{number}"), Value::from(value));
            format!("{name} {} value{number}", if not { "!=" } else { "==" })
        }
    }
}

/// Writes one thing: the template's own text as it is, a value as the form demands.
fn put(out: &mut Output<'_>, value: &Value, form: Form, left: &AtomicUsize) -> Result<(), Error> {
    let Some(text) = value.as_str() else {
        return Err(Error::new(ErrorKind::UndefinedError, "a variable has no value"));
    };
    let escaped = match form {
        Form::Html if !value.is_safe() => Some(html(text)),
        _ => None,
    };
    let text = escaped.as_deref().unwrap_or(text);
    if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(text.len())).is_err() {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("it becomes longer than {LONGEST} bytes"),
        ));
    }
    out.write_str(text).map_err(Error::from)
}

/// A value inside of HTML, between tags or in an attribute. A slash stays: links are values too.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("<br/>"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Why the engine gave up. Of values it says nothing.
fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::UndefinedError => "a variable has no value".to_owned(),
        ErrorKind::OutOfFuel => "it is too much work".to_owned(),
        _ => error.detail().unwrap_or("the engine does not take it").to_owned(),
    }
}
