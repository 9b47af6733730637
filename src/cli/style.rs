//! Bold heads on a terminal, plain text everywhere else.

use std::io::IsTerminal;

/// Bold, where standard output is a terminal that may have it.
pub fn bold(text: &str) -> String {
    if fancy() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// A terminal that nobody has asked to stay plain (`NO_COLOR`).
fn fancy() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}
