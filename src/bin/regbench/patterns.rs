//! What is searched for: parts of the names and addresses of users that are there.
//!
//! Each request takes another user and another part, of three to eight characters, so that common
//! and rare parts come in the mixture in which people's names have them.

use std::io::Write;

/// The shortest pattern that the protocol allows.
const SHORTEST: usize = 3;
/// The longest part that is searched for.
const LONGEST: usize = 8;

/// The shape of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The whole name or address.
    Exact,
    /// How they begin.
    Prefix,
    /// How the name ends.
    Suffix,
    /// Any part of them.
    Infix,
    /// The whole name as a part: one hit, however many users there are.
    One,
    /// What every address ends with: a full page and a total beyond what is counted.
    All,
}

/// Writes the fields of a search that finds the user of this name.
pub fn write(
    to: &mut Vec<u8>,
    shape: Shape,
    name: &str,
    random: &mut dyn FnMut() -> u64,
) -> std::io::Result<()> {
    let email = format!("{name}@example.com");
    let (field, text) = match random() % 2 {
        0 => ("username", name),
        _ => ("email", email.as_str()),
    };
    let mut up_to = |most: usize| usize::try_from(random()).unwrap_or(0) % (most + 1);
    let length = SHORTEST + up_to(LONGEST - SHORTEST);
    match shape {
        Shape::Exact => write!(to, "<{field}>{text}</{field}>"),
        Shape::Prefix => write!(to, "<{field}>{}*</{field}>", &text[..length]),
        Shape::Suffix => write!(to, "<username>*{}</username>", &name[name.len() - length..]),
        Shape::Infix => {
            let start = up_to(text.len() - length);
            write!(to, "<{field}>*{}*</{field}>", &text[start..start + length])
        }
        Shape::One => write!(to, "<username>*{name}*</username>"),
        Shape::All => write!(to, "<email>*@example.com</email>"),
    }
}
