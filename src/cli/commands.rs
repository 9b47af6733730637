//! `regserver commands`: the table of commands, and the manual of each.

use std::fmt::Write;

use clap::Args;

use super::{DONE, Failure, WRONG, compatibility, reference, say};
use crate::access::Class;
use crate::api::standard;
use crate::command::{Effect, Entry};
use crate::commands::{self, Field, NOUNS, fields_of, reply_of};
use crate::domain::settings::closest;

/// `commands`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver commands\n  regserver commands loginuser\n  \
    regserver commands --markdown > reference.md\n  regserver commands --compatibility")]
pub struct Commands {
    /// One command, with its fields, reply, codes and examples
    command: Option<String>,
    /// Print the reference as Markdown: of all commands, or of the one named
    #[arg(long)]
    markdown: bool,
    /// Print what is documented, what is proven and what is this program's choice, what is missing yet,
    /// and all settings
    #[arg(long, conflicts_with_all = ["command", "markdown"])]
    compatibility: bool,
}

impl Commands {
    /// Prints them.
    pub fn run(&self) -> Result<u8, Failure> {
        let text = match &self.command {
            None if self.compatibility => compatibility::page(),
            None if self.markdown => reference::markdown(),
            None => table(),
            Some(name) => {
                let entry = commands::find(name).ok_or_else(|| {
                    let near = closest(name, commands::all().map(|entry| entry.name));
                    let hint = near.map_or(String::new(), |near| format!("did you mean {near}? "));
                    let text = format!("there is no command {name}: {hint}`regserver commands` lists all");
                    Failure(WRONG, text)
                })?;
                match self.markdown {
                    true => {
                        let mut text = String::new();
                        reference::section(&mut text, entry);
                        text
                    }
                    false => manual(entry),
                }
            }
        };
        say(&text);
        Ok(DONE)
    }
}

/// One line a command: class, what joins callers without API access, level, mark, fields (required ones
/// first, with a star), codes it adds.
fn table() -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<20} {:<12} {:<12} {:<9} {:<4} fields (* required, a|b* exactly one, a|b one at most) → codes it adds",
        "command", "class", "ties", "level", "mark"
    );
    for (noun, entries) in NOUNS {
        let _ = writeln!(text, "\n{noun}");
        for entry in *entries {
            let class = entry.class;
            let _ = writeln!(
                text,
                "{:<20} {:<12} {:<12} {:<9} {:<4} {}",
                entry.name,
                class.name(),
                ties(class),
                class.level().unwrap_or("-"),
                format!("[{}]", entry.mark.letter()),
                summary(entry)
            );
        }
    }
    text.push_str(
        "\nPublic: anyone. Unrestricted: any caller with a credential. Restricted: callers with API access, and without\n\
         it those of the ties: own, the user; managed, a manager of the user's account. Protected: callers with API\n\
         access only, which every service has and a user by the right API-ACCESS. Level provider: a service, or also\n\
         EDIT-PROVIDER; server: a service of the default provider, or also SUPER-USER.\n\
         [D] documented in the public reference, [C] proven by a client in use, [O] this program's own choice\n\
         `regserver commands COMMAND` shows fields, reply, codes and examples.\n",
    );
    text
}

fn ties(class: Class) -> String {
    match class.ties() {
        [] => "-".to_owned(),
        ties => ties.iter().map(|tie| tie.name()).collect::<Vec<_>>().join(","),
    }
}

fn summary(entry: &Entry) -> String {
    let fields = fields_of(entry);
    let of = |keep: fn(&&Field) -> bool| fields.iter().filter(keep).map(|field| field.name.as_str());
    let one_of: Vec<&str> = of(|field| field.one_of).collect();
    let mut names: Vec<String> = Vec::new();
    if !one_of.is_empty() {
        let star = if fields.iter().any(|field| field.or_none) { "" } else { "*" };
        names.push(format!("{}{star}", one_of.join("|")));
    }
    names.extend(of(|field| field.required).map(|name| format!("{name}*")));
    names.extend(of(|field| !field.required && !field.one_of).map(str::to_owned));
    let codes = entry.refuses.iter().map(|code| (*code as i64).to_string()).collect::<Vec<_>>().join(" ");
    format!("{}{}{codes}", names.join(" "), if codes.is_empty() { "" } else { " → " })
}

/// What a command does to the data.
pub fn effect(entry: &Entry) -> &'static str {
    match entry.effect {
        Effect::Looks => "reads a few rows",
        Effect::Scans => "searches",
        Effect::Writes => "changes; takes idempotencykey",
    }
}

fn manual(entry: &Entry) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} [{}]\n\n{}\n", entry.name, entry.mark.letter(), commands::about(entry));
    let level = entry.class.level().map_or(String::new(), |level| format!(", level {level}"));
    let _ = writeln!(text, "class   {}{level}: {}", entry.class.name(), entry.class.rule());
    let _ = writeln!(
        text,
        "effect  {}\n\nfields (* required, | exactly one of these, ? one of these at most)",
        effect(entry)
    );
    fields(&mut text, fields_of(entry));
    let _ = writeln!(text, "\nfields of every call");
    for (name, help) in standard::NAMES {
        let _ = writeln!(text, "  {name:<16} {help}");
    }
    let _ = writeln!(text, "\nreply");
    fields(&mut text, &reply_of(entry));
    let _ = writeln!(text, "\ncodes it adds to the common ones");
    for code in entry.refuses {
        let _ = writeln!(text, "  {:<8} {}", *code as i64, code.text());
    }
    for example in entry.examples {
        let _ = writeln!(text, "\nexample: {}", example.shows);
        for given in example.given {
            let _ = writeln!(text, "  first  regserver call {given}");
        }
        let _ = writeln!(text, "  call   regserver call {} {}", entry.name, example.call);
        let _ = writeln!(text, "  reply  {}", example.reply);
        let _ = writeln!(text, "  json   {}", reference::json_reply(entry, example));
    }
    text
}

fn fields(text: &mut String, fields: &[Field]) {
    for field in fields {
        let star = match (field.required, field.one_of) {
            (true, _) => "*",
            (_, true) if field.or_none => "?",
            (_, true) => "|",
            _ => " ",
        };
        let also = if field.aliases.is_empty() {
            String::new()
        } else {
            format!(" (also {})", field.aliases.join(", "))
        };
        let _ = writeln!(text, " {star}{:<16} {:<10} {}{also}", field.name, field.kind, field.help);
    }
}
