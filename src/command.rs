//! What a command is: one file, one struct, one trait.
//!
//! The request struct *is* the command: its fields are the fields on the wire, its doc comments the
//! manual, its constants the rules, and `run` the work. [`Entry`] is the same with the types erased,
//! a row of the table from which dispatch, help and tests are made. A registry with closures was the
//! other way; it spreads what one command is over four places.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::Class;
use crate::call::Call;
use crate::domain::passwords::Passwords;
use crate::domain::secret::blanked;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::wire::Wire;
use crate::wire::fields::{FieldError, Fields};

/// A command of the API.
pub trait Command: DeserializeOwned + JsonSchema + Send + 'static {
    /// Its name on the wire.
    const NAME: &'static str;
    /// Who may call it, at the widest.
    const CLASS: Class;
    /// What it does to the store.
    const EFFECT: Effect;
    /// Whether the public reference or a client in use proves it, or whether it is ours.
    const MARK: Mark;
    /// The refusals it adds to [`Code::COMMON`]; any other one fails the tests.
    const REFUSES: &'static [Code];
    /// Shown in the manual, run by the tests.
    const EXAMPLES: &'static [Example];
    /// What it answers.
    type Reply: Serialize + JsonSchema;

    /// The class of this very request; never wider than [`Self::CLASS`].
    fn class(&self) -> Class {
        Self::CLASS
    }

    /// Reads only: whether `run` mostly makes a single statement, which sees one state of the database by itself
    /// and needs no transaction around it; where there are more after all, it runs again in one.
    fn glances(&self) -> bool {
        false
    }

    /// Writes only: one read before anything is queued.
    fn look(&mut self, _: &Call, _: &Tx<'_>) -> Result<Next<Self::Reply>> {
        Ok(Next::Run)
    }

    /// After [`Next::Hash`]: work for the processor alone, on a hash thread.
    fn hash(&mut self, _: &Call, _: &mut Passwords) -> Result<()> {
        Ok(())
    }

    /// The work. It depends on request, call and store alone; what `look` saw may be stale, so it asks
    /// again. It may run again after an undone transaction.
    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Self::Reply>;
}

/// What a command does to the store, and so where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A handful of indexed rows, on the worker itself.
    Looks,
    /// A read that may take over a millisecond, on the pool.
    Scans,
    /// A change, through the one writer.
    Writes,
}

/// Where the knowledge of something comes from (`protocol.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The public reference says so.
    Documented,
    /// A client in use depends on it.
    Client,
    /// The public record is silent: our choice.
    Ours,
}

impl Mark {
    /// `D`, `C` or `O`.
    pub fn letter(self) -> &'static str {
        match self {
            Mark::Documented => "D",
            Mark::Client => "C",
            Mark::Ours => "O",
        }
    }
}

/// What follows after [`Command::look`].
pub enum Next<R> {
    /// [`Command::run`].
    Run,
    /// [`Command::hash`] first.
    Hash,
    /// Nothing: this is the reply, and nothing is written, unless the call itself must leave a mark against its
    /// repetition; then [`Command::run`].
    Answer(R),
}

/// A call with its reply, run by the tests in a world of its own.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it shows.
    pub shows: &'static str,
    /// Calls made before it, in the same world: `registeruser username=carol …`. `{code}` stands for
    /// the code in the last mail or reply.
    pub given: &'static [&'static str],
    /// The fields: `username=carol limit=3`.
    pub call: &'static str,
    /// What stands behind `regversion` in the reply.
    pub reply: &'static str,
}

/// The literal `0` of `<intresult>0</intresult>` `[C]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Zero;

impl Serialize for Zero {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(0)
    }
}

impl JsonSchema for Zero {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "zero".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": 0 })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// The reply of a call without data.
#[derive(Debug, Serialize, JsonSchema, Default)]
pub struct Done {
    /// Always 0.
    pub intresult: Zero,
}

/// Where a reply is written, in the form of the caller's wire.
pub struct Out {
    wire: Wire,
    body: String,
    start: usize,
    keep: bool,
    kept: Option<String>,
}

impl Out {
    /// Continues behind the envelope's head.
    pub fn after(wire: Wire, head: String) -> Out {
        Out { wire, start: head.len(), body: head, keep: false, kept: None }
    }

