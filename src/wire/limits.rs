//! What a request may cost, on every wire alike.
//!
//! The limits are those of the XML wire; the JSON wire counts as if its members were elements, so
//! that no request fits through one wire that does not fit through the other.

/// The root, a field, an inner field, and one more.
pub(super) const DEEPEST: usize = 4;
/// More elements than any request needs; with it the memory of a hostile body is bounded.
pub(super) const MOST_ELEMENTS: usize = 2_000;
/// The longest text of a field, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;
/// Fields whose text may be as long as the body: imports, and the texts of templates.
pub(super) const LONG_FIELDS: [&str; 4] = ["csv", "subject", "text", "html"];

/// Whether the text of a field of that name is too long.
pub(super) fn is_too_long(name: &str, text: &str) -> bool {
    text.len() > LONGEST && !LONG_FIELDS.contains(&name)
}
