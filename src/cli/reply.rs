//! A reply printed in the form that was asked for, and what the refusals that say little may mean.

use clap::Args;

use super::{DONE, Failure, REFUSED, complain, json, say, table};
use crate::wire::xml;

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
    Xml,
    /// An object.
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

/// Prints the reply to a command; the exit code says whether it is a refusal.
pub fn print(command: &str, body: &str, shape: Shape) -> Result<u8, Failure> {
    let Ok(root) = xml::tree(body) else {
        say(&format!("{}\n", body.trim_end()));
        return Err(Failure(REFUSED, "this is no reply of the API; see the server's log".into()));
    };
    let refusal = root.members.iter().find(|member| member.name == "exception");
    let shown = || json::of(command, &root.members);
    match (shape, refusal) {
        (Shape::Xml, _) => say(&format!("{}\n", body.trim_end())),
        (Shape::Json, _) => say(&format!("{:#}\n", shown())),
        (Shape::Table, None) => say(&table::of(&shown())),
        (Shape::Table, Some(refusal)) => {
            let text = |name: &str| {
                let found = refusal.members.iter().find(|member| member.name == name);
                found.map_or("", |member| member.text.as_str())
            };
            complain(&format!("refused: {} {}", text("primarycode"), text("message")));
        }
    }
    Ok(if refusal.is_some() { REFUSED } else { DONE })
}
