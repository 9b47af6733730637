//! The scope of an API key: the commands, or nouns of commands, that it may be used for.
//!
//! A scope only ever takes away: a key can never do more than its user (seed 002).

use crate::command::{Effect, Entry};
use crate::commands;

/// Commands that read and yet count as changes: what they show opens other doors.
const COUNT_AS_MODIFY: &[&str] = &["exportusers", "getserversettings", "showservicekey", "showsitekey"];

/// A scope; empty: everything that the user may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope(Vec<Grant>);

/// One entry of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    /// A noun or a command.
    what: String,
    /// Changes too, not only reads.
    modify: bool,
}

impl Scope {
    /// Reads entries like `users:view`, `devices:modify`, `loginuser`; a command alone is that command. The
    /// error says which entry is wrong.
    pub fn parse<'a>(entries: impl Iterator<Item = &'a str>) -> Result<Scope, String> {
        entries.map(grant).collect::<Result<Vec<Grant>, String>>().map(Scope)
    }

    /// As it stands in the database, which holds what was checked when the key was made. An entry that is
    /// no longer known stays and lets nothing in.
    pub fn stored(text: &str) -> Scope {
        let read = |line: &str| {
            let (what, extent) = line.split_once(':').unwrap_or((line, "view"));
            Grant { what: what.to_owned(), modify: extent == "modify" }
        };
        Scope(text.lines().map(read).collect())
    }

    /// The entries, each `what:view` or `what:modify`.
    pub fn entries(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|grant| format!("{}:{}", grant.what, if grant.modify { "modify" } else { "view" }))
    }

    /// Whether it has that command.
    pub fn has(&self, entry: &Entry) -> bool {
        let noun = || commands::noun_of(entry.name);
        let named = |grant: &Grant| grant.what == entry.name || Some(&*grant.what) == noun();
        self.0.is_empty() || self.0.iter().any(|grant| named(grant) && (grant.modify || views(entry)))
    }
}

/// Whether a command only shows something.
pub fn views(entry: &Entry) -> bool {
    entry.effect != Effect::Writes && !COUNT_AS_MODIFY.contains(&entry.name)
}

fn grant(entry: &str) -> Result<Grant, String> {
    let (what, extent) = entry.split_once(':').map_or((entry, None), |(what, extent)| (what, Some(extent)));
    let command = commands::find(what);
    if command.is_none() && !commands::NOUNS.iter().any(|(noun, _)| *noun == what) {
        let nouns: Vec<&str> = commands::NOUNS.iter().map(|(noun, _)| *noun).collect();
        return Err(format!("{what} is neither a command nor one of {}", nouns.join(", ")));
    }
    let modify = match (extent, command) {
        (Some("view"), _) => false,
        (Some("modify"), _) => true,
        (None, Some(command)) => !views(command),
        _ => return Err(format!("{entry} needs to end in :view or :modify")),
    };
    if let Some(command) = command.filter(|command| !modify && !views(command)) {
        return Err(format!(
            "{} changes something or shows what opens doors: write it with :modify",
            command.name
        ));
    }
    Ok(Grant { what: what.to_owned(), modify })
}
