//! `previewconfig`: what a configuration would do, before anybody starts the server with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::{Call, Fault, Planned};
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::providers::service::sees_all;
use crate::domain::secret::Secret;
use crate::error::{Code, Result, forbidden};
use crate::store::Tx;

/// Says what a configuration would make and change at the next start, or why it could not be used. Nothing is
/// changed. A `key_file` is looked at where the server's own file names it, not where a text does. Callers of other than the default provider send a text, and see
/// what concerns their own provider.
#[derive(Deserialize, JsonSchema)]
pub struct PreviewConfig {
    /// the text of a configuration file; left out: the file that the server was started with, as it is now
    configuration: Option<Secret>,
}

/// What it would do.
#[derive(Serialize, JsonSchema)]
pub struct Previewed {
    /// whether a server could start with it
    usable: bool,
    /// what is wrong with it
    faultlist: FaultList,
    /// what would be different
    changelist: ChangeList,
    /// the name of a service whose `key_file` was not looked at, because a text that is sent may name any file; it
    /// must be there at the start, and `regserver check` looks
    unread: Vec<String>,
}

/// The faults of the list.
#[derive(Serialize, JsonSchema)]
struct FaultList {
    fault: Vec<ShownFault>,
}

/// A fault.
#[derive(Serialize, JsonSchema)]
struct ShownFault {
    /// the line of the text; left out where it stands on none
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<i64>,
    /// what is wrong, and what to do
    text: String,
}

/// The changes of the list.
#[derive(Serialize, JsonSchema)]
struct ChangeList {
    change: Vec<ShownChange>,
}

/// One value that would be different.
#[derive(Serialize, JsonSchema)]
struct ShownChange {
    /// create or change
    action: &'static str,
    /// provider, service or setting
    what: &'static str,
    /// the code, or the name
    name: String,
    /// the code of the provider concerned; empty: the server
    distributor: String,
    /// what of it
    field: String,
    /// what it is now; secrets masked
    before: String,
    /// what it would be
    after: String,
    /// the line of the text; left out where nothing in it says so
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<i64>,
}

impl Command for PreviewConfig {
    const NAME: &'static str = "previewconfig";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "another name for a provider",
            given: &[],
            call: "configuration='[[provider]]\ncode = \"DEMO\"\nname = \"Demo Storage\"'",
            reply: "<usable>true</usable><faultlist></faultlist><changelist><change><action>change</action>\
                <what>provider</what><name>DEMO</name><distributor>DEMO</distributor><field>name</field>\
                <before>Demo Company</before><after>Demo Storage</after><line>1</line></change></changelist>",
        },
        Example {
            shows: "a mistyped key",
            given: &[],
            call: "configuration='[server]\nlisen = [\"127.0.0.1:8080\"]'",
            reply: "<usable>false</usable><faultlist><fault><line>2</line>\
                <text>unknown key `server.lisen`: did you mean `listen`?</text></fault></faultlist>\
                <changelist></changelist>",
        },
    ];
    type Reply = Previewed;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Previewed> {
        let all = sees_all(call);
        let text = self.configuration.as_ref().map(Secret::reveal);
        if text.is_none() && !all {
            return Err(forbidden(format!(
                "Access denied: the configuration of the server is for services of the default provider {} and for \
                 people with the right SUPER-USER, which its services can grant; send a text as configuration",
                call.snapshot.server.default_provider
            )));
        }
        let preview = call.program.preview(tx, text, call.now, &|label| call.random(label))?;
        let unread = preview.unread;
        let own = |planned: &Planned| all || planned.provider.as_ref() == Some(&call.provider.code);
        Ok(Previewed {
            usable: preview.faults.is_empty(),
            changelist: ChangeList {
                change: preview.changes.into_iter().filter(own).map(ShownChange::from).collect(),
            },
            faultlist: FaultList {
                fault: preview.faults.into_iter().map(|fault| ShownFault::of(fault, all)).collect(),
            },
            unread,
        })
    }
}

impl ShownFault {
    fn of(fault: Fault, all: bool) -> ShownFault {
        // What the data says against it may be another provider's.
        let text = match fault.alone || all {
            true => fault.text,
            false => "this cannot stand beside what is there already; a service of the default provider is told what"
                .to_owned(),
        };
        ShownFault { line: fault.line, text }
    }
}

impl From<Planned> for ShownChange {
    fn from(planned: Planned) -> ShownChange {
        ShownChange {
            action: if planned.new { "create" } else { "change" },
            what: planned.what,
            name: planned.name,
            distributor: planned.provider.unwrap_or_default(),
            field: planned.field,
            before: planned.before,
            after: planned.after,
            line: planned.line,
        }
    }
}