    /// Also keeps the reply with its secrets blank, for a repetition.
    pub fn keep(&mut self) {
        self.keep = true;
    }

    /// Writes the reply, in place of what an earlier run wrote.
    pub fn put<R: Serialize>(&mut self, reply: &R) -> Result<()> {
        self.body.truncate(self.start);
        self.wire.write(&mut self.body, reply).map_err(|error| Error::Failed(error.into()))?;
        if self.keep {
            let kept = blanked(|| serde_json::to_string(reply));
            self.kept = Some(kept.map_err(|error| Error::Failed(error.into()))?);
        }
        Ok(())
    }

    /// Writes a reply that was kept.
    pub fn repeat(&mut self, kept: &serde_json::Value) -> Result<()> {
        self.body.truncate(self.start);
        self.wire.write_kept(&mut self.body, kept).map_err(|error| Error::Failed(error.into()))
    }

    /// The reply as it is kept.
    pub fn kept(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    /// Head and reply.
    pub fn into_body(self) -> String {
        self.body
    }
}

/// A command with its types erased.
pub trait Request: Send {
    /// See [`Command::class`].
    fn class(&self) -> Class;
    /// See [`Command::glances`].
    fn glances(&self) -> bool;
    /// See [`Command::look`].
    fn look(&mut self, call: &Call, tx: &Tx<'_>, out: &mut Out) -> Result<Next<()>>;
    /// See [`Command::hash`].
    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()>;
    /// See [`Command::run`].
    fn run(&self, call: &Call, tx: &Tx<'_>, out: &mut Out) -> Result<()>;
}

impl<C: Command> Request for C {
    fn class(&self) -> Class {
        Command::class(self)
    }

    fn glances(&self) -> bool {
        Command::glances(self)
    }

    fn look(&mut self, call: &Call, tx: &Tx<'_>, out: &mut Out) -> Result<Next<()>> {
        Ok(match Command::look(self, call, tx)? {
            Next::Run => Next::Run,
            Next::Hash => Next::Hash,
            Next::Answer(reply) => Next::Answer(out.put(&reply)?),
        })
    }

    fn hash(&mut self, call: &Call, passwords: &mut Passwords) -> Result<()> {
        Command::hash(self, call, passwords)
    }

    fn run(&self, call: &Call, tx: &Tx<'_>, out: &mut Out) -> Result<()> {
        out.put(&Command::run(self, call, tx)?)
    }
}

/// A row of the table of commands.
pub struct Entry {
    /// The name on the wire.
    pub name: &'static str,
    /// Who may call it.
    pub class: Class,
    /// What it does.
    pub effect: Effect,
    /// Where the knowledge of it comes from.
    pub mark: Mark,
    /// The refusals it adds.
    pub refuses: &'static [Code],
    /// Its examples.
    pub examples: &'static [Example],
    /// Reads its fields.
    pub parse: fn(&Fields<'_>) -> Result<Box<dyn Request>, FieldError>,
    /// The schema of its fields.
    pub request: fn() -> schemars::Schema,
    /// The schema of its reply, as it is written: what is skipped at times is not required.
    pub reply: fn() -> schemars::Schema,
}

impl Entry {
    /// The row of one command.
    pub const fn of<C: Command>() -> Entry {
        Entry {
            name: C::NAME,
            class: C::CLASS,
            effect: C::EFFECT,
            mark: C::MARK,
            refuses: C::REFUSES,
            examples: C::EXAMPLES,
            parse: |fields| Ok(Box::new(fields.read::<C>()?)),
            request: || schemars::schema_for!(C),
            reply: || {
                let written = schemars::generate::SchemaSettings::default().for_serialize();
                written.into_generator().into_root_schema_for::<C::Reply>()
            },
        }
    }
}
