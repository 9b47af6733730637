//! What stands around a reply: declaration, root, levels; and the exception (`protocol.md` §5).

use super::escape;

/// The first lines of every reply.
const DECLARATION: &str = "<?xml version='1.0' encoding='UTF-8' ?>\n<teamdrive><regversion>";
/// What ends every reply.
pub const END: &str = "</teamdrive>";

/// Begins a reply: everything before its own members.
pub fn begin(out: &mut String, reg_version: &str, api_version: Option<&str>) {
    out.push_str(DECLARATION);
    escape(out, reg_version);
    out.push_str("</regversion>");
    if let Some(version) = api_version {
        out.push_str("<apiversion>");
        escape(out, version);
        out.push_str("</apiversion>");
    }
}

/// The exception in place of the members.
pub fn refuse(out: &mut String, code: i64, secondary: Option<i64>, message: &str) {
    out.push_str("<exception><primarycode>");
    out.push_str(&code.to_string());
    out.push_str("</primarycode><secondarycode>");
    if let Some(secondary) = secondary {
        out.push_str(&secondary.to_string());
    }
    out.push_str("</secondarycode><message>");
    escape(out, message);
    out.push_str("</message></exception>");
}
