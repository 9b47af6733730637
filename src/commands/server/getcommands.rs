//! `getcommands`: the table of commands, for programs that draw their buttons and forms from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Entry, Example, Mark};
use crate::commands::jobs::many;
use crate::commands::{self, NOUNS, about, fields_of};
use crate::domain::settings::closest;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Shows the commands: who may call them, their fields, and the codes that they add to the common ones.
#[derive(Deserialize, JsonSchema)]
pub struct GetCommands {
    /// only the command of that name
    name: Option<String>,
    /// only the commands of that noun, as the scopes of keys have them
    noun: Option<String>,
}

/// The commands.
#[derive(Serialize, JsonSchema)]
pub struct Commands {
    /// the commands, in the order of the manual
    commandlist: CommandList,
}

/// The commands of the list.
#[derive(Serialize, JsonSchema)]
struct CommandList {
    command: Vec<ShownCommand>,
}

/// A command.
#[derive(Serialize, JsonSchema)]
struct ShownCommand {
    /// the name
    name: &'static str,
    /// the noun
    noun: &'static str,
    /// what it does
    about: &'static str,
    /// Public, Unrestricted, Restricted or Protected
    class: &'static str,
    /// what it needs beyond API access: provider or server; empty: nothing
    level: &'static str,
    /// what joins callers without API access to whom it is about: own, managed, member, manager, any-manager
    tie: Vec<&'static str>,
    /// who may call it, in a sentence
    rule: String,
    /// what it does to the data: looks, scans or writes
    effect: &'static str,
    /// whether `runbulk` runs it for many users
    bulk: bool,
    /// D documented, C proven by a client, O our own choice
    mark: &'static str,
    /// the fields of a call
    field: Vec<ShownField>,
    /// the codes that it adds to the common ones
    code: Vec<ShownCode>,
}

/// A field of a call.
#[derive(Serialize, JsonSchema)]
struct ShownField {
    /// the name
    name: &'static str,
    /// text, number, truth, date, secret, a choice, a list
    kind: String,
    /// whether a call needs it
    required: bool,
    /// whether it is one of several ways to name the same thing, of which a call has one
    oneof: bool,
    /// other names it is read by
    alias: Vec<&'static str>,
    /// what it means
    help: &'static str,
}

/// A refusal.
#[derive(Serialize, JsonSchema)]
struct ShownCode {
    /// the primary code
    number: i64,
    /// its usual text
    message: &'static str,
}

impl Command for GetCommands {
    const NAME: &'static str = "getcommands";
    const CLASS: Class = Class::Unrestricted;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "one command",
            given: &[],
            call: "name=deleteservice",
            reply: "<commandlist><command><name>deleteservice</name><noun>providers</noun>\
                <about>Removes a service of the provider, its keys, and the sessions that it has opened. To \
                shut one out for a while, `updateservice` has `enabled`.</about><class>Protected</class>\
                <level>provider</level><rule>services of the provider, people with API-ACCESS and \
                EDIT-PROVIDER</rule><effect>writes</effect><bulk>false</bulk><mark>O</mark><field><name>serviceid</name>\
                <kind>number</kind><required>false</required><oneof>false</oneof>\
                <help>the service's number; this or its name is needed</help></field><field>\
                <name>servicename</name><kind>text</kind><required>false</required><oneof>false</oneof>\
                <help>the service's name; this or its number is needed</help></field><code>\
                <number>-30128</number><message>Service not found</message></code></command>\
                </commandlist>",
        },
        Example {
            shows: "a mistyped name",
            given: &[],
            call: "name=deletservice",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: there is no command deletservice; did you mean deleteservice?\
                </message></exception>",
        },
    ];
    type Reply = Commands;

    fn run(&self, _: &Call, _: &Tx<'_>) -> Result<Commands> {
        self.known()?;
        let wanted = |name: &str, of: &Option<String>| of.as_deref().is_none_or(|of| of == name);
        let mut command = Vec::new();
        for (noun, entries) in NOUNS.iter().filter(|(noun, _)| wanted(noun, &self.noun)) {
            let entries = entries.iter().filter(|entry| wanted(entry.name, &self.name));
            command.extend(entries.map(|entry| ShownCommand::of(noun, entry)));
        }
        Ok(Commands { commandlist: CommandList { command } })
    }
}

impl GetCommands {
    /// Refuses a name that is none, with the one that was probably meant.
    fn known(&self) -> Result<()> {
        if let Some(name) = self.name.as_ref().filter(|name| commands::find(name).is_none()) {
            let near = closest(name, commands::all().map(|entry| entry.name));
            let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            return Err(invalid(format!("there is no command {name}{hint}")));
        }
        if let Some(noun) = self.noun.as_ref().filter(|noun| !NOUNS.iter().any(|(known, _)| known == noun)) {
            let all: Vec<&str> = NOUNS.iter().map(|(noun, _)| *noun).collect();
            return Err(invalid(format!("noun must be one of {}, not {noun}", all.join(", "))));
        }
        Ok(())
    }
}

impl ShownCommand {
    fn of(noun: &'static str, entry: &'static Entry) -> ShownCommand {
        let field = fields_of(entry).iter().map(|field| ShownField {
            name: &field.name,
            kind: field.kind.to_string(),
            required: field.required,
            oneof: field.one_of,
            alias: field.aliases.iter().map(String::as_str).collect(),
            help: &field.help,
        });
        let code = entry.refuses.iter().map(|code| ShownCode { number: *code as i64, message: code.text() });
        ShownCommand {
            name: entry.name,
            noun,
            about: about(entry),
            class: entry.class.name(),
            level: entry.class.level().unwrap_or_default(),
            tie: entry.class.ties().iter().map(|tie| tie.name()).collect(),
            rule: entry.class.rule(),
            effect: match entry.effect {
                Effect::Looks => "looks",
                Effect::Scans => "scans",
                Effect::Writes => "writes",
            },
            bulk: many::names().contains(&entry.name),
            mark: entry.mark.letter(),
            field: field.collect(),
            code: code.collect(),
        }
    }
}
