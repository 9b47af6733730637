//! A reply printed in the form that was asked for, and what the refusals that say little may mean.

use clap::Args;
use serde_json::Value;

use super::further::{self, Further};
use super::{DONE, Failure, REFUSED, complain, json, say, table};
use crate::command::Command;
use crate::commands::jobs::importusers::ImportUsers;
use crate::wire::{Wire, xml};

/// How a reply is printed.
#[derive(Args, Clone, Copy)]
pub struct Form {
    /// Print the reply as JSON: numbers, truths and lists by the reply's schema
    #[arg(long, conflicts_with = "table")]
    json: bool,
    /// Print the reply as a table
    #[arg(long)]
    table: bool,
}

/// The forms there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As it came.
    Plain,
    /// An object, over several lines.
    Json,
    /// For people.
    Table,
}

impl Form {
    /// The form asked for, else that one.
    pub fn or(self, usual: Shape) -> Shape {
        match (self.json, self.table) {
            (true, _) => Shape::Json,
            (_, true) => Shape::Table,
            _ => usual,
        }
    }
}

/// A reply as JSON, whatever wire it came by.
fn read(wire: Wire, command: &str, body: &str) -> Option<Value> {
    match wire {
        Wire::Xml => Some(json::of(command, &xml::tree(body).ok()?.members)),
        Wire::Json => serde_json::from_str(body).ok().filter(Value::is_object),
    }
}

/// The reply to a command as JSON, unless it is a refusal.
pub fn json_of(command: &str, body: &str) -> Option<Value> {
    read(Wire::Xml, command, body).filter(|reply| reply.get("exception").is_none())
}

/// Prints the reply to a command; the exit code says whether it is a refusal.
pub fn print(wire: Wire, command: &str, body: &str, shape: Shape) -> Result<u8, Failure> {
    print_list(wire, command, body, shape, |further| format!("add {}={}", further.field, further.value))
}

/// The same; how a list goes on is said in the words of the sub-command.
pub fn print_list(
    wire: Wire,
    command: &str,
    body: &str,
    shape: Shape,
    how: impl FnOnce(&Further) -> String,
) -> Result<u8, Failure> {
    let Some(reply) = read(wire, command, body) else {
        say(&format!("{}\n", body.trim_end()));
        return Err(Failure(REFUSED, "this is no reply of the API; see the server's log".into()));
    };
    let refusal = reply.get("exception");
    match (shape, refusal) {
        (Shape::Plain, _) => say(&format!("{}\n", body.trim_end())),
        (Shape::Json, _) => say(&format!("{reply:#}\n")),
        (Shape::Table, None) => {
            let how = further::of(command, &reply).as_ref().map(how);
            say(&table::of(&reply, how.as_deref()));
        }
        (Shape::Table, Some(refusal)) => {
            let message = refusal["message"].as_str().unwrap_or_default();
            complain(&format!("refused: {} {message}", refusal["primarycode"]));
        }
    }
    Ok(if refusal.is_some() { REFUSED } else { DONE })
}

/// Whether the reply is to a piece of an import behind which more are awaited.
pub fn waits(wire: Wire, command: &str, body: &str) -> bool {
    command == ImportUsers::NAME && read(wire, command, body).is_some_and(|reply| reply["complete"] == false)
}

/// A refusal as it was told.
#[derive(Debug, Default)]
pub struct Refusal {
    /// The primary code.
    pub code: i64,
    /// The second one.
    pub secondary: Option<i64>,
    /// The message.
    pub message: String,
}

/// The refusal that a reply is.
pub fn refusal(wire: Wire, body: &str) -> Option<Refusal> {
    let reply = read(wire, "", body)?;
    let exception = reply.get("exception")?;
    let message = exception["message"].as_str().unwrap_or_default();
    Some(Refusal {
        code: exception["primarycode"].as_i64()?,
        secondary: exception["secondarycode"].as_i64(),
        message: message.to_owned(),
    })
}
