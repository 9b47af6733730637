//! User names: which are allowed, which are equal, and the magic ones.
//!
//! A name is kept as it was given (in Unicode's composed form) beside its *key*, the folded form by
//! which it is found and compared. Folding happens here once, never in the database, whose idea of
//! case ends at ASCII.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::domain::settings::Complexity;

/// The longest user name in characters `[O]`.
pub const LONGEST: usize = 100;

/// The composed form (NFC) of a text.
pub fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The form under which names and addresses are equal: composed, folded, composed again.
pub fn key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = unicase::UniCase::unicode(composed(text)).to_folded_case();
    composed(&folded).into_owned()
}

/// Whether a name may be chosen: its length, its characters, and nothing that is told apart by form.
pub fn allowed(name: &str, shortest: usize, complexity: Complexity) -> bool {
    let length = name.chars().count();
    (shortest..=LONGEST).contains(&length)
        && name.trim() == name
        && !name.contains('@')
        && name.chars().all(|c| in_complexity(c, complexity))
}

fn in_complexity(c: char, complexity: Complexity) -> bool {
    match complexity {
        Complexity::BasicAscii => c.is_ascii_alphanumeric() || "_-.".contains(c),
        Complexity::NonSpaceAscii => c.is_ascii_graphic(),
        Complexity::PrintableUnicode => !c.is_control() && !invisible(c) && (c == ' ' || !c.is_whitespace()),
    }
}

/// Characters that print nothing or turn the text around, or that no font can know: two texts could
/// look the same.
pub(super) fn invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFF}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{40000}'..='\u{10FFFF}')
        // The last two of every plane are no characters.
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// The magic name of that number: `$ACME-1001` `[D]`.
pub fn magic(provider: &str, number: i64) -> String {
    format!("{}{number}", magic_prefix(provider))
}

/// What the magic names of a provider begin with.
pub fn magic_prefix(provider: &str) -> String {
    format!("${provider}-")
}

/// The number in a magic name of that provider, where it is one that the server gave.
pub fn magic_number(provider: &str, name: &str) -> Option<i64> {
    key(name).strip_prefix(&key(&magic_prefix(provider)))?.parse().ok().filter(|number| *number > 0)
}

/// Whether a name has the magic form `$<provider code>-<value>` `[D]`.
pub fn is_magic(name: &str) -> bool {
    let Some((code, value)) = name.strip_prefix('$').and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    code.len() == 4 && code.bytes().all(|b| b.is_ascii_alphanumeric()) && !value.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fold_beyond_ascii() {
        assert_eq!(key("BoB"), "bob");
        assert_eq!(key("JÜRGEN"), key("ju\u{308}rgen"));
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("ΣΊΣΥΦΟΣ"), key("σίσυφος"));
    }

    #[test]
    fn complexity_levels_allow_what_they_say() {
        let cases = [
            ("alice.b-c_9", true, true, true),
            ("alice+x", false, true, true),
            ("alice smith", false, false, true),
            ("jürgen", false, false, true),
            ("ali@ce", false, false, false),
            (" alice", false, false, false),
            ("ali\u{7}ce", false, false, false),
            ("ali\u{200B}ce", false, false, false),
            ("ali\u{00A0}ce", false, false, false),
            ("abcd", false, false, false),
        ];
        for (name, basic, ascii, unicode) in cases {
            assert_eq!(allowed(name, 5, Complexity::BasicAscii), basic, "{name:?}");
            assert_eq!(allowed(name, 5, Complexity::NonSpaceAscii), ascii, "{name:?}");
            assert_eq!(allowed(name, 5, Complexity::PrintableUnicode), unicode, "{name:?}");
        }
        assert!(allowed(&"x".repeat(100), 5, Complexity::BasicAscii));
        assert!(!allowed(&"x".repeat(101), 5, Complexity::BasicAscii));
    }

    #[test]
    fn magic_names_are_known() {
        assert_eq!(magic("ACME", 1001), "$ACME-1001");
        assert!(is_magic("$ACME-1001") && is_magic("$acme-x"));
        assert!(!is_magic("$ACME-") && !is_magic("ACME-1") && !is_magic("$AB-1"));
    }
}
