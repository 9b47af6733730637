//! Characters, names and references as XML 1.0 (fifth edition) defines them.
//!
//! The productions are written out instead of taken from a library: `quick-xml` checks none of them
//! when it reads, and they are ten lines.

/// Whether XML 1.0 can hold that character at all.
fn is_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Whether XML 1.0 can hold every character of the text.
///
/// The first look goes by bytes and without a branch, so that the compiler can look at many at
/// once; only where it finds a control or a lead byte of U+F000 and above does the second one go by
/// characters.
pub(in crate::wire) fn are_legal(text: &str) -> bool {
    let suspicious = |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) | (byte == 0xef);
    let found = text.bytes().fold(false, |found, byte| found | suspicious(byte));
    !found || text.chars().all(is_char)
}

/// Adds the characters of the text that XML 1.0 can hold.
pub(in crate::wire) fn push_legal(out: &mut String, text: &str) {
    if are_legal(text) {
        out.push_str(text);
    } else {
        out.extend(text.chars().filter(|&character| is_char(character)));
    }
}

/// Whether that is the name of an element or an attribute.
pub(in crate::wire) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

fn is_name_start(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '_' | ':')
        || matches!(character,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
            | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

fn is_name_char(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

/// The character that `&name;` stands for: one of the five predefined ones, or one by its number.
pub(super) fn referred(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => by_number(name.strip_prefix('#')?),
    }
}

fn by_number(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|&character| is_char(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for legal in [
            "",
            "a\t\n\r~\u{7f}\u{85}",
            "ü€\u{d7ff}\u{e000}\u{fffd}",
            "\u{10000}\u{10ffff}\u{1fffe}",
            "\u{feff}",
        ] {
            assert!(are_legal(legal), "{legal:?}");
        }
        for illegal in ["\0", "a\u{1}", "\u{b}", "\u{c}", "\u{1f}", "aaaaaaaaaaaaaaaa\u{fffe}", "\u{ffff}"] {
            assert!(!are_legal(illegal), "{illegal:?}");
        }
    }

    #[test]
    fn what_cannot_be_held_is_dropped() {
        let mut out = String::from("<");
        push_legal(&mut out, "a\0b\u{ffff}c\n");
        push_legal(&mut out, "dü");
        assert_eq!(out, "<abc\ndü");
    }

    #[test]
    fn names() {
        for name in ["a", "_", ":", "Ab-1.x", "größe", "a:b", "a\u{b7}", "\u{10000}", "\u{2071}"] {
            assert!(is_name(name), "{name:?}");
        }
        for name in [
            "",
            "1",
            "-",
            ".a",
            "a b",
            "a/",
            "a>",
            "a<",
            "a\"",
            "\u{b7}",
            "\u{d7}",
            "a\u{f7}",
            "a&",
            "a\u{2028}",
        ] {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn references() {
        for (name, character) in [
            ("lt", '<'),
            ("gt", '>'),
            ("amp", '&'),
            ("apos", '\''),
            ("quot", '"'),
            ("#9", '\t'),
            ("#13", '\r'),
            ("#65", 'A'),
            ("#0000000000065", 'A'),
            ("#x41", 'A'),
            ("#xe4", 'ä'),
            ("#xE4", 'ä'),
            ("#x10FFFF", '\u{10ffff}'),
        ] {
            assert_eq!(referred(name), Some(character), "{name}");
        }
        for name in [
            "",
            "LT",
            "lt ",
            " lt",
            "nbsp",
            "#",
            "#x",
            "#X41",
            "#+65",
            "#-1",
            "#x+41",
            "# 65",
            "#65 ",
            "#6_5",
            "#a",
            "#xg",
            "#0",
            "#x0",
            "#1",
            "#xB",
            "#xD800",
            "#xDFFF",
            "#xFFFE",
            "#xFFFF",
            "#x110000",
            "#4294967361",
            "#٦٥",
            "##65",
        ] {
            assert_eq!(referred(name), None, "{name}");
        }
    }
}
