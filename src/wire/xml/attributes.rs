//! Attributes: the protocol has none, so they are checked for being well formed and then forgotten.
//!
//! A checker of our own, because `quick-xml` finds attributes only for whoever reads them, and then
//! takes missing white space between them, `<` in values and unknown references.

use super::super::fields::WHITE;
use super::NotXml;
use super::chars;

/// More attributes than any element has; with it the search for duplicates stays cheap.
const MOST: usize = 100;

/// Checks everything that follows an element's name in its tag.
pub(super) fn check(mut rest: &str) -> Result<(), NotXml> {
    let mut names = Vec::new();
    while let Some((name, value, after)) = next(rest)? {
        check_value(value)?;
        if names.contains(&name) {
            return Err(NotXml("an attribute given twice"));
        }
        names.push(name);
        if names.len() > MOST {
            return Err(NotXml("too many attributes"));
        }
        rest = after;
    }
    Ok(())
}

/// The next attribute's name and value, and what follows it; nothing when only white space is left.
fn next(rest: &str) -> Result<Option<(&str, &str, &str)>, NotXml> {
    let start = rest.trim_start_matches(WHITE);
    if start.is_empty() {
        return Ok(None);
    }
    if start.len() == rest.len() {
        return Err(NotXml("an attribute without white space before it"));
    }
    split(start).map(Some).ok_or(NotXml("an attribute"))
}

fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim_end_matches(WHITE);
    let value = value.trim_start_matches(WHITE);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, after) = value.get(1..)?.split_once(quote)?;
    chars::is_name(name).then_some((name, value, after))
}

fn check_value(value: &str) -> Result<(), NotXml> {
    if value.contains('<') {
        return Err(NotXml("< in an attribute"));
    }
    let is_known = |part: &str| part.split_once(';').is_some_and(|(name, _)| chars::referred(name).is_some());
    if value.split('&').skip(1).all(is_known) { Ok(()) } else { Err(NotXml("a reference in an attribute")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_ones_pass() {
        for attributes in [
            "",
            " ",
            "\r\n\t",
            " a='1'",
            " a=\"1\" b = '2' ",
            "\na\n=\n''",
            " a='\"' b=\"'\"",
            " a='>'",
            " xmlns='x' xmlns:y='z' y:a='1'",
            " a='&lt;&#65;&#x41;;&amp;amp;'",
            " A='' a=''",
            " größe='ü'",
        ] {
            assert_eq!(check(attributes), Ok(()), "{attributes:?}");
        }
    }

    #[test]
    fn others_do_not() {
        for attributes in [
            "a='1'",
            " a",
            " a=",
            " a=1",
            " a='1",
            " a='1\"",
            " a '1'",
            " ='1'",
            " a='1'b='2'",
            " a='1' a='2'",
            " a=''/",
            " a='<'",
            " a='&'",
            " a='&;'",
            " a='&nbsp;'",
            " a='&#0;'",
            " a='&lt'",
            " a='& lt;'",
            " 1='1'",
            " a b='1'",
            " a='' a=\"\"",
            " a\u{a0}=''",
            " \"=''",
            " /",
        ] {
            assert!(check(attributes).is_err(), "{attributes:?}");
        }
    }

    #[test]
    fn there_are_at_most_a_hundred() {
        let attributes = |count| (0..count).map(|number| format!(" a{number}=''")).collect::<String>();
        assert_eq!(check(&attributes(100)), Ok(()));
        assert_eq!(check(&attributes(101)), Err(NotXml("too many attributes")));
    }
}
