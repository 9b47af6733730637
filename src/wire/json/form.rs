//! The JSON text in a body: the body itself, or the variable `data` of a form.
//!
//! The content type says nothing: `curl -d` calls everything a form. So the first byte that is not
//! blank decides. Of a form's variables only `data` counts here, and only once: two programs could
//! disagree about which of two is meant. The usual decoders replace bad bytes and let bad escapes
//! stand, so that what was signed would not be what is read; hence the few lines of our own, by which
//! `http` reads the token of a session, too.

use std::borrow::Cow;

use super::super::fields::WHITE;
use super::NotJson;

/// The variable of a form that holds the JSON text.
const DATA: &[u8] = b"data";
/// How a body begins that a browser sends for a form with files; no JSON is looked for in it.
const MULTIPART: &[u8] = b"--";

/// What a body is, by its first byte that is not blank.
enum Kind<'a> {
    Json(&'a [u8]),
    Form(&'a [u8]),
    Multipart,
    Empty,
}

fn kind(body: &[u8]) -> Kind<'_> {
    let blank = |byte: &u8| WHITE.contains(&char::from(*byte));
    let Some(start) = body.iter().position(|byte| !blank(byte)) else { return Kind::Empty };
    let end = body.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    match body.get(start..end).unwrap_or_default() {
        inside if inside.starts_with(b"{") => Kind::Json(inside),
        inside if inside.starts_with(MULTIPART) => Kind::Multipart,
        inside => Kind::Form(inside),
    }
}

/// The JSON text, decoded if it came in a form.
pub(super) fn unwrapped(body: &[u8]) -> Result<Cow<'_, [u8]>, NotJson> {
    match kind(body) {
        Kind::Json(text) => Ok(Cow::Borrowed(text)),
        Kind::Form(form) => variable(form).map(Cow::Owned),
        Kind::Multipart => Err(NotJson("a multipart body")),
        Kind::Empty => Err(NotJson("an empty body")),
    }
}

/// What of a body is signed by a key: the body as it was received, of a form the decoded value of `data`.
pub fn signed(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    match kind(body) {
        Kind::Form(form) => variable(form).ok().map(Cow::Owned),
        Kind::Json(_) | Kind::Multipart | Kind::Empty => Some(Cow::Borrowed(body)),
    }
}

/// The form that a body is, if it is one.
pub fn inside(body: &[u8]) -> Option<&[u8]> {
    match kind(body) {
        Kind::Form(form) => Some(form),
        _ => None,
    }
}

/// The decoded value of `data`, which must be there once.
fn variable(form: &[u8]) -> Result<Vec<u8>, NotJson> {
    let mut given = values(form, DATA);
    let value = given.next().ok_or(NotJson("neither an object nor a form with data"))?;
    if given.next().is_some() {
        return Err(NotJson("a form with data twice"));
    }
    decoded(value).ok_or(NotJson("a form with a bad escape"))
}

/// The values of a name in a form, or in a query, which is written alike; still escaped.
pub fn values<'a>(form: &'a [u8], wanted: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    form.split(|byte| *byte == b'&').filter_map(move |pair| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let named = name == wanted || (name.contains(&b'%') && decoded(name)? == wanted);
        named.then(|| value.get(1..).unwrap_or_default())
    })
}

/// A name or value of a form: `+` is a space, `%41` a byte.
pub fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut parts = text.split(|byte| *byte == b'%');
    let spaced = |part: &[u8]| part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let mut bytes: Vec<u8> = spaced(parts.next()?);
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok()?;
        bytes.extend(byte);
        bytes.append(&mut spaced(rest));
    }
    Some(bytes)
}
