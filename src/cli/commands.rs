//! `regserver commands`: the table of commands, and the manual of each.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::{DONE, Failure, WRONG, compatibility, listing, reference, say, xsd};
use crate::access::Class;
use crate::api::standard;
use crate::command::{Effect, Entry};
use crate::commands::jobs::many;
use crate::commands::{self, Field, NOUNS, fields_of, groups, reply_of};
use crate::domain::settings::closest;

/// In place of a command: every one.
const EVERY: &str = "all";
/// How long the lines of a list are.
const WIDTH: usize = 110;

/// `commands`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver commands\n  regserver commands loginuser\n  \
    regserver commands --markdown > reference.md\n  regserver commands --json > commands.json\n  \
    regserver commands --xsd loginuser > loginuser.request.xsd\n  \
    regserver commands --xsd all --out schemas\n  \
    xmllint --noout --schema schemas/loginuser.reply.xsd reply.xml\n  \
    regserver commands --compatibility")]
pub struct Commands {
    /// One command, with its fields, reply, codes and examples; all: every one
    command: Option<String>,
    /// Print the reference as Markdown: of all commands, or of the one named
    #[arg(long)]
    markdown: bool,
    /// Print the same facts as JSON, for programs: of all commands, or of the one named
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the XML Schema (1.0) of the command's requests; with --reply, that of its replies
    #[arg(long, conflicts_with_all = ["markdown", "json"])]
    xsd: bool,
    /// With --xsd: the schema of the replies, the exception among them
    #[arg(long, requires = "xsd", conflicts_with = "out")]
    reply: bool,
    /// With --xsd: write COMMAND.request.xsd and COMMAND.reply.xsd into this folder, of all commands or of
    /// the one named
    #[arg(long, requires = "xsd", value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print what is documented, what is proven and what is this program's choice, what is missing yet,
    /// and all settings
    #[arg(long, conflicts_with_all = ["command", "markdown", "json", "xsd"])]
    compatibility: bool,
}

impl Commands {
    /// Prints them.
    pub fn run(&self) -> Result<u8, Failure> {
        let named = self.command.as_deref().filter(|name| *name != EVERY).map(named).transpose()?;
        let text = match named {
            _ if self.xsd => self.schema(named)?,
            None if self.compatibility => compatibility::page(),
            None if self.markdown => reference::markdown(),
            None if self.json => listing::all(),
            None => table(),
            Some(entry) if self.markdown => {
                let mut text = String::new();
                reference::section(&mut text, entry);
                text
            }
            Some(entry) if self.json => listing::one(entry),
            Some(entry) => manual(entry),
        };
        say(&text);
        Ok(DONE)
    }

    /// The schema asked for, or, where they are written to a folder, what was done.
    fn schema(&self, named: Option<&'static Entry>) -> Result<String, Failure> {
        match (&self.out, named) {
            (None, Some(entry)) if self.reply => Ok(xsd::reply(entry)),
            (None, Some(entry)) => Ok(xsd::request(entry)),
            (None, None) => Err(Failure(
                WRONG,
                "a document holds one schema: name a command, or a folder for those of all with --out FOLDER"
                    .into(),
            )),
            (Some(folder), named) => {
                let entries = named.map_or_else(|| commands::all().collect(), |entry| vec![entry]);
                let files = xsd::write(folder, &entries)?;
                Ok(format!("{files} schemas are in {}\n", folder.display()))
            }
        }
    }
}

/// The command of that name, or which one was meant.
fn named(name: &str) -> Result<&'static Entry, Failure> {
    commands::find(name).ok_or_else(|| {
        let near = closest(name, commands::all().map(|entry| entry.name));
        let hint = near.map_or(String::new(), |near| format!("did you mean {near}? "));
        Failure(WRONG, format!("there is no command {name}: {hint}`regserver commands` lists all"))
    })
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
    let _ = writeln!(
        text,
        "\nPublic: anyone. Unrestricted: any caller with a credential. Restricted: callers with API access, and without\n\
         it those of the ties: own, the user; managed, a manager of the user's account. Protected: callers with API\n\
         access only, which every service has and a user by the right API-ACCESS. Level provider: a service, or also\n\
         EDIT-PROVIDER; server: a service of the default provider, or also SUPER-USER.\n\
         {bulk}\n\
         [D] documented in the public reference, [C] proven by a client in use, [O] this program's own choice\n\
         `regserver commands COMMAND` shows fields, reply, codes and examples.",
        bulk = bulk()
    );
    text
}

/// The commands that run for many users, in lines of a usual width.
fn bulk() -> String {
    let mut lines = vec!["`runbulk` runs for many users:".to_owned()];
    for name in many::names() {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < WIDTH => *line += &format!(" {name}"),
            _ => lines.push(format!("  {name}")),
        }
    }
    lines.join("\n")
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
    let mut names: Vec<String> = Vec::new();
    for group in groups(fields) {
        let star = if group.iter().any(|field| field.or_none) { "" } else { "*" };
        let group: Vec<&str> = group.iter().map(|field| field.name.as_str()).collect();
        names.push(format!("{}{star}", group.join("|")));
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
        Effect::Writes if many::names().contains(&entry.name) => {
            "changes; takes idempotencykey; `runbulk` runs it for many users"
        }
        Effect::Writes => "changes; takes idempotencykey",
    }
}

fn manual(entry: &Entry) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} [{}]\n\n{}\n", entry.name, entry.mark.letter(), commands::about(entry));
    let level = entry.class.level().map_or(String::new(), |level| format!(", level {level}"));
    let _ = writeln!(text, "class   {}{level}: {}", entry.class.name(), entry.class.rule());
    let _ = writeln!(text, "effect  {}\n\nfields (* required)", effect(entry));
    let own = fields_of(entry);
    for group in groups(own) {
        let _ = writeln!(text, " {}:", choice(&group));
        group.iter().for_each(|field| line(&mut text, " -", field));
    }
    own.iter().filter(|field| !field.one_of).for_each(|field| {
        line(&mut text, if field.required { "*" } else { " " }, field);
    });
    let _ = writeln!(text, "\nfields of every call");
    standard::FIELDS.iter().for_each(|field| line(&mut text, " ", field));
    let _ = writeln!(text, "\nreply");
    reply_of(entry).iter().for_each(|field| line(&mut text, " ", field));
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

/// What a call needs of the fields that name the same thing.
pub fn choice(group: &[&Field]) -> String {
    let how = if group.iter().any(|field| field.or_none) { "one at most" } else { "exactly one" };
    let names: Vec<&str> = group.iter().map(|field| field.name.as_str()).collect();
    format!("{how} of {}", names.join(", "))
}

fn line(text: &mut String, mark: &str, field: &Field) {
    let also = match field.aliases.as_slice() {
        [] => String::new(),
        aliases => format!(" (also {})", aliases.join(", ")),
    };
    let kind = field.kind.to_string();
    let _ = writeln!(text, " {mark}{:<16} {kind:<10} {}{also}", field.name, field.help);
}
