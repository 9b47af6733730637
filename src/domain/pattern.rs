//! Search patterns: `*` stands for any run at the start, the end, or both `[D]`.
//!
//! Only these four shapes exist, so a pattern is an enum and not a little language: the store picks a
//! different index for each, and no pattern can be made slow on purpose.

use crate::domain::names;

/// The fewest characters besides `*` in a pattern `[D]`.
pub const FEWEST: usize = 3;

/// The most characters in a pattern `[O]`: no text that is searched is longer.
const LONGEST: usize = 255;

/// What to look for, folded like the keys it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The whole text.
    Exact(String),
    /// `text*`
    Prefix(String),
    /// `*text`
    Suffix(String),
    /// `*text*`
    Infix(String),
}

impl Pattern {
    /// Reads a pattern; the error is the detail of -30002.
    pub fn read(text: &str) -> Result<Pattern, &'static str> {
        let inner = text.trim_matches('*');
        if inner.chars().count() > LONGEST {
            return Err("is longer than 255 characters");
        }
        if inner.contains('*') {
            return Err("may have * at the start and the end only");
        }
        let key = names::key(inner);
        // The key counts too: composing can make a text shorter than it was written.
        if inner.chars().count().min(key.chars().count()) < FEWEST {
            return Err("needs at least 3 characters besides *");
        }
        Ok(match (text.starts_with('*'), text.ends_with('*')) {
            (false, false) => Pattern::Exact(key),
            (false, true) => Pattern::Prefix(key),
            (true, false) => Pattern::Suffix(key),
            (true, true) => Pattern::Infix(key),
        })
    }

    /// Whether a folded text matches.
    pub fn matches(&self, key: &str) -> bool {
        match self {
            Pattern::Exact(text) => key == text,
            Pattern::Prefix(text) => key.starts_with(text.as_str()),
            Pattern::Suffix(text) => key.ends_with(text.as_str()),
            Pattern::Infix(text) => key.contains(text.as_str()),
        }
    }

    /// The folded text without its stars.
    pub fn text(&self) -> &str {
        match self {
            Pattern::Exact(t) | Pattern::Prefix(t) | Pattern::Suffix(t) | Pattern::Infix(t) => t,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_at_the_ends_only() {
        assert_eq!(Pattern::read("Bob*"), Ok(Pattern::Prefix("bob".into())));
        assert_eq!(Pattern::read("*bob"), Ok(Pattern::Suffix("bob".into())));
        assert_eq!(Pattern::read("**bob**"), Ok(Pattern::Infix("bob".into())));
        assert_eq!(Pattern::read("bobby"), Ok(Pattern::Exact("bobby".into())));
        assert!(
            Pattern::read("b*b").is_err() && Pattern::read("bo*").is_err() && Pattern::read("***").is_err()
        );
    }
}
