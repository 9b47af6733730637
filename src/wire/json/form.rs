//! The JSON text in a body: the body itself, or the variable `data` of a form.
//!
//! The content type says nothing: `curl -d` calls everything a form. So the first byte that is not
//! blank decides. Of a form's variables only `data` counts here, and only once: two programs could
//! disagree about which of two is meant. The usual decoders replace bad bytes and let bad escapes
//! stand, so that what was signed would not be what is read; hence the few lines of our own.

use std::borrow::Cow;

use super::super::fields::WHITE;
use super::NotJson;

/// The variable of a form that holds the JSON text.
const DATA: &[u8] = b"data";
/// How a body begins that a browser sends for a form with files; no JSON is looked for in it.
const MULTIPART: &[u8] = b"--";

/// The JSON text, decoded if it came in a form.
pub(super) fn unwrapped(body: &[u8]) -> Result<Cow<'_, [u8]>, NotJson> {
    let blank = |byte: &u8| WHITE.contains(&char::from(*byte));
    let start = body.iter().position(|byte| !blank(byte)).ok_or(NotJson("an empty body"))?;
    let end = body.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    let inside = body.get(start..end).unwrap_or_default();
    if inside.starts_with(b"{") {
        return Ok(Cow::Borrowed(inside));
    }
    if inside.starts_with(MULTIPART) {
        return Err(NotJson("a multipart body"));
    }
    variable(inside).map(Cow::Owned)
}

/// The decoded value of `data`, which must be there once.
fn variable(form: &[u8]) -> Result<Vec<u8>, NotJson> {
    let mut given = form.split(|byte| *byte == b'&').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        (decoded(name)? == DATA).then(|| value.get(1..).unwrap_or_default())
    });
    let value = given.next().ok_or(NotJson("neither an object nor a form with data"))?;
    if given.next().is_some() {
        return Err(NotJson("a form with data twice"));
    }
    decoded(value).ok_or(NotJson("a form with a bad escape"))
}

/// A name or value of a form: `+` is a space, `%41` a byte.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
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
