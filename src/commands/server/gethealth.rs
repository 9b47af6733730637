//! `gethealth`: what the server says about itself when it is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::getversion::VERSION;
use crate::access::Class;
use crate::call::{Call, Health};
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::time::SECOND;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::statistics::COUNTED;

/// Shows the state of the server: whether it can write, what waits, and what was lost.
#[derive(Deserialize, JsonSchema)]
pub struct GetHealth {}

/// The state.
#[derive(Serialize, JsonSchema)]
pub struct State {
    /// this program
    version: &'static str,
    /// seconds since it was started
    uptime: i64,
    /// whether the last change could be written
    databasewritable: bool,
    /// changes that wait to be written
    changeswaiting: usize,
    /// passwords that wait to be hashed
    hasheswaiting: usize,
    /// mails of the provider that wait to be sent, of its newest 10000
    mailswaiting: i64,
    /// the database's write-ahead log in whole MiB; over 256 a reader hangs
    walsize: u64,
    /// calls that wait for the API log
    logwaiting: usize,
    /// calls that are not in the API log since the start, because it could not keep up
    logdropped: u64,
}

impl Command for GetHealth {
    const NAME: &'static str = "gethealth";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[Example {
        shows: "a server at rest",
        given: &[],
        call: "",
        reply: "<version>0.1.0</version><uptime>0</uptime><databasewritable>true</databasewritable>\
            <changeswaiting>0</changeswaiting><hasheswaiting>0</hasheswaiting><mailswaiting>0</mailswaiting>\
            <walsize>0</walsize><logwaiting>0</logwaiting><logdropped>0</logdropped>",
    }];
    type Reply = State;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<State> {
        // What was called just now is no queue yet.
        call.program.log().catch_up();
        let health = call.program.health();
        let Health {
            started, writable, changes_waiting, hashes_waiting, log_waiting, log_dropped, wal, ..
        } = health;
        Ok(State {
            version: VERSION,
            uptime: call.now.0.saturating_sub(started.0) / SECOND,
            databasewritable: writable,
            changeswaiting: changes_waiting,
            hasheswaiting: hashes_waiting,
            mailswaiting: tx.mails_waiting(call.provider.id, COUNTED)?,
            walsize: wal >> 20,
            logwaiting: log_waiting,
            logdropped: log_dropped,
        })
    }
}
