//! `getversion`: which program answers, and what it is compatible with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Shows the version of the program and of the API it is compatible with.
#[derive(Deserialize, JsonSchema)]
pub struct GetVersion {}

/// The versions.
#[derive(Serialize, JsonSchema)]
pub struct Versions {
    /// this program
    version: &'static str,
    /// the edition of the API that it is compatible with
    compatibility: String,
}

impl Command for GetVersion {
    const NAME: &'static str = "getversion";
    const CLASS: Class = Class::Public;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[Example {
        shows: "the versions",
        given: &[],
        call: "",
        reply: "<version>0.1.0</version><compatibility>4.7.1</compatibility>",
    }];
    type Reply = Versions;

    fn run(&self, call: &Call, _: &Tx<'_>) -> Result<Versions> {
        Ok(Versions { version: VERSION, compatibility: call.snapshot.server.reg_version.clone() })
    }
}
